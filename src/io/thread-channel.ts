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
 *
 * A message is JSON, and behind it the bytes that are in it; `v8.serialize` would make Buffers
 * (`udp-socket.ts`). So what JSON does not know, as Infinity and Map, arrives as something else.
 *
 *     | size of all the rest | size of the JSON | JSON, `{"$bytes":[0,3]}` for bytes | bytes |
 */
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { pin } from '../sys/libc.ts';
import { close, read, socketPair, writeBytes } from '../sys/socket.ts';
import type { DescriptorLoop } from './descriptor-loop.ts';

/** Each size: 32 bits, big-endian. */
const SIZE_BYTES = 4;

/** Read at once. */
const CHUNK_BYTES = 65_536;

/** When the other side has not read for long, and the kernel takes no more. */
const AGAIN_MS = 2;

export type Channel = {
  /** For the other thread. */
  readonly farFd: number;
  send(message: object): void;
  /** Both ends, when the other thread has ended. What it had said is heard before. */
  close(): void;
};

/** For a thread that runs Node's loop. @returns the channel, or why there is none: `EMFILE` */
export function openChannel(onMessage: (message: unknown) => void): Channel | string {
  const pair = socketPair();
  if (typeof pair === 'number') return getSystemErrorName(pair);
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
      const last = pin(CHUNK_BYTES);
      for (;;) {
        const size = read(nearFd, last.address, CHUNK_BYTES);
        if (size <= 0) break;
        frames.take(last.bytes.slice(0, size));
      }
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

  send(message: object): void {
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
      if (sent === next.length) this.#waiting.shift();
      else if (sent > 0) this.#waiting[0] = next.subarray(sent);
      else {
        // Full, or no memory just now. That nobody is there any more cannot be: see above.
        this.#retry = setTimeout(() => this.#flush(), AGAIN_MS);
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
    let bytes = joined(this.#left, chunk);
    while (bytes.length >= SIZE_BYTES) {
      const end = SIZE_BYTES + sizeAt(bytes, 0);
      if (bytes.length < end) break;
      const body = bytes.subarray(SIZE_BYTES, end);
      bytes = bytes.subarray(end);
      this.#left = bytes;
      this.#onMessage(messageOf(body));
    }
    this.#left = bytes;
  }
}

/** Without Buffers, as above. */
function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function sizeAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function frameOf(message: object): Uint8Array {
  const parts: Uint8Array[] = [];
  let tailBytes = 0;
  const text = JSON.stringify(message, function (this: Record<string, unknown>, key, value) {
    // Before `Buffer.toJSON` had its way.
    const own = this[key];
    if (!(own instanceof Uint8Array)) return value;
    parts.push(own);
    tailBytes += own.length;
    return { $bytes: [tailBytes - own.length, tailBytes] };
  });
  const json = encoder.encode(text);
  const frame = new Uint8Array(2 * SIZE_BYTES + json.length + tailBytes);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length - SIZE_BYTES);
  view.setUint32(SIZE_BYTES, json.length);
  frame.set(json, 2 * SIZE_BYTES);
  let at = 2 * SIZE_BYTES + json.length;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** @param body as behind its size. What is returned shares its memory. */
function messageOf(body: Uint8Array): unknown {
  const end = SIZE_BYTES + sizeAt(body, 0);
  const tailAt = body.byteOffset + end;
  const text = decoder.decode(body.subarray(SIZE_BYTES, end));
  return JSON.parse(text, (_, value: { $bytes?: [number, number] } | null) => {
    const place = value?.$bytes;
    if (place === undefined) return value;
    return new Uint8Array(body.buffer, tailAt + place[0], place[1] - place[0]);
  });
}
