import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { BYTE_CLASS, VALUE } from './bytes.ts';
import { valueEnd, Words } from './value-end.ts';

/** RFC 9110 5.5 by the table, byte by byte. */
function endByTable(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (BYTE_CLASS[bytes[at]!]! & VALUE) !== 0) at++;
  return at;
}

test('valueEnd stops at each byte that RFC 9110 5.5 does not allow, and at no other', () => {
  const memory = new Uint8Array(32);
  for (let byte = 0; byte < 256; byte++) {
    for (let place = 0; place < 12; place++) {
      memory.fill(0x61);
      memory[place] = byte;
      const words = new Words();
      words.point(memory);
      const expected = endByTable(memory, 0, 24);
      equal(valueEnd(memory, words, 0, 24), expected, `byte ${byte} at ${place}`);
    }
  }
});

test('valueEnd is the same wherever the bytes begin in their buffer, and wherever they end', () => {
  const store = new Uint8Array(64).map((_, i) => [0x41, 0x09, 0x20, 0xff, 0x80, 0x7e][i % 6]!);
  for (let offset = 0; offset < 8; offset++) {
    const bytes = store.subarray(offset, 48);
    const words = new Words();
    words.point(bytes);
    for (let from = 0; from < 12; from++) {
      for (let end = from; end <= bytes.length; end++) {
        equal(valueEnd(bytes, words, from, end), end, `${offset}: ${from} to ${end}`);
        if (end === bytes.length) continue;
        const allowed = bytes[end]!;
        bytes[end] = 0x0d;
        equal(valueEnd(bytes, words, from, bytes.length), end, `${offset}: ${from}, CR at ${end}`);
        bytes[end] = allowed;
      }
    }
  }
});

test('valueEnd of random bytes is what the table says', () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let run = 0; run < 20_000; run++) {
    const size = Math.floor(random() * 24);
    const offset = Math.floor(random() * 4);
    // Mostly allowed ones beside those at the borders, which is where a borrow would show.
    const bytes = new Uint8Array(32).subarray(offset, offset + size);
    const borders = [0x1f, 0x20, 0x21, 0x7e, 0x7f, 0x80, 0x81, 0x09, 0x9f, 0xa0, 0xff, 0x00];
    for (let i = 0; i < size; i++)
      bytes[i] = random() < 0.6 ? 0x61 : borders[Math.floor(random() * 12)]!;
    const words = new Words();
    words.point(bytes);
    equal(valueEnd(bytes, words, 0, size), endByTable(bytes, 0, size), `${[...bytes]}`);
  }
});
