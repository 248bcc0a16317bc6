/**
 * Messages between a thread that must not wait and one that may: through the kernel.
 *
 *     main thread                            thread with a DescriptorLoop
 *     openChannel() ── farFd, workerData ──► FarEnd
 *     channel.send() ───── socket pair ────► onMessage
 *     onMessage ◄────────────────────────── send()
 *
 * Why not a MessagePort: who posts wakes the receiver while holding the port's lock. A receiver of
 * higher priority then runs at once, on the sender's processor, and waits for a lock whose holder
 * it has just driven away; on a busy machine for as long as others of ordinary priority like to
 * run. Measured with twelve nodes on two processors: up to 98 ms, several times for each change of
 * view (docs/decisions/0010). The kernel holds nothing while it wakes somebody.
 *
 * What a newcomer gets wrong: descriptors are the process's. Both ends are closed by the thread
 * that opened them, when the other one has ended.
 */
import net from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { Errno, pin } from '../sys/libc.ts';
import { close, read, socketPair, writeBytes } from '../sys/socket.ts';
import type { DescriptorLoop } from './descriptor-loop.ts';

/** Before each message, its bytes: 32 bits, big-endian. */
const LENGTH_BYTES = 4;

/** Read at once. */
const CHUNK_BYTES = 65_536;

/** When the other side has not read for long, and the kernel takes no more. */
const AGAIN_MS = 2;

export type Channel = {
  /** For the other thread. */
  readonly farFd: number;
  /** Anything that can be cloned (`v8.serialize`). */
  send(message: unknown): void;
  /** Both ends. Only when the other thread has ended, or knows that nothing follows. */
  close(): void;
};

/**
 * For a thread that runs Node's loop.
 *
 * @throws when the process has no descriptors left
 */
export function openChannel(onMessage: (message: unknown) => void): Channel {
  const pair = socketPair();
  if (typeof pair === 'number') throw new Error(`socketpair: errno ${-pair}`);
  const [nearFd, farFd] = pair;
  const socket = new net.Socket({ fd: nearFd, readable: true, writable: true });
  const frames = new Frames(onMessage);
  socket.on('data', (chunk: Buffer) => frames.take(chunk));
  // The other end is ours as well: it is closed when nobody is there to read any more.
  socket.on('error', () => {});
  // The other thread keeps the process running, as long as it runs.
  socket.unref();
  let closed = false;
  return {
    farFd,
    send(message) {
      if (!closed) socket.write(frameOf(message));
    },
    close() {
      if (closed) return;
      closed = true;
      socket.destroy();
      close(farFd);
    },
  };
}

/** For the thread that must not wait. */
export class FarEnd {
  readonly #fd: number;
  readonly #buffer = pin(CHUNK_BYTES);
  readonly #frames: Frames;
  readonly #loop: DescriptorLoop;
  /** What the kernel did not take. */
  readonly #waiting: Uint8Array[] = [];
  #retry: NodeJS.Timeout | undefined;

  constructor(fd: number, loop: DescriptorLoop, onMessage: (message: unknown) => void) {
    this.#fd = fd;
    this.#loop = loop;
    this.#frames = new Frames(onMessage);
    loop.watch(fd, () => this.#read());
  }

  send(message: unknown): void {
    this.#waiting.push(frameOf(message));
    // What waits goes first.
    if (this.#waiting.length === 1) this.#flush();
  }

  /** Nothing is heard any more; what waits is lost. */
  close(): void {
    this.#loop.unwatch(this.#fd);
    clearTimeout(this.#retry);
    this.#waiting.length = 0;
  }

  #read(): boolean {
    const size = read(this.#fd, this.#buffer.address, CHUNK_BYTES);
    // The end: nobody will say anything. Left watched it would wake us for ever.
    if (size === 0) this.#loop.unwatch(this.#fd);
    if (size <= 0) return false;
    this.#frames.take(this.#buffer.bytes.slice(0, size));
    return size === CHUNK_BYTES;
  }

  #flush(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const sent = writeBytes(this.#fd, next);
      if (sent === -Errno.EAGAIN) {
        this.#retry = setTimeout(() => this.#flush(), AGAIN_MS);
        return;
      }
      if (sent === next.length) this.#waiting.shift();
      else if (sent > 0) this.#waiting[0] = next.subarray(sent);
      else {
        this.#waiting.length = 0;
        return;
      }
    }
  }
}

/** Cuts a stream into messages. */
class Frames {
  readonly #onMessage: (message: unknown) => void;
  #left: Uint8Array = new Uint8Array(0);

  constructor(onMessage: (message: unknown) => void) {
    this.#onMessage = onMessage;
  }

  /** @param chunk kept, if a message is not whole yet */
  take(chunk: Uint8Array): void {
    let bytes = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk]);
    while (bytes.length >= LENGTH_BYTES) {
      const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
      if (bytes.length < LENGTH_BYTES + size) break;
      const body = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + size);
      bytes = bytes.subarray(LENGTH_BYTES + size);
      this.#left = bytes;
      this.#onMessage(deserialize(body));
    }
    this.#left = bytes;
  }
}

function frameOf(message: unknown): Uint8Array {
  const body = serialize(message);
  const frame = new Uint8Array(LENGTH_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, LENGTH_BYTES);
  return frame;
}
