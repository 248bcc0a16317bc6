/**
 * The socket through which a running node is asked and told: HTTP on a unix socket.
 *
 *     GET  /status     how it is, as JSON
 *     POST /drain      others take over what is held here; answers when they have
 *     POST /undrain    it takes part again
 *     POST /reload     it goes by its files as they are now, or says what is wrong with them
 *          /api/...    everything else (admin/admin-api.ts)
 *
 *     a byte of 0 to 2: what `wackatrl` says (wackatrl.ts)
 *
 * What a newcomer gets wrong: who may use it is decided by the file's mode, 0600, and by nothing
 * else. A socket file that a dead node left behind is replaced; one that answers is not.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import net from 'node:net';
import { dirname } from 'node:path';
import type { ReloadAnswer } from '../core/report/reload-answer.ts';
import { clearSocketPath } from './socket-path.ts';
import { isWackatrl, serveWackatrl, type WackatrlActions } from './wackatrl.ts';

/** Where nodes are found when nobody says otherwise. */
export const CONTROL_DIRECTORY = '/run/forehand';

export function defaultControlPath(nodeName: string): string {
  return `${CONTROL_DIRECTORY}/${nodeName.replaceAll('/', '_')}.sock`;
}

const CALLS = 'GET /status, POST /drain, POST /undrain, POST /reload';

export type ControlActions = {
  /** Anything that JSON can say. */
  readonly status: () => Promise<unknown>;
  readonly drain: (on: boolean) => Promise<void>;
  readonly reload: () => Promise<ReloadAnswer>;
  /** Whatever is below /api/. */
  readonly admin: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly wackatrl: WackatrlActions;
};

export class Control {
  readonly #actions: ControlActions;
  readonly #doors = new Map<string, Door>();

  constructor(actions: ControlActions) {
    this.#actions = actions;
  }

  /**
   * Answers at these paths, and at no other any more. What is being answered is answered.
   *
   * @returns why it cannot, for each path that cannot be had
   */
  async open(paths: readonly string[]): Promise<readonly string[]> {
    for (const [path, { door }] of this.#doors) {
      if (paths.includes(path)) continue;
      door.close();
      rmSync(path, { force: true });
      this.#doors.delete(path);
    }
    const problems: string[] = [];
    for (const path of paths) {
      if (this.#doors.has(path)) continue;
      const opened = openDoor(this.#actions);
      const problem = await listen(opened.door, path);
      if (problem === null) this.#doors.set(path, opened);
      else problems.push(`no control at ${path}: ${problem}`);
    }
    return problems;
  }

  close(): void {
    for (const [path, { door, http, open }] of this.#doors) {
      door.close();
      http.closeAllConnections();
      for (const socket of open) socket.destroy();
      rmSync(path, { force: true });
    }
  }
}

/** What listens at a path, and who speaks HTTP there. */
type Door = {
  readonly door: net.Server;
  readonly http: Server;
  readonly open: Set<net.Socket>;
};

function openDoor(actions: ControlActions): Door {
  const http = createServer((request, response) => {
    answer(request, response, actions).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  const open = new Set<net.Socket>();
  const door = net.createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      const chunk: Buffer | null = socket.read();
      const first = chunk?.[0];
      if (chunk !== null) socket.unshift(chunk);
      if (isWackatrl(first)) void serveWackatrl(socket, actions.wackatrl);
      else if (isMethod(first)) http.emit('connection', socket);
      else socket.destroy();
    });
  });
  return { door, http, open };
}

/** Methods of HTTP are words in capitals. */
function isMethod(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, drain, reload, admin }: ControlActions,
): Promise<void> {
  const { method, url } = request;
  if (url?.startsWith('/api/')) return admin(request, response);
  const say = (code: number, value: unknown): void => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(value)}\n`);
  };
  switch (`${method} ${url}`) {
    case 'GET /status':
      return say(200, await status());
    case 'POST /drain':
    case 'POST /undrain':
      await drain(url === '/drain');
      return say(200, await status());
    case 'POST /reload': {
      const done = await reload();
      return say(done.ok ? 200 : 409, done);
    }
    default:
      return say(404, { error: `${CALLS}, or the API below /api/` });
  }
}

/** @returns null once it listens, or why it cannot */
async function listen(server: net.Server, path: string): Promise<string | null> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  } catch (error) {
    return codeOf(error);
  }
  const taken = await clearSocketPath(path);
  if (taken !== null) return taken;
  return new Promise((resolve) => {
    // After the start, too: an accept that fails is tried again by the next client.
    server.on('error', (error) => resolve(codeOf(error)));
    server.listen({ path }, () => {
      try {
        chmodSync(path, 0o600);
        resolve(null);
      } catch (error) {
        server.close();
        resolve(codeOf(error));
      }
    });
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
