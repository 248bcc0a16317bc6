/**
 * Reading and writing the fields of a datagram: whole numbers, most significant byte first, names.
 *
 * What a newcomer gets wrong: the reader never throws. Past the end, or with a value that cannot
 * be, it returns zero and remembers that it `failed`; whoever decodes looks once, at the end, and
 * nothing that was read counts before. So loops are bounded by the counts they read: check those.
 */

/** IP and UDP headers off the largest datagram there can be. */
export const DATAGRAM_BYTES_MAX = 65_507;

/** In UTF-8. */
export const NAME_BYTES_MAX = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8');

/** A name as it stands in every datagram, encoded once. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export class Writer {
  readonly #bytes = new Uint8Array(DATAGRAM_BYTES_MAX);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = 0;

  begin(): void {
    this.#at = 0;
  }

  u8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  u48(value: number): void {
    this.#view.setUint16(this.#at, Math.floor(value / 2 ** 32));
    this.#view.setUint32(this.#at + 2, value % 2 ** 32);
    this.#at += 6;
  }

  text(value: string): void {
    const into = this.#bytes.subarray(this.#at + 1, this.#at + 1 + NAME_BYTES_MAX);
    const { written } = encoder.encodeInto(value, into);
    this.u8(written);
    this.#at += written;
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** A copy. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** A copy, with the checksum of all of it put into the four bytes at `checksumAt`. */
  finish(checksumAt: number): Uint8Array {
    this.#view.setUint32(checksumAt, 0);
    this.#view.setUint32(checksumAt, checksum(this.#bytes, this.#at, checksumAt));
    return this.#bytes.slice(0, this.#at);
  }
}

export class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  failed = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Read to the last byte, and nothing was wrong. */
  get complete(): boolean {
    return !this.failed && this.#at === this.bytes.length;
  }

  u8(): number {
    return this.#room(1) ? this.#view.getUint8(this.#at - 1) : 0;
  }

  u32(): number {
    return this.#room(4) ? this.#view.getUint32(this.#at - 4) : 0;
  }

  u48(): number {
    if (!this.#room(6)) return 0;
    return this.#view.getUint16(this.#at - 6) * 2 ** 32 + this.#view.getUint32(this.#at - 4);
  }

  /**
   * An epoch, a clock, a stamp: things that are counted up from what the others say. Far below the
   * end of the field, so that counting on from the largest one still fits.
   */
  ordinal(): number {
    const value = this.u48();
    if (value < 2 ** 47) return value;
    this.failed = true;
    return 0;
  }

  /** A count of things to follow: `failed`, and zero, when it is above `max`. */
  count(max: number): number {
    const count = this.u8();
    if (count <= max) return count;
    this.failed = true;
    return 0;
  }

  /** Names go to logs and pages, where a line break could forge a line. */
  text(): string {
    const size = this.count(NAME_BYTES_MAX);
    if (!this.#room(size)) return '';
    const text = decoder.decode(this.bytes.subarray(this.#at - size, this.#at));
    if (/[\uFFFD\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u.test(text)) this.failed = true;
    return text;
  }

  /** Whether the same bytes stand here. */
  same(expected: Uint8Array): boolean {
    if (!this.#room(expected.length)) return false;
    const start = this.#at - expected.length;
    for (let i = 0; i < expected.length; i++) {
      if (this.bytes[start + i] !== expected[i]) return false;
    }
    return true;
  }

  /**
   * All that is left. A copy, as the driver reads the next datagram into the same memory: not by
   * `slice`, which is none where it is a Buffer.
   */
  rest(): Uint8Array {
    const rest = new Uint8Array(this.bytes.subarray(this.#at));
    this.#at = this.bytes.length;
    return rest;
  }

  #room(size: number): boolean {
    if (this.failed || this.#at + size > this.bytes.length) {
      this.failed = true;
      return false;
    }
    this.#at += size;
    return true;
  }
}

/**
 * FNV-1a over words of four bytes, the one at `checksumAt` left out; the last word is filled up
 * with zeros. Every step can be undone, so two datagrams that differ in one word never have the
 * same.
 *
 * A cluster without a secret has no seal around its datagrams, and UDP's 16 bits let one damaged
 * datagram in some ten thousand pass: one of them could look like the end of a member.
 */
export function checksum(bytes: Uint8Array, length: number, checksumAt: number): number {
  let hash = 0x811c9dc5 ^ length;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    if (i === checksumAt) continue;
    const word = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
    hash = Math.imul(hash ^ word, 0x01000193);
  }
  let last = 0;
  for (let i = whole; i < length; i++) last = (last << 8) | bytes[i]!;
  return Math.imul(hash ^ last, 0x01000193) >>> 0;
}
