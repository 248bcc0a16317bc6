/**
 * One stream socket under the `uv` reactor: `node:net` made to keep the contract of `reactor.ts`.
 *
 * What a newcomer gets wrong: Node emits from inside some of its calls and later from others. Here
 * a handler is only ever called from an event, and what `resume` owes is put off by a microtask.
 */
import type { Socket } from 'node:net';
import type { Connection, ConnectionHandler, SocketError } from './reactor.ts';
import { HEADROOM } from './reactor.ts';
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
  #finishing = false;
  #drainOwed = false;
  /** Left unread by the handler, offered again in front of what comes. */
  #kept: Uint8Array = NOTHING;

  constructor(socket: Socket, memory: Uint8Array, handler: ConnectionHandler) {
    this.#socket = socket;
    this.#memory = memory;
    this.handler = handler;
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
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

  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  get unreadBytes(): number {
    return this.#kept.length;
  }

  connected(): void {
    if (this.open) this.handler.onConnect(this);
  }

  write(memory: Uint8Array, start: number, end: number): boolean {
    if (!this.open || this.#finishing || start === end) return this.open;
    // A copy, as Node writes when it likes and the bytes are ours only until we return.
    this.#socket.write(memory.slice(start, end), () => this.#written());
    if (this.#socket.writableLength === 0) return true;
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
    if (!this.open) return;
    const kept = this.#kept;
    const memory = this.#memory;
    memory.set(kept, HEADROOM);
    memory.set(chunk, HEADROOM + kept.length);
    const end = HEADROOM + kept.length + chunk.length;
    this.#kept = NOTHING;
    if (this.#paused) {
      // Node emits what it had read already; it stays ours until we are resumed.
      this.#kept = memory.slice(HEADROOM, end);
      return;
    }
    const used = this.handler.onData(this, memory, HEADROOM, end);
    if (this.open && used < end) this.#kept = memory.slice(used, end);
  }

  #endReads(): void {
    this.#ended = true;
    if (!this.open || this.#paused) return;
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
