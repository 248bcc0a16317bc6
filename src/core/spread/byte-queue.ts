/**
 * Bytes as they come from a stream, taken as they are needed.
 *
 * What a newcomer gets wrong: what `take` gives is a view of the chunk it came in, where it lies in
 * one, and no copy. A stream that reads each chunk into new memory (`node:net` does) may hand it
 * over so; whoever keeps a small piece for long keeps the whole chunk.
 */
const NOTHING = new Uint8Array(0);

/** A sender of single bytes would otherwise cost some 100 bytes for each of them. */
const CHUNKS_MAX = 64;

export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that are taken. */
  #taken = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#chunks.length > CHUNKS_MAX) this.#gather();
  }

  /** Null, and nothing taken, when there are not so many yet. */
  take(count: number): Uint8Array | null {
    const bytes = this.peek(count);
    if (bytes !== null) this.#drop(count);
    return bytes;
  }

  /** The next ones, which stay. */
  peek(count: number): Uint8Array | null {
    if (count > this.#length) return null;
    if (count === 0) return NOTHING;
    const first = this.#chunks[0]!;
    if (first.length - this.#taken >= count) {
      return first.subarray(this.#taken, this.#taken + count);
    }
    const bytes = new Uint8Array(count);
    let filled = 0;
    for (let i = 0; filled < count; i++) {
      const rest = i === 0 ? first.subarray(this.#taken) : this.#chunks[i]!;
      const part = rest.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }

  #gather(): void {
    const whole = this.peek(this.#length)!;
    this.#chunks.splice(0, this.#chunks.length, whole);
    this.#taken = 0;
  }

  #drop(count: number): void {
    this.#length -= count;
    this.#taken += count;
    let whole = 0;
    while (whole < this.#chunks.length && this.#taken >= this.#chunks[whole]!.length) {
      this.#taken -= this.#chunks[whole]!.length;
      whole++;
    }
    if (whole > 0) this.#chunks.splice(0, whole);
  }
}
