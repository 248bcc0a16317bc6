/**
 * One stream socket under the `uv` reactor: `node:net` made to keep the contract of `reactor.ts`.
 *
 * What a newcomer gets wrong: Node emits from inside some of its calls and later from others. Here
 * a handler is only ever called from an event, and what `resume` owes is put off by a microtask.
 */
import type { Socket } from 'node:net';
import { assert } from '../core/util/assert.ts';
import type { Connection, ConnectionHandler, SocketError } from './reactor.ts';
import { DATA_BYTES_MAX, HEADROOM } from './reactor.ts';
import { errorOf } from './uv-error.ts';

const NOTHING = new Uint8Array(0);

export class UvConnection implements Connection {
  handler: ConnectionHandler;
  readonly remoteAddress: string;
  owner: unknown = null;
  open = true;
  readonly #socket: Socket;
  readonly #memory: Uint8Array;
  #error: SocketError | null = null;
  #paused = false;
  #ended = false;
  #endTold = false;
  #finishing = false;
  #drainOwed = false;
  /** Left unread by the handler, offered again in front of what comes. */
  #kept: Uint8Array = NOTHING;

  constructor(
    socket: Socket,
    memory: Uint8Array,
    { handler, remoteAddress }: { handler: ConnectionHandler; remoteAddress: string },
  ) {
    this.#socket = socket;
    this.#memory = memory;
    this.handler = handler;
    this.remoteAddress = withoutMapping(remoteAddress);
    socket.on('data', (chunk: Buffer) => this.#offer(chunk));
    socket.on('end', () => this.#endReads());
    socket.on('error', (error) => {
      if (this.open) this.#error = errorOf(error);
    });
    socket.once('close', () => {
      this.open = false;
      this.handler.onClose(this, this.#error);
    });
    // An accepted one comes paused, so that nothing is read before it has a handler.
    queueMicrotask(() => {
      if (this.open && !this.#paused) socket.resume();
    });
  }

  get localAddress(): string {
    return withoutMapping(this.#socket.localAddress ?? '');
  }

  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  get unreadBytes(): number {
    return this.#kept.length;
  }

  get quiet(): boolean {
    const { readableEnded, readableLength } = this.#socket;
    return this.open && !readableEnded && readableLength === 0 && this.#kept.length === 0;
  }

  connected(): void {
    if (this.open) this.handler.onConnect(this);
  }

  write(memory: Uint8Array, start: number, end: number): boolean {
    if (!this.open || this.#finishing || start === end) return this.open;
    // A copy, as Node writes when it likes and the bytes are ours only until we return. Not by
    // `memory.slice`, which for a Buffer is a view.
    this.#socket.write(Uint8Array.from(memory.subarray(start, end)), () => this.#written());
    // Nothing is left of a socket whose write has failed, either.
    if (this.#socket.writableLength === 0) return this.#socket.errored === null;
    this.#drainOwed = true;
    return false;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    queueMicrotask(() => {
      if (!this.open || this.#paused) return;
      if (this.#kept.length > 0) this.#offer(NOTHING);
      if (!this.open || this.#paused) return;
      // The end was met while paused, and kept bytes came before it.
      if (this.#ended) this.#endReads();
      else this.#socket.resume();
    });
  }

  end(): void {
    if (this.open) this.#socket.end();
  }

  finish(): void {
    if (!this.open) return;
    if (this.#socket.writableLength === 0) this.destroy();
    this.#finishing = true;
  }

  destroy(): void {
    if (!this.open) return;
    this.open = false;
    this.#socket.destroy();
  }

  /** Offers what was kept and `chunk` behind it, in the worker's one buffer. */
  #offer(chunk: Uint8Array): void {
    let rest = this.#kept.length === 0 ? chunk : joined(this.#kept, chunk);
    this.#kept = NOTHING;
    // Node emits what it had read already also when paused; it stays ours until we are resumed.
    while (this.open && !this.#paused && rest.length > 0) {
      const size = Math.min(rest.length, DATA_BYTES_MAX);
      this.#memory.set(rest.subarray(0, size), HEADROOM);
      const used = this.handler.onData(this, this.#memory, HEADROOM, HEADROOM + size) - HEADROOM;
      const shown = size === rest.length;
      rest = rest.subarray(used);
      if (shown) break;
      assert(used > 0 || this.#paused, 'a handler that leaves a full buffer unread pauses');
    }
    if (this.open && rest.length > 0) this.#kept = Uint8Array.from(rest);
  }

  #endReads(): void {
    this.#ended = true;
    if (!this.open || this.#paused || this.#endTold) return;
    this.#endTold = true;
    this.#kept = NOTHING;
    this.handler.onEnd(this);
  }

  #written(): void {
    if (this.#socket.writableLength > 0) return;
    if (this.#finishing) this.destroy();
    if (!this.#drainOwed) return;
    this.#drainOwed = false;
    if (this.open) this.handler.onDrain(this);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** IPv4 on a socket that listens for both: `::ffff:10.0.0.1`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
