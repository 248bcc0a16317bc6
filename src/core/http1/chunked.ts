/**
 * Where a chunked body ends, and what of it is data (RFC 9112 7.1).
 *
 *     size ─► (extension) ─► sizeFeed ─► data ─► dataCr ─► dataFeed ─► size ...
 *                               └─ size 0 ─► trailers ─► done
 *
 * The relay passes a chunked body on as it came, chunk by chunk as it was cut by its sender, once
 * this decoder has found nothing wrong: `push`. For a client of HTTP/1.0, which knows no chunks,
 * `nextData` gives the data alone.
 *
 * What a newcomer gets wrong: bytes behind `push`'s result are not ours. They begin the next
 * message.
 */
import { CR, HEX_VALUE, LF } from './bytes.ts';
import { ChunkExtension } from './chunk-extension.ts';
import { type TrailerFault, TrailerScan } from './trailers.ts';

const SEMICOLON = 0x3b;

/** 13 hexadecimal digits stay below 2^53, where numbers are exact. */
const SIZE_DIGITS_MAX = 13;

/** Longest extension of one chunk: known uses (signatures) take about 100 bytes. */
export const EXTENSION_BYTES_MAX = 256;

/** Extensions of all chunks together: else a body of nothing but them would be work without end. */
export const EXTENSION_BYTES_TOTAL_MAX = 16_384;

const State = {
  sizeStart: 0,
  size: 1,
  extension: 2,
  sizeFeed: 3,
  data: 4,
  dataCr: 5,
  dataFeed: 6,
  trailers: 7,
  done: 8,
} as const;

/**
 * Codes of what can be wrong. In a request they are answered 400; in a response the answer is void.
 */
export type ChunkedError =
  | 'CHUNKED_BAD_SIZE'
  | 'CHUNKED_SIZE_TOO_LARGE'
  | 'CHUNKED_BAD_EXTENSION'
  | 'CHUNKED_EXTENSION_TOO_LARGE'
  | 'CHUNKED_BAD_LINE_END'
  | 'CHUNKED_BAD_DATA_END'
  | TrailerFault;

export const CHUNKED_ERRORS: { readonly [Code in ChunkedError]: string } = {
  CHUNKED_BAD_SIZE: 'A chunk does not begin with its size in hexadecimal digits.',
  CHUNKED_SIZE_TOO_LARGE: 'A chunk says that it is larger than any chunk could be.',
  CHUNKED_BAD_EXTENSION: 'What follows a chunk size is neither a line end nor an extension.',
  CHUNKED_EXTENSION_TOO_LARGE: 'Chunk extensions are longer than the limit.',
  CHUNKED_BAD_LINE_END: 'The line of a chunk size does not end in CR and LF together.',
  CHUNKED_BAD_DATA_END: 'The data of a chunk is longer or shorter than its size.',
  CHUNKED_BAD_TRAILER: 'A trailer line is not a field line.',
  CHUNKED_FORBIDDEN_TRAILER: 'A trailer carries a field that may only stand in the head.',
  CHUNKED_TRAILERS_TOO_LARGE: 'The trailers are longer than the limit.',
};

export class ChunkedDecoder {
  error: ChunkedError | null = null;
  /** Bytes of data seen so far, without framing. */
  dataBytes = 0;
  /** The data that the last `nextData` found; empty when the two are equal. */
  dataStart = 0;
  dataEnd = 0;

  #state: number = State.sizeStart;
  /** While the size is read, its value so far; then the bytes of data still to come. */
  #chunkBytes = 0;
  #sizeDigits = 0;
  #extensionBytes = 0;
  #extensionBytesTotal = 0;
  readonly #extension = new ChunkExtension();
  readonly #trailers = new TrailerScan();

  /** The body, trailers and blank line included, ended where the last call stopped. */
  get done(): boolean {
    return this.#state === State.done;
  }

  reset(): void {
    this.error = null;
    this.dataBytes = 0;
    this.dataStart = 0;
    this.dataEnd = 0;
    this.#state = State.sizeStart;
    this.#chunkBytes = 0;
    this.#sizeDigits = 0;
    this.#extensionBytes = 0;
    this.#extensionBytesTotal = 0;
    this.#trailers.reset();
  }

