/**
 * The reactor: sockets and timers as the proxy sees them, whatever carries them.
 *
 *     bytes arrive ──► handler.onData(connection, memory, start, end) ──► returns how far it read
 *                                                                             │
 *              kept for later, delivered again in front of what comes next ◄──┘ (the rest)
 *
 * Two real bodies, `epoll.ts` (Linux, through `sys`) and `uv.ts` (`node:net`, anywhere); one suite,
 * `reactor.conformance.ts`, holds both to what is written here.
 *
 * What a newcomer gets wrong: `memory` is the worker's one receive buffer. Its bytes are the
 * handler's only until `onData` returns. The handler may change bytes inside [start, end) and in
 * the `HEADROOM` bytes before `start`, so that a head can be rewritten in place and sent in one
 * piece with the body behind it. Anything to keep must be copied, or left unread.
 */

/** Bytes before `start` that a handler may overwrite: room for a rewritten head. */
export const HEADROOM = 20_480;

/** Most bytes one `onData` can bring: what was kept plus one read. */
export const DATA_BYTES_MAX = 131_072;

/**
 * A promise, immediate or Node timer that a handler makes is looked at after this long at the most
 * while the reactor is busy, and at once when it is not.
 */
export const REENTRY_MS = 2;

/** A socket address: an IP literal and a port, or the path of a unix socket. */
export type Address =
  | { readonly kind: 'ip'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Names of what can go wrong with a socket, as in errno(3); 'UNKNOWN' when it has no name here. */
export type SocketError =
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EPIPE'
  | 'ETIMEDOUT'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EACCES'
  | 'ENOENT'
  | 'EMFILE'
  | 'UNKNOWN';

/** What a connection tells its user. Never called inside `connect`, `write`, `end` or `destroy`. */
export type ConnectionHandler = {
  /** The connection that `connect` began is made. Not called for accepted ones. */
  readonly onConnect: (connection: Connection) => void;
  /**
   * Bytes [start, end) of `memory` arrived, or were kept and are offered again after `resume`.
   *
   * @returns the offset up to which they are dealt with, `start` to `end`. What is left is kept and
   *   offered again in front of the next bytes, or after the next `resume` following a `pause`.
   *   Leaving bytes without pausing is for "I need more": offered again once there *is* more.
   */
  readonly onData: (
    connection: Connection,
    memory: Uint8Array,
    start: number,
    end: number,
  ) => number;
  /**
   * The other side will send nothing more. Bytes that were left unread are gone. We may still
   * write.
   */
  readonly onEnd: (connection: Connection) => void;
  /** After a `write` that returned false: everything accepted has left for the kernel. */
  readonly onDrain: (connection: Connection) => void;
  /**
   * Last call, exactly once for every connection. `error` is null after an orderly close from
   * both sides or after our own `destroy`.
   */
  readonly onClose: (connection: Connection, error: SocketError | null) => void;
};

export type Connection = {
  /** May be replaced at any time; an idle pooled connection has another one than a busy one. */
  handler: ConnectionHandler;
  /** The other side's IP without port; '' for unix sockets. */
  readonly remoteAddress: string;
  /** Our side's IP without port; '' for unix sockets and what is closed. Costs a call. */
  readonly localAddress: string;
  /** For the handler's own bookkeeping; the reactor never looks at it. */
  owner: unknown;
  /** False from `destroy`, or from just before `onClose`. Nothing may be written then. */
  readonly open: boolean;
  /**
   * Nothing has arrived that no callback has told of yet: neither bytes nor the end. `epoll` asks
   * the kernel, which costs a call; `uv` knows what Node has been told.
   */
  readonly quiet: boolean;
  /**
   * Sends bytes [start, end) of `memory`, all of them: what the kernel does not take at once is
   * copied and sent later.
   *
   * When the other side has reset the connection, what had arrived before is still told, and then
   * `onClose` with the error; at once where it is paused, as nobody then waits for an answer. No
   * `onDrain` comes any more. `uv` cannot: `node:net` destroys the socket, unread bytes and all.
   *
   * @returns false when something had to be copied: stop feeding until `onDrain`. Also false, and
   *   nothing is sent, once a write has failed.
   */
  write(memory: Uint8Array, start: number, end: number): boolean;
  /** Bytes accepted by `write` and not yet taken by the kernel. */
  readonly backlogBytes: number;
  /** Bytes that were left unread and are kept. */
  readonly unreadBytes: number;
  /** No `onData` and no `onEnd` until `resume`. Idempotent. */
  pause(): void;
  /** Offers again what was left unread, then new bytes. Takes effect after the current callback. */
  resume(): void;
  /** Half-close after what was written has gone. The connection closes once both sides ended. */
  end(): void;
  /**
   * Closes after what was written has gone, without waiting for the other side. Only where every
   * byte it sent has been read: else the kernel answers the rest with a reset, which may overtake
   * our last bytes (RFC 9112 9.6). `onClose(null)` follows.
   */
  finish(): void;
  /** Closes at once and forgets what was not sent. `onClose(null)` follows after this callback. */
  destroy(): void;
};

export type ListenOptions = {
  readonly address: Address;
  readonly backlog: number;
  /** Several workers may listen on one address; the kernel spreads connections over them. */
  readonly reusePort: boolean;
  /**
   * Also an address that this machine does not have, for when it does (IP_FREEBIND). `uv` cannot:
   * there it is `EADDRNOTAVAIL`.
   */
  readonly freeBind?: boolean;
};

export type Listener = {
  /** The port the kernel gave, when `port` was 0; 0 for unix sockets. */
  readonly port: number;
  /** While paused, connections wait in the kernel's queue. */
  pause(): void;
  resume(): void;
  close(): void;
};

/** A timer that is set, moved and cleared without allocation, many times per request. */
export type Timer = {
  /**
   * Calls back once, `delayMs` from now (up to `TIMER_SLACK_MS` late). Replaces an earlier
   * deadline.
   */
  set(delayMs: number): void;
  clear(): void;
};

/** How late a timer may fire: they guard against the dead, they do not pace. */
export const TIMER_SLACK_MS = 50;

export type Reactor = {
  readonly kind: 'epoll' | 'uv';
  /** Wall clock in ms since the epoch, read once per turn. */
  readonly nowMs: number;
  /** Milliseconds of a clock that never jumps, with fraction, read once per turn. */
  readonly monotonicMs: number;
  /**
   * @param onConnection must set the connection's handler before it returns
   * @returns the listener, or why not
   */
  listen(
    options: ListenOptions,
    onConnection: (connection: Connection) => void,
  ): Promise<Listener | SocketError>;
  /** Begins to connect. Failure comes as `onClose` with an error and without `onConnect`. */
  connect(address: Address, handler: ConnectionHandler): Connection;
  timer(callback: () => void): Timer;
  /** Closes every listener and connection, and lets the thread end. */
  stop(): void;
};
