/**
 * A node on loopback with an application, and clients that keep it busy while it reloads.
 *
 * What a newcomer gets wrong: clients and application run in the test's own process, so what they
 * count is what really arrived. Only the node is a process of its own.
 */
import { ok } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** Of RFC 6455 1.3. */
const WEBSOCKET_KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CLOSE = 8;

export type Answer = {
  readonly status: number;
  readonly connection: string | null;
  readonly body: string;
};

export class Rig {
  readonly directory = mkdtempSync(join(tmpdir(), 'forehand-reload-'));
  readonly config = join(this.directory, 'forehand.config.ts');
  readonly control = join(this.directory, 'control.sock');
  readonly application: Server;
  #child: ChildProcess | null = null;
  #output = '';

  constructor() {
    this.application = createServer((incoming, response) => {
      const delayMs = Number(incoming.headers['x-delay'] ?? 0);
      incoming.resume().on('end', () => {
        setTimeout(() => response.end(`served ${incoming.url}`), delayMs);
      });
    });
    this.application.on('upgrade', echo);
    this.application.keepAliveTimeout = 60_000;
  }

  async begin(): Promise<void> {
    this.application.listen(0, '127.0.0.1');
    await once(this.application, 'listening');
  }

  get applicationPort(): number {
    return (this.application.address() as AddressInfo).port;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get output(): string {
    return this.#output;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  async start(): Promise<void> {
    const flags = ['--disable-warning=ExperimentalWarning'];
    const args = [...flags, 'bin/forehand.ts', 'run', '--node', 'web1', this.config];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (piece) => {
        this.#output += String(piece);
      });
    }
    await this.said(/ serves at /);
  }

  /** Resolves once the node has said it since `from`. */
  async said(pattern: RegExp, from = 0): Promise<void> {
    for (let tries = 0; tries < 1_500; tries++) {
      if (pattern.test(this.#output.slice(from))) return;
      ok(this.#child?.exitCode === null, `the node has ended: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`not said: ${pattern} in ${this.#output.slice(from)}`);
  }

  /** As `forehand reload` asks for it. */
  async reload<T>(): Promise<T> {
    const asking = request({ socketPath: this.control, method: 'POST', path: '/reload' }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return JSON.parse(await textOf(response)) as T;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child!.kill(signal);
  }

  /** @returns exit code and signal */
  async ended(): Promise<readonly [number | null, NodeJS.Signals | null]> {
    const child = this.#child!;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return [child.exitCode, child.signalCode];
  }

  /** Resident memory of the node, all its threads, in MB. */
  get residentMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
  }

  async end(): Promise<void> {
    this.#child?.kill('SIGKILL');
    this.application.closeAllConnections();
    this.application.close();
    rmSync(this.directory, { recursive: true });
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createNetServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

export type Question = {
  readonly port: number;
  readonly path: string;
  readonly agent: Agent;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export function ask({ body = '', headers = {}, ...rest }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(body.length) };
    const asking = request({ host: '127.0.0.1', ...rest, headers: { ...headers, ...length } });
    asking.on('error', reject);
    asking.on('response', (response) => {
      const { statusCode = 0, headers: given } = response;
      textOf(response).then((text) => {
        resolve({ status: statusCode, connection: given.connection ?? null, body: text });
      }, reject);
    });
    asking.end(body);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += String(piece);
  return text;
}

/** Clients that ask one after the other until told to stop, each on a connection of its own. */
export class Load {
  asked = 0;
  /** The longest that an answer was waited for. */
  slowestMs = 0;
  readonly failures: string[] = [];
  #running = true;
  readonly #clients: Promise<void>[];

  constructor(port: number, clients: number) {
    this.#clients = Array.from({ length: clients }, (_, index) => this.#client(port, index));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
  }

  async #client(port: number, index: number): Promise<void> {
    // One in four connects anew for each request.
    const agent = new Agent({ keepAlive: index % 4 !== 0, maxSockets: 1 });
    while (this.#running) {
      const method = index % 3 === 0 ? 'POST' : 'GET';
      const path = `/shop/${index}/${this.asked++}`;
      const body = method === 'POST' ? 'x'.repeat(300) : '';
      const beganMs = performance.now();
      try {
        const answer = await ask({ port, path, agent, method, body });
        this.slowestMs = Math.max(this.slowestMs, performance.now() - beganMs);
        const good = answer.status === 200 && answer.body === `served ${path}`;
        if (!good) this.failures.push(`${method} ${path}: ${answer.status} ${answer.body}`);
      } catch (error) {
        this.failures.push(`${method} ${path}: ${String(error)}`);
      }
    }
    agent.destroy();
  }
}

/** Says back what a WebSocket says; frames below 126 bytes are enough here. */
function echo(incoming: IncomingMessage, socket: Socket): void {
  const key = `${incoming.headers['sec-websocket-key']}${WEBSOCKET_KEY}`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.on('error', () => {}).on('end', () => socket.end());
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('data', (frame: Buffer) => {
    const length = frame[1]! & 0x7f;
    const mask = frame.subarray(2, 6);
    const text = frame.subarray(6, 6 + length).map((octet, at) => octet ^ mask[at % 4]!);
    const reply = Buffer.concat([Buffer.from([frame[0]!, length]), text]);
    // Who has said goodbye waits for the server to hang up (RFC 6455 7.1.1).
    if ((frame[0]! & 0x0f) === CLOSE) socket.end(reply);
    else socket.write(reply);
  });
}

export class Talk {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async with(url: string): Promise<Talk> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no WebSocket at ${url}`));
    });
    return new Talk(socket);
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** @returns what comes back */
  say(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#socket.onmessage = ({ data }) => resolve(String(data));
      this.#socket.onclose = () => reject(new Error('the WebSocket was closed'));
      this.#socket.send(text);
    });
  }

  close(): void {
    this.#socket.onclose = null;
    this.#socket.close();
  }
}
