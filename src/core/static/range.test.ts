/** Byte ranges of a file of 10 bytes, and of an empty one (RFC 9110 14.1.2). */
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteRange, byteRange } from './range.ts';

const whole: ByteRange = { kind: 'whole' };
const unsatisfiable: ByteRange = { kind: 'unsatisfiable' };
const part = (start: number, end: number): ByteRange => ({ kind: 'part', start, end });

const rows: readonly (readonly [field: string | null, size: number, range: ByteRange])[] = [
  [null, 10, whole],
  ['bytes=0-0', 10, part(0, 1)],
  ['bytes=2-4', 10, part(2, 5)],
  ['bytes=2-', 10, part(2, 10)],
  ['bytes=2-99', 10, part(2, 10)],
  ['bytes=-3', 10, part(7, 10)],
  ['bytes=-99', 10, part(0, 10)],
  ['Bytes= 2-4 ', 10, part(2, 5)],
  ['bytes=10-', 10, unsatisfiable],
  ['bytes=-0', 10, unsatisfiable],
  ['bytes=0-', 0, unsatisfiable],
  ['bytes=-1', 0, unsatisfiable],
  ['bytes=4-2', 10, whole],
  ['bytes=-', 10, whole],
  ['bytes=0-1,3-4', 10, whole],
  ['lines=0-1', 10, whole],
  ['bytes=a-b', 10, whole],
  ['bytes=99999999999999999999-', 10, whole],
];

for (const [field, size, range] of rows) {
  test(`byteRange() is ${range.kind} when ${size} bytes are asked for by ${field}`, () => {
    deepEqual(byteRange(field, size), range);
  });
}
