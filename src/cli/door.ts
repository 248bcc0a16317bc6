/**
 * Where a command speaks to a node: its control socket on this machine, or its address with the
 * cluster's secret.
 *
 *     forehand status                                      the only node of this machine
 *     forehand status --control /run/forehand/www1.sock    that one
 *     forehand status --node http://192.168.10.11 --secret-file secret
 *
 * What a newcomer gets wrong: from the network a node can be told something only with the secret,
 * and it can be asked without only below its status zone (`--node http://www1/backhand/`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { Command } from 'commander';
import { NODES_PREFIX } from '../core/report/api-path.ts';
import { SIGNATURE_FIELD, sign } from '../node/admin/signature.ts';

/** As `src/node/control.ts` has it; here too, so that asking does not load a node. */
const CONTROL_DIRECTORY = '/run/forehand';

export type DoorOptions = {
  readonly control?: string;
  readonly node?: string;
  readonly secretFile?: string;
};

/** What a node answers, or why it does not. */
export type Answered =
  | { readonly status: number; readonly body: string }
  | { readonly error: string };

export function addDoorOptions(command: Command): Command {
  return command
    .option('--control <socket>', 'the control socket of the node')
    .option('--node <url>', 'a node elsewhere, http://address[:port]')
    .option('--secret-file <file>', "the cluster's secret, for --node");
}

type DoorParts = {
  readonly name: string;
  readonly to: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  /** Before `/api/...`. */
  readonly base: string;
  readonly secret: string | null;
};

export function openDoor(options: DoorOptions): Door | { readonly error: string } {
  if (options.node !== undefined) return networkDoor(options.node, options.secretFile);
  const found = socketOf(options.control);
  if ('error' in found) return found;
  const name = `the node at ${found.path}`;
  return new Door({ name, to: { socketPath: found.path }, base: '', secret: null });
}

export class Door {
  /** For messages: whom we speak to. */
  readonly name: string;
  readonly #to: DoorParts['to'];
  readonly #base: string;
  readonly #secret: string | null;

  constructor({ name, to, base, secret }: DoorParts) {
    this.name = name;
    this.#to = to;
    this.#base = base;
    this.#secret = secret;
  }

  /** @param path below the API: `api/node` */
  ask(path: string, method = 'GET', body = ''): Promise<Answered> {
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        resolve({ error: `${this.name} does not answer (${error.code ?? error.message})` });
      };
      const asking = this.#request(path, method, body);
      asking.on('error', failed);
      asking.on('response', (response: IncomingMessage) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('error', failed);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      asking.end(body);
    });
  }

  /**
   * Reads server-sent events until the signal or the other end.
   *
   * @returns why it ended, null: the signal
   */
  follow(
    path: string,
    signal: AbortSignal,
    onEvent: (event: string, data: string) => void,
  ): Promise<string | null> {
    return new Promise((resolve) => {
      const asking = this.#request(path, 'GET', '');
      signal.addEventListener('abort', () => {
        resolve(null);
        asking.destroy();
      });
      const lost = (): void => resolve(`${this.name} has gone`);
      asking.on('error', lost);
      asking.on('response', (response: IncomingMessage) => {
        if (response.statusCode !== 200) resolve(`${this.name} answers ${response.statusCode}`);
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          const events = text.split('\n\n');
          text = events.pop() ?? '';
          for (const one of events) tell(one, onEvent);
        });
        response.on('error', lost);
        response.on('end', lost);
      });
      asking.end();
    });
  }

  #request(name: string, method: string, body: string) {
    const path = `${this.#base}/${name}`;
    const headers =
      this.#secret === null
        ? {}
        : { [SIGNATURE_FIELD]: sign(this.#secret, { method, path, body }, Date.now()) };
    return request({ ...this.#to, method, path, headers });
  }
}

function tell(text: string, onEvent: (event: string, data: string) => void): void {
  const fields = Object.fromEntries(
    text.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const { event, data } = fields;
  if (event !== undefined && data !== undefined) onEvent(event, data);
}

function networkDoor(
  text: string,
  secretFile: string | undefined,
): Door | { readonly error: string } {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url?.protocol !== 'http:') return { error: `"${text}" is not of the form http://host:port` };
  let secret: string | null = null;
  try {
    if (secretFile !== undefined) secret = readFileSync(secretFile, 'utf8').trim();
  } catch (error) {
    return { error: `cannot read ${secretFile}: ${(error as NodeJS.ErrnoException).code}` };
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const to = { host, port: Number(url.port === '' ? 80 : url.port) };
  const path = url.pathname.replace(/\/+$/, '');
  return new Door({ name: url.host, to, base: path === '' ? NODES_PREFIX : path, secret });
}

/** @param path the socket; undefined: the only one there is */
export function socketOf(path: string | undefined): { path: string } | { error: string } {
  if (path !== undefined) return { path };
  let names: string[] = [];
  try {
    names = readdirSync(CONTROL_DIRECTORY).filter((name) => name.endsWith('.sock'));
  } catch {
    // Then there is none.
  }
  const [only] = names;
  if (only === undefined) {
    return { error: `no node runs here (nothing in ${CONTROL_DIRECTORY}); see --control, --node` };
  }
  if (names.length === 1) return { path: join(CONTROL_DIRECTORY, only) };
  const list = names.map((name) => `--control ${join(CONTROL_DIRECTORY, name)}`).join('\n  ');
  return { error: `several nodes run here; say which:\n  ${list}` };
}
