/**
 * Writing and reading the octets of a message, most significant first.
 *
 * What a newcomer gets wrong: the reader is fed by whoever can send to the group. Reading past
 * the end, or text that could forge a line of a log, does not throw; it makes the reader `bad` for
 * good, and what it returned since means nothing. Ask once, at the end.
 */
import { assert } from '../util/assert.ts';
import { ipOctets, ipText } from '../util/ip.ts';

const TEXT_BYTES_MAX = 255;

export class OctetWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  uint(value: number, size: 1 | 2 | 4 | 8): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'numbers on the wire are whole');
    const at = this.#room(size);
    for (let i = size - 1; i >= 0; i--) {
      this.#bytes[at + i] = value % 256;
      value = Math.floor(value / 256);
    }
    assert(value === 0, 'numbers on the wire fit their field');
  }

  /** As much of it as fits, without cutting a character in two. */
  text(text: string): void {
    const buffer = new Uint8Array(TEXT_BYTES_MAX);
    const { written } = new TextEncoder().encodeInto(text, buffer);
    this.uint(written, 1);
    this.raw(buffer.subarray(0, written));
  }

  /** An IP literal, which the configuration has checked. */
  address(text: string): void {
    const octets = ipOctets(text);
    assert(octets !== null, 'addresses of the pool are IP literals');
    this.uint(octets.length, 1);
    this.raw(octets);
  }

  raw(bytes: Uint8Array): void {
    // First the room: it may move all that was written to a larger array.
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }
}

export class OctetReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  bad = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint(size: 1 | 2 | 4 | 8): number {
    let value = 0;
    for (const octet of this.raw(size)) value = value * 256 + octet;
    if (!Number.isSafeInteger(value)) this.bad = true;
    return this.bad ? 0 : value;
  }

  /** A number that is at most `max`: a count, or one of a closed set. */
  upTo(max: number, size: 1 | 2 | 4): number {
    const value = this.uint(size);
    if (value > max) this.bad = true;
    return this.bad ? 0 : value;
  }

  text(): string {
    const bytes = this.raw(this.uint(1));
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u.test(text)) this.bad = true;
      return this.bad ? '' : text;
    } catch {
      this.bad = true;
      return '';
    }
  }

  address(): string {
    const size = this.uint(1);
    if (size !== 4 && size !== 16) this.bad = true;
    const octets = this.raw(size);
    return this.bad ? '' : ipText(octets);
  }

  raw(size: number): Uint8Array {
    if (this.bad || this.#at + size > this.#bytes.length) {
      this.bad = true;
      return new Uint8Array();
    }
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#at);
  }

  /** `count` things, or as many as could be read. */
  list<T>(count: number, read: () => T): T[] {
    const things: T[] = [];
    for (let i = 0; i < count && !this.bad; i++) things.push(read());
    return things;
  }
}
