/**
 * One stream socket under the epoll reactor.
 *
 *                    connect ok             end() / peer's end
 *     connecting ───────────────► open ───────────────────────► half closed ──► closed
 *          └──── error ─────────────┴──── error, destroy() ──────────┴────────────►┘
 *
 * A failed write is not yet the end: what had arrived before it is read first (`afterReads`).
 *
 * What a newcomer gets wrong: the socket is watched edge-triggered, so the kernel tells us *once*
 * that there is something to read. `#readable` remembers it until a read finds nothing more;
 * whoever stops reading (a pause, a full turn) must come back to it by itself.
 *
 * Invariant: no handler is called from inside `write`, `end`, `finish`, `destroy` or `resume`; what
 * they cause is put on the reactor's list and happens after the current callback.
 */
import { assert } from '../core/util/assert.ts';
import { ipText } from '../core/util/ip.ts';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../sys/epoll.ts';
import { Errno } from '../sys/libc.ts';
import {
  acceptedAddress,
  close,
  Family,
  localName,
  peek,
  pendingError,
  read,
  shutdownWrite,
  write,
  writeBytes,
} from '../sys/socket.ts';
import { BLOCK_BYTES, type Block, type BlockPool } from './block-pool.ts';
import type { Connection, ConnectionHandler, SocketError } from './reactor.ts';
import { DATA_BYTES_MAX, HEADROOM } from './reactor.ts';
import { socketError } from './socket-error.ts';

/** What a connection needs of its reactor. */
export type ConnectionHost = {
  /** The worker's receive buffer: `HEADROOM`, then `DATA_BYTES_MAX`. */
  readonly memory: Uint8Array;
  /** Where `memory[offset]` lies, for the kernel. */
  addressOf(offset: number): bigint;
  readonly blocks: BlockPool;
  /** Calls `connection.settle()` after the current callback. */
  later(connection: EpollConnection): void;
  /** Asks for readability *and* writability from now on. */
  watchWrites(connection: EpollConnection): void;
  forget(connection: EpollConnection): void;
};

/**
 * Most bytes per read. Larger reads save calls for large bodies until they fall out of the second
 * level cache; measured with 1 MB answers on the two-core machine, see docs/benchmarks.md.
 */
const READ_BYTES_MAX = 131_072;

/** `afterReads`: a write has failed, and what had arrived by then is still told. */
const Closing = { no: 0, afterWrites: 1, afterReads: 2, now: 3 } as const;

export class EpollConnection implements Connection {
  readonly fd: number;
  handler: ConnectionHandler;
  readonly remoteAddress: string;
  owner: unknown = null;
  open = true;
  /** On the reactor's list already. */
  pending = false;

  readonly #host: ConnectionHost;
  #connecting: boolean;
  #paused = false;
  #readable = false;
  /** The kernel has said that the peer ended; the bytes before that may still be unread. */
  #hangup = false;
  #readEnded = false;
  #endWanted = false;
  #writeEnded = false;
  #watchingWrites: boolean;
  #closing: number = Closing.no;
  #error: SocketError | null = null;
  /** Negated, of the write that failed; 0 before. */
  #writeErrno = 0;
  #drainOwed = false;
  /** Left unread by the handler, offered again in front of what comes. */
  #kept: Block | null = null;
  #offerKept = false;
  /** Accepted by `write`, not yet taken by the kernel; in order. */
  readonly #backlog: Block[] = [];
  backlogBytes = 0;

  constructor(
    host: ConnectionHost,
    socket: { fd: number; remoteAddress: string; connecting: boolean },
    handler: ConnectionHandler,
  ) {
    this.#host = host;
    this.fd = socket.fd;
    this.remoteAddress = socket.remoteAddress;
    this.#connecting = socket.connecting;
    this.#watchingWrites = socket.connecting;
    this.handler = handler;
  }

  get unreadBytes(): number {
    return this.#kept === null ? 0 : this.#kept.end - this.#kept.start;
  }

  get localAddress(): string {
    return this.open && localName(this.fd) >= 0 ? localText() : '';
  }

  get quiet(): boolean {
    return this.open && this.unreadBytes === 0 && peek(this.fd) === -Errno.EAGAIN;
  }

