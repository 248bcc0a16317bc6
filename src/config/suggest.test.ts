/** Which word is near to which: tables for the distance and for the guess made from it. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { distanceBetween, nearest } from './suggest.ts';

const distances = [
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['bylod', 'byload', 1],
  ['bakchand', 'backhand', 1],
  ['ab', 'ba', 1],
  ['kitten', 'sitting', 3],
] as const;

for (const [from, to, distance] of distances) {
  test(`distanceBetween() is ${distance} when "${from}" becomes "${to}"`, () => {
    equal(distanceBetween(from, to), distance);
    equal(distanceBetween(to, from), distance);
  });
}

const known = ['Backhand', 'Listen', 'byLoad', 'byLogWindow'];
const guesses = [
  ['bakchand', 'Backhand'],
  ['LISTEN', 'Listen'],
  ['byLod', 'byLoad'],
  ['xyzzy', null],
  ['', null],
  ['B'.repeat(10_000), null],
] as const;

for (const [word, expected] of guesses) {
  test(`nearest() finds ${expected} when asked for "${word.slice(0, 20)}"`, () => {
    equal(nearest(word, known), expected);
  });
}
