/**
 * Where a field value ends, four bytes at a look: nearly all bytes of a head are values.
 *
 * A byte loop takes about 1.3 ns for each byte, which for a browser's head is more than the rest of
 * the parser. What a newcomer gets wrong: a word's address must be a multiple of four, and the
 * bytes may be a window that begins anywhere in their buffer, so words and bytes do not count from
 * the same place (`Words.shift`).
 */
import { HTAB, SP } from './bytes.ts';

const DEL = 0x7f;
const SIGNS = 0x8080_8080;
const ONES = 0x0101_0101;
const SPACES = 0x2020_2020;
const DELETES = 0x7f7f_7f7f;

/** The same memory by words. Made once for each, as a worker reads into one place all its life. */
export class Words {
  /** Of the memory it was last made for. */
  #bytes: Uint8Array | null = null;
  words: Int32Array = new Int32Array(0);
  /** Byte `at` lies in word `(at + shift) >> 2`. */
  shift = 0;

  point(bytes: Uint8Array): void {
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.shift = bytes.byteOffset & 3;
    const from = bytes.byteOffset - this.shift;
    this.words = new Int32Array(bytes.buffer, from, (bytes.length + this.shift) >> 2);
  }
}

/** The first place in [at, end) that is neither field-vchar, SP nor HTAB (RFC 9110 5.5), or end. */
export function valueEnd(bytes: Uint8Array, view: Words, from: number, end: number): number {
  const { words, shift } = view;
  let at = from;
  for (;;) {
    while (at < end && ((at + shift) & 3) !== 0) {
      if (!isValueByte(bytes[at]!)) return at;
      at++;
    }
    for (let index = (at + shift) >> 2; at + 4 <= end && isValueWord(words[index]!); index++) {
      at += 4;
    }
    const stop = Math.min(end, at + 4);
    while (at < stop && isValueByte(bytes[at]!)) at++;
    // The word had a tab, which is rare, and goes on; or these were the last bytes.
    if (at < stop || at >= end) return at;
  }
}

function isValueByte(byte: number): boolean {
  return byte >= SP ? byte !== DEL : byte === HTAB;
}

/**
 * No byte below SP and none DEL. The borrow of a subtraction can only make a byte above a guilty
 * one look guilty as well (Warren, Hacker's Delight, 6-1).
 */
function isValueWord(word: number): boolean {
  const below = (word - SPACES) & ~word;
  const other = word ^ DELETES;
  return ((below | ((other - ONES) & ~other)) & SIGNS) === 0;
}