  /**
   * Reads [start, end) and returns the offset up to which the body reaches: `end` while it goes on,
   * less when it is done, or the offending byte when `error` is set.
   */
  push(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.error === null && !this.done) at = this.nextData(bytes, at, end);
    return at;
  }

  /**
   * Reads [start, end) up to behind the first run of data in it, [dataStart, dataEnd), and returns
   * the offset to go on from. Empty data means that there was none up to there: the bytes are used
   * up, or the body is done, or wrong.
   */
  nextData(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    this.dataStart = this.dataEnd = at;
    while (at < end && this.error === null && !this.done) {
      if (this.#state === State.data) {
        this.dataStart = at;
        this.dataEnd = at = Math.min(end, at + this.#chunkBytes);
        this.#take(at - this.dataStart);
        return at;
      }
      if (this.#state === State.trailers) {
        at = this.#trailers.push(bytes, at, end);
        this.error = this.#trailers.fault;
        if (this.#trailers.done) this.#state = State.done;
      } else {
        this.error = this.#readFraming(bytes[at]!);
        if (this.error === null) at++;
      }
    }
    this.dataStart = this.dataEnd = at;
    return at;
  }

  #take(count: number): void {
    this.dataBytes += count;
    this.#chunkBytes -= count;
    if (this.#chunkBytes === 0) this.#state = State.dataCr;
  }

  #readFraming(byte: number): ChunkedError | null {
    switch (this.#state) {
      case State.sizeStart:
        if (HEX_VALUE[byte] === 255) return 'CHUNKED_BAD_SIZE';
        this.#state = State.size;
        this.#chunkBytes = HEX_VALUE[byte]!;
        this.#sizeDigits = 1;
        return null;
      case State.size:
        return this.#readSize(byte);
      case State.extension:
        return this.#readExtension(byte);
      case State.sizeFeed:
        if (byte !== LF) return 'CHUNKED_BAD_LINE_END';
        this.#state = this.#chunkBytes === 0 ? State.trailers : State.data;
        return null;
      case State.dataCr:
        this.#state = State.dataFeed;
        return byte === CR ? null : 'CHUNKED_BAD_DATA_END';
      default:
        this.#state = State.sizeStart;
        return byte === LF ? null : 'CHUNKED_BAD_DATA_END';
    }
  }

  #readSize(byte: number): ChunkedError | null {
    const digit = HEX_VALUE[byte]!;
    if (digit !== 255) {
      if (this.#sizeDigits === SIZE_DIGITS_MAX) return 'CHUNKED_SIZE_TOO_LARGE';
      this.#sizeDigits++;
      this.#chunkBytes = this.#chunkBytes * 16 + digit;
      return null;
    }
    if (byte === CR) {
      this.#state = State.sizeFeed;
      return null;
    }
    if (byte !== SEMICOLON) return byte === LF ? 'CHUNKED_BAD_LINE_END' : 'CHUNKED_BAD_EXTENSION';
    this.#state = State.extension;
    this.#extension.begin();
    this.#extensionBytes = 0;
    return this.#countExtension();
  }

  #readExtension(byte: number): ChunkedError | null {
    if (byte === CR) {
      this.#state = State.sizeFeed;
      return this.#extension.whole ? null : 'CHUNKED_BAD_EXTENSION';
    }
    if (byte === LF) return 'CHUNKED_BAD_LINE_END';
    return this.#extension.read(byte) ? this.#countExtension() : 'CHUNKED_BAD_EXTENSION';
  }

  #countExtension(): ChunkedError | null {
    this.#extensionBytes++;
    this.#extensionBytesTotal++;
    const fits =
      this.#extensionBytes <= EXTENSION_BYTES_MAX &&
      this.#extensionBytesTotal <= EXTENSION_BYTES_TOTAL_MAX;
    return fits ? null : 'CHUNKED_EXTENSION_TOO_LARGE';
  }
}