  /** Called by the reactor with what epoll said. */
  onReady(events: number): void {
    if (!this.open) return;
    if (this.#connecting) {
      this.#finishConnect();
      if (!this.open || this.#connecting) return;
    } else if ((events & EPOLLOUT) !== 0 && this.backlogBytes > 0) {
      this.#flush();
      if (!this.open) return;
    }
    // An error is met by reading: `read` reports it, after the bytes that came before it.
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) === 0) return;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) !== 0) this.#hangup = true;
    this.#readable = true;
    if (!this.#paused) this.#read();
  }

  /** Does what was put off: reads on, offers kept bytes, reports a drain, closes. */
  settle(): void {
    this.pending = false;
    if (this.#closing === Closing.now) {
      this.#close();
      return;
    }
    if (this.#drainOwed && this.backlogBytes === 0) {
      this.#drainOwed = false;
      if (this.open) this.handler.onDrain(this);
    }
    if (this.open && !this.#paused) {
      if (this.#offerKept) this.#offer();
      else if (this.#readable) this.#read();
    }
  }

  write(memory: Uint8Array, start: number, end: number): boolean {
    if (!this.open || this.#closing !== Closing.no || start === end) {
      return this.open && this.#closing !== Closing.afterReads;
    }
    let sent = 0;
    if (this.backlogBytes === 0 && !this.#connecting) {
      sent = this.#send(memory, start, end);
      if (sent === end - start) return true;
      if (sent < 0) return false;
    }
    this.#keepForLater(memory, start + sent, end);
    return false;
  }

  pause(): void {
    this.#paused = true;
    if (this.#closing === Closing.afterReads) this.#fail(this.#writeErrno);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#offerKept = this.#kept !== null;
    if (this.#offerKept || this.#readable) this.#host.later(this);
  }

  end(): void {
    this.#endWanted = true;
    if (this.backlogBytes === 0 && !this.#connecting) this.#endWrites();
  }

  finish(): void {
    if (this.backlogBytes === 0 && !this.#connecting) this.destroy();
    else if (this.#closing === Closing.no) this.#closing = Closing.afterWrites;
  }

  destroy(): void {
    if (!this.open) return;
    this.open = false;
    this.#closing = Closing.now;
    this.#host.later(this);
  }

  /** For a connection that could not even begin. */
  failLater(error: SocketError): void {
    if (!this.open) return;
    this.#error = error;
    this.destroy();
  }

  #fail(errno: number): void {
    this.failLater(socketError(errno));
  }

  #finishConnect(): void {
    const error = pendingError(this.fd);
    if (error !== 0) {
      this.#fail(error);
      return;
    }
    this.#connecting = false;
    this.handler.onConnect(this);
    if (this.open && this.backlogBytes > 0) this.#flush();
    else if (this.#endWanted) this.#endWrites();
  }

  #read(): void {
    const host = this.#host;
    const { memory } = host;
    const kept = this.unreadBytes;
    const from = HEADROOM + kept;
    const room = Math.min(READ_BYTES_MAX, DATA_BYTES_MAX - kept);
    // A read of nothing would look like the end.
    assert(room > 0, 'a handler that leaves a full buffer unread pauses');
    const size = read(this.fd, host.addressOf(from), room);
    if (size > 0) {
      // A short read has emptied the socket (epoll(7), Q9); only a known end still waits behind it.
      if (size < room && !this.#hangup) this.#readable = false;
      if (kept > 0) this.#unkeep(memory);
      this.#deliver(memory, from + size);
    } else if (size === 0 && this.#endIsTrue()) {
      this.#readable = false;
      this.#endReads();
    } else if (size === -Errno.EAGAIN && this.#closing !== Closing.afterReads) {
      this.#readable = false;
    } else {
      this.#fail(this.#closing === Closing.afterReads ? this.#writeErrno : size);
    }
  }

  /**
   * A failed write takes the socket's error away with it, and reading then seems to meet an end.
   * There was one only if the write said EPIPE: what Linux says of a reset behind an end.
   */
  #endIsTrue(): boolean {
    return this.#writeErrno === 0 || this.#writeErrno === -Errno.EPIPE;
  }

  /** Offers bytes up to `end` of the shared buffer, and keeps what the handler leaves. */
  #deliver(memory: Uint8Array, end: number): void {
    const used = this.handler.onData(this, memory, HEADROOM, end);
    if (!this.open) return;
    if (used < end) this.#kept = this.#host.blocks.copy(memory, used, end);
    if (this.#readable && !this.#paused) this.#host.later(this);
  }

  #offer(): void {
    this.#offerKept = false;
    const { memory } = this.#host;
    const size = this.unreadBytes;
    this.#unkeep(memory);
    this.#deliver(memory, HEADROOM + size);
  }

  /** Puts kept bytes back to the front of the shared buffer. */
  #unkeep(memory: Uint8Array): void {
    const block = this.#kept!;
    this.#kept = null;
    this.#offerKept = false;
    memory.set(block.pinned.bytes.subarray(block.start, block.end), HEADROOM);
    this.#host.blocks.give(block);
  }

  #endReads(): void {
    if (this.#readEnded) return;
    this.#readEnded = true;
    if (this.#kept !== null) {
      this.#host.blocks.give(this.#kept);
      this.#kept = null;
      this.#offerKept = false;
    }
    this.handler.onEnd(this);
    if (!this.open) return;
    if (this.#closing === Closing.afterReads) this.#fail(this.#writeErrno);
    else if (this.#writeEnded) this.destroy();
  }

  #endWrites(): void {
    if (this.#writeEnded || !this.open) return;
    this.#writeEnded = true;
    shutdownWrite(this.fd);
    if (this.#readEnded) this.destroy();
  }

  /** @returns bytes taken; -1 when it failed, which `onClose` reports after what had arrived. */
  #send(memory: Uint8Array, start: number, end: number): number {
    const host = this.#host;
    const sent =
      memory === host.memory
        ? write(this.fd, host.addressOf(start), end - start)
        : writeBytes(this.fd, memory.subarray(start, end));
    if (sent >= 0) return sent;
    if (sent === -Errno.EAGAIN || sent === -Errno.ENOBUFS) return 0;
    this.#failWrites(sent);
    return -1;
  }

  /**
   * The other side takes no more, but may have said why: a server that refuses a body answers and
   * closes. Linux hands out what has arrived before it reports the error (net/ipv4/tcp.c).
   */
  #failWrites(errno: number): void {
    this.#dropBacklog();
    this.#drainOwed = false;
    if (this.#paused || this.#readEnded || this.#closing === Closing.afterWrites) {
      this.#fail(errno);
      return;
    }
    this.#closing = Closing.afterReads;
    this.#writeErrno = errno;
    this.#hangup = true;
    this.#readable = true;
    this.#host.later(this);
  }

  #dropBacklog(): void {
    for (const block of this.#backlog) this.#host.blocks.give(block);
    this.#backlog.length = 0;
    this.backlogBytes = 0;
  }

  #keepForLater(memory: Uint8Array, start: number, end: number): void {
    this.backlogBytes += end - start;
    this.#drainOwed = true;
    const { blocks } = this.#host;
    for (let at = start; at < end; at += BLOCK_BYTES) {
      this.#backlog.push(blocks.copy(memory, at, Math.min(end, at + BLOCK_BYTES)));
    }
    if (this.#watchingWrites) return;
    // From the first short write on; the edge that says "there is room again" then always comes.
    this.#watchingWrites = true;
    this.#host.watchWrites(this);
  }

  #flush(): void {
    const backlog = this.#backlog;
    let done = 0;
    for (const block of backlog) {
      const size = block.end - block.start;
      const sent = write(this.fd, block.pinned.address + BigInt(block.start), size);
      if (sent < 0 && sent !== -Errno.EAGAIN && sent !== -Errno.ENOBUFS) {
        backlog.splice(0, done);
        this.#failWrites(sent);
        return;
      }
      const taken = Math.max(0, sent);
      block.start += taken;
      this.backlogBytes -= taken;
      if (taken < size) break;
      this.#host.blocks.give(block);
      done++;
    }
    backlog.splice(0, done);
    if (this.backlogBytes > 0 || !this.open) return;
    if (this.#closing === Closing.afterWrites) this.destroy();
    else if (this.#endWanted) this.#endWrites();
    if (this.#drainOwed) this.#host.later(this);
  }

  #close(): void {
    this.#closing = Closing.no;
    this.#dropBacklog();
    if (this.#kept !== null) this.#host.blocks.give(this.#kept);
    this.#kept = null;
    this.#host.forget(this);
    if (this.fd >= 0) close(this.fd);
    this.handler.onClose(this, this.#error);
  }
}

/** The IP address of the `sockaddr` that the kernel has filled in last. */
function localText(): string {
  const view = acceptedAddress();
  const family = view.getUint16(0, true);
  if (family === Family.unix) return '';
  const [at, length] = family === Family.inet6 ? [8, 16] : [4, 4];
  return ipText(new Uint8Array(view.buffer, at, length));
}
