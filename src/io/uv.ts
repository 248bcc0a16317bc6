/**
 * The reactor on `node:net`: the same contract as `epoll.ts`, anywhere Node runs.
 *
 * What a newcomer gets wrong: Node hands out a new buffer for every read and keeps a reference to
 * every buffer written, while our contract has one receive buffer that is used again at once. So
 * bytes are copied on the way in and on the way out; that, and Node's streams, is what it costs.
 */
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import type {
  Address,
  Connection,
  ConnectionHandler,
  Listener,
  ListenOptions,
  Reactor,
  SocketError,
  Timer,
} from './reactor.ts';
import { DATA_BYTES_MAX, HEADROOM, TIMER_SLACK_MS } from './reactor.ts';
import { TimerWheel } from './timer-wheel.ts';
import { unsetHandler } from './unset-handler.ts';
import { UvConnection } from './uv-connection.ts';
import { errorOf } from './uv-error.ts';

export class UvReactor implements Reactor {
  readonly kind = 'uv';
  readonly memory = new Uint8Array(HEADROOM + DATA_BYTES_MAX);
  readonly #connections = new Set<UvConnection>();
  readonly #servers = new Set<Server>();
  readonly #wheel = new TimerWheel(performance.now());
  #ticking: NodeJS.Timeout | null = null;

  get nowMs(): number {
    return Date.now();
  }

  get monotonicMs(): number {
    return performance.now();
  }

  listen(
    { address, backlog, reusePort }: ListenOptions,
    onConnection: (connection: Connection) => void,
  ): Promise<Listener | SocketError> {
    const listener = new UvListener((socket) => {
      const remoteAddress = socket.remoteAddress ?? '';
      onConnection(this.#adopt(socket, { handler: unsetHandler, remoteAddress }));
    });
    const { server } = listener;
    this.#servers.add(server);
    server.once('close', () => this.#servers.delete(server));
    return new Promise((resolve) => {
      server.once('error', (error) => {
        this.#servers.delete(server);
        resolve(errorOf(error));
      });
      server.once('listening', () => {
        // From here on an error is of one connection that did not come about.
        server.removeAllListeners('error').on('error', () => {});
        resolve(listener);
      });
      if (address.kind === 'unix') server.listen({ path: address.path, backlog });
      else server.listen({ host: address.host, port: address.port, backlog, reusePort });
    });
  }

  connect(address: Address, handler: ConnectionHandler): Connection {
    const allowHalfOpen = true;
    const socket =
      address.kind === 'unix'
        ? netConnect({ path: address.path, allowHalfOpen })
        : netConnect({ host: address.host, port: address.port, allowHalfOpen, noDelay: true });
    const remoteAddress = address.kind === 'ip' ? address.host : '';
    const connection = this.#adopt(socket, { handler, remoteAddress });
    socket.once('connect', () => connection.connected());
    return connection;
  }

  timer(callback: () => void): Timer {
    const timer = this.#wheel.timer(callback);
    return {
      set: (delayMs) => {
        this.#wheel.nowMs = performance.now();
        timer.set(delayMs);
        this.#ticking ??= setTimeout(() => this.#tick(), TIMER_SLACK_MS / 2);
      },
      clear: () => timer.clear(),
    };
  }

  stop(): void {
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.destroy();
    if (this.#ticking !== null) clearTimeout(this.#ticking);
    this.#ticking = null;
  }

  #tick(): void {
    this.#wheel.advance(performance.now());
    const idle = this.#wheel.idleMs() < 0;
    this.#ticking = idle ? null : setTimeout(() => this.#tick(), TIMER_SLACK_MS / 2);
  }

  #adopt(
    socket: Socket,
    facts: { handler: ConnectionHandler; remoteAddress: string },
  ): UvConnection {
    const connection = new UvConnection(socket, this.memory, facts);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    return connection;
  }
}

/**
 * `node:net` cannot stop accepting, so a paused listener keeps what it accepted and hands it over
 * when it is resumed. For clients that is the same: they are connected and nobody answers.
 */
class UvListener implements Listener {
  readonly server: Server;
  #paused = false;
  readonly #waiting: Socket[] = [];
  readonly #accepted: (socket: Socket) => void;

  constructor(accepted: (socket: Socket) => void) {
    this.#accepted = accepted;
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    this.server = createServer(options, (socket) => {
      if (this.#paused) this.#waiting.push(socket);
      else accepted(socket);
    });
  }

  get port(): number {
    const address = this.server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const socket of this.#waiting.splice(0)) this.#accepted(socket);
  }

  close(): void {
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    this.server.close();
  }
}
