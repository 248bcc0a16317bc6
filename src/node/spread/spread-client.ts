/**
 * A session with a Spread daemon that comes back: connects, and when it is lost, connects again.
 *
 *     open ─► connecting ─► session ─► lost ─┐
 *                  ▲                         │ retryMs
 *                  └─────────────────────────┘
 *
 * What a newcomer gets wrong: a new session is in no group. Whoever uses this joins at `connected`,
 * each time. A name is still taken for a moment after its session has ended (code -6), and that is
 * one more reason to try again later and no other one.
 */
import net from 'node:net';
import { ClientSession, type Multicast, type Request } from '../../core/spread/client-session.ts';
import { CODE } from '../../core/spread/constants.ts';
import { type DaemonAddress, parseDaemon } from '../../core/spread/daemon-address.ts';
import type { SpreadEvent } from '../../core/spread/session-events.ts';

export type SpreadClientOptions = {
  /** As SP_connect takes it (core/spread/daemon-address.ts). */
  readonly daemon: string;
  /** At most 10 characters; empty: the daemon makes one up. */
  readonly user: string;
  /** From the loss of a session to the next attempt. */
  readonly retryMs: number;
};

/** A daemon in which the whole machine is busy answers late, but not that late. */
const HANDSHAKE_MS = 5_000;

/** A daemon that does not read is one that does not run: libspread would wait for ever. */
const BACKLOG_BYTES_MAX = 16_777_216;

export class SpreadClient {
  readonly #options: SpreadClientOptions;
  readonly #onEvent: (event: SpreadEvent) => void;
  #link: Link | null = null;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param onEvent may call any method, `close` included */
  constructor(options: SpreadClientOptions, onEvent: (event: SpreadEvent) => void) {
    this.#options = options;
    this.#onEvent = onEvent;
  }

  /** Empty while there is no session. */
  get privateName(): string {
    return this.#link?.session.privateName ?? '';
  }

  /** Begins to try. What comes of it comes as events, never before this returns. */
  open(): void {
    if (this.#closed || this.#link !== null) return;
    clearTimeout(this.#retry);
    const { daemon, user } = this.#options;
    this.#link = new Link(daemon, user, (event) => {
      if (this.#closed) return;
      if (event.kind === 'lost') {
        this.#link = null;
        this.#retry = setTimeout(() => this.open(), this.#options.retryMs);
      }
      this.#onEvent(event);
    });
  }

  /** @returns 0, or the code of what is wrong with it; what it leads to comes as events */
  join(group: string): number {
    return this.#send((session) => session.join(group));
  }

  /** @returns as `join` does */
  leave(group: string): number {
    return this.#send((session) => session.leave(group));
  }

  /** @returns as `join` does */
  multicast(message: Multicast): number {
    return this.#send((session) => session.multicast(message));
  }

  /** Ends the session, with no event, and tries for another one, as after a loss. */
  reconnect(): void {
    if (this.#closed) return;
    this.#link?.quit();
    this.#link = null;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), this.#options.retryMs);
  }

  /** For ever. No event follows. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#link?.quit();
    this.#link = null;
  }

  #send(request: (session: ClientSession) => Request): number {
    const link = this.#link;
    return link === null ? CODE.illegalSession : link.send(request(link.session));
  }
}

/** Whether anything that speaks the protocol is there: null, or why not. */
export function probeSpread(daemon: string, patienceMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const session = new ClientSession({ user: '', membership: false });
    const address = parseDaemon(daemon);
    if (address === null) return resolve(`"${daemon}" is no daemon's address`);
    const socket = connect(address);
    const end = (reason: string | null): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(reason);
    };
    const patience = setTimeout(() => end(`it said nothing for ${patienceMs} ms`), patienceMs);
    socket.on('connect', () => socket.write(session.begin()));
    socket.on('data', (chunk: Buffer) => {
      // Its methods, or a code of its own: either way it is a daemon.
      if (session.receive(chunk).length > 0) end(null);
    });
    socket.on('error', (error) => end(codeOf(error)));
    socket.on('close', () => end('it closes the connection'));
  });
}

/** One connection, from its beginning to its `lost`. */
class Link {
  readonly session: ClientSession;
  readonly #socket: net.Socket | null = null;
  readonly #onEvent: (event: SpreadEvent) => void;
  readonly #patience: NodeJS.Timeout | undefined;
  #over = false;

  constructor(daemon: string, user: string, onEvent: (event: SpreadEvent) => void) {
    this.session = new ClientSession({ user, membership: true });
    this.#onEvent = onEvent;
    const address = parseDaemon(daemon);
    if (address === null) {
      const reason = `"${daemon}" is no daemon's address`;
      setImmediate(() => this.#lose(CODE.illegalSpread, reason));
      return;
    }
    const socket = connect(address);
    this.#socket = socket;
    this.#patience = setTimeout(
      () => this.#lose(CODE.couldNotConnect, 'the daemon does not answer'),
      HANDSHAKE_MS,
    );
    socket.on('connect', () => socket.write(this.session.begin()));
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => {
      // To libspread a session that breaks is one that is closed.
      const isOpen = this.session.privateName !== '';
      const code = isOpen ? CODE.connectionClosed : CODE.couldNotConnect;
      this.#lose(code, codeOf(error));
    });
    socket.on('close', () => this.#lose(CODE.connectionClosed, 'the daemon closed the connection'));
  }

  send(request: Request): number {
    if ('code' in request) return request.code;
    if (this.#over || this.#socket === null) return CODE.illegalSession;
    this.#socket.write(request.bytes);
    if (this.#socket.writableLength > BACKLOG_BYTES_MAX) {
      // Not from within: whoever sends is not ready to hear of it.
      setImmediate(() => this.#lose(CODE.netError, 'the daemon does not read'));
    }
    return 0;
  }

  /** No event after this. */
  quit(): void {
    if (!this.#over) {
      this.send(this.session.quit());
      this.#socket?.destroySoon();
    }
    this.#finish();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#over) return;
    for (const effect of this.session.receive(chunk)) {
      if (effect.kind === 'write') this.#socket?.write(effect.bytes);
      else if (effect.event.kind === 'lost') this.#lose(effect.event.code, effect.event.reason);
      else this.#tell(effect.event);
      if (this.#over) return;
    }
  }

  #tell(event: SpreadEvent): void {
    if (event.kind === 'connected') clearTimeout(this.#patience);
    this.#onEvent(event);
  }

  #lose(code: number, reason: string): void {
    if (this.#over) return;
    this.#finish();
    this.#socket?.destroy();
    this.#onEvent({ kind: 'lost', code, reason });
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#patience);
  }
}

function connect(address: DaemonAddress): net.Socket {
  if (address.kind === 'unix') return net.connect({ path: address.path });
  const { host, port } = address;
  // Spread knows no IPv6 names; a literal of it is one all the same.
  const family = host.includes(':') ? 6 : 4;
  return net.connect({ host, port, family, noDelay: true, keepAlive: true });
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
