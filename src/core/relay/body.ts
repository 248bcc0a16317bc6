/**
 * How much of what arrives belongs to the body of the message under way, in either direction.
 *
 * One object lives as long as its connection. It never holds a byte: it counts them past.
 */
import { ChunkedDecoder } from '../http1/chunked.ts';
import { Framing } from '../http1/head.ts';

export class Body {
  framing: Framing = Framing.none;
  /** Every byte of the body has been seen. Never true by itself for `untilClose`. */
  done = true;
  /** The chunked coding is broken; nothing more may be passed on. */
  bad = false;
  /** Bytes seen, framing included. */
  bytes = 0;
  #left = 0;
  #chunked: ChunkedDecoder | null = null;

  begin(framing: Framing, contentLength: number): void {
    this.framing = framing;
    this.bad = false;
    this.bytes = 0;
    this.#left = contentLength;
    this.done = framing === Framing.none || (framing === Framing.length && contentLength === 0);
    if (framing !== Framing.chunked) return;
    // Most connections never see a chunk, so most never have a decoder.
    this.#chunked ??= new ChunkedDecoder();
    this.#chunked.reset();
  }

  /** @returns the offset up to which [start, end) belongs to the body; sets `done` or `bad`. */
  take(memory: Uint8Array, start: number, end: number): number {
    const to = this.#take(memory, start, end);
    this.bytes += to - start;
    return to;
  }

  #take(memory: Uint8Array, start: number, end: number): number {
    if (this.done || this.bad) return start;
    if (this.framing === Framing.untilClose) return end;
    if (this.framing === Framing.length) {
      const to = Math.min(end, start + this.#left);
      this.#left -= to - start;
      this.done = this.#left === 0;
      return to;
    }
    const decoder = this.#chunked!;
    const to = decoder.push(memory, start, end);
    this.done = decoder.done;
    this.bad = decoder.error !== null;
    return to;
  }

  /**
   * The same for a client that knows no chunks: moves the data in [start, end) together at `start`.
   *
   * @returns `to` as `take` does, and `dataEnd`, up to which there is data now
   */
  takeData(memory: Uint8Array, start: number, end: number): { to: number; dataEnd: number } {
    const decoder = this.#chunked!;
    let at = start;
    let dataEnd = start;
    while (at < end && !decoder.done && decoder.error === null) {
      at = decoder.nextData(memory, at, end);
      memory.copyWithin(dataEnd, decoder.dataStart, decoder.dataEnd);
      dataEnd += decoder.dataEnd - decoder.dataStart;
    }
    this.bytes += at - start;
    this.done = decoder.done;
    this.bad = decoder.error !== null;
    return { to: at, dataEnd };
  }
}
