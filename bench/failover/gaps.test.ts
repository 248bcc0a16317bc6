import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, cover, longestGapMs, median } from './gaps.ts';
import type { Tries } from './prober.ts';

const tries = (text: string): Tries => ({
  address: 'a',
  how: 'udp',
  atMs: [...text].map((_, index) => index * 5),
  answered: [...text].map((letter) => letter === '+'),
});

for (const [text, gapMs] of [
  ['++++', 0],
  ['+-++', 5],
  ['+---++-+', 15],
  ['+---', 15],
  ['----', 20],
] as const) {
  test(`longestGapMs() of ${text} is ${gapMs}`, () => {
    equal(longestGapMs(tries(text), 0, text.length * 5), gapMs);
  });
}

test('longestGapMs() looks at its window only', () => {
  equal(longestGapMs(tries('---+++--+'), 15, 45), 10);
});

const change = (machine: string, atMs: number, here: boolean): Change => {
  return { machine, atMs, address: 'a', here };
};

test('cover() tells an address that was held twice already from one that came to be, and none', () => {
  const changes = [
    change('b', 120, true),
    change('a', 0, true),
    change('a', 150, false),
    change('b', 200, false),
    change('c', 230, true),
  ];
  const [none, dark] = [0, 30];
  const all = { overlapMs: none, noneMs: dark };
  deepEqual(cover(changes, 125, 1_000), { ...all, twiceUntilMs: 25 });
  deepEqual(cover(changes, 100, 1_000), { ...all, twiceUntilMs: 0, overlapMs: 30 });
  deepEqual(cover(changes, 160, 1_000), { ...all, twiceUntilMs: 0 });
  deepEqual(cover(changes, 125, 140), { twiceUntilMs: 15, overlapMs: 0, noneMs: 0 });
  deepEqual(cover([], 0, 10), { twiceUntilMs: 0, overlapMs: 0, noneMs: 10 });
});

test('median() of an even number of values is between the middle ones', () => {
  equal(median([3, 1, 2]), 2);
  equal(median([4, 1, 2, 3]), 2.5);
});
