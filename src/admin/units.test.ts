/** Goal: numbers a person can read at a glance. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, countText, durationText } from './units.ts';

test('bytesText() takes the largest unit that fits', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [1_610_612_736, '1.5 GiB'],
    [2 ** 60, '1024.0 PiB'],
  ] as const) {
    equal(bytesText(bytes), text);
  }
});

test('durationText() takes a unit that leaves a short number', () => {
  for (const [ms, text] of [
    [0, '0.0 s'],
    [940, '0.9 s'],
    [59_900, '59 s'],
    [119_000, '119 s'],
    [600_000, '10 min'],
    [9_000_000, '2.5 h'],
    [259_200_000, '3.0 d'],
  ] as const) {
    equal(durationText(ms), text);
  }
});

test('countText() groups digits by three', () => {
  equal(countText(0), '0');
  equal(countText(999), '999');
  equal(countText(1_234_567), '1\u00a0234\u00a0567');
});
