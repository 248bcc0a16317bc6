/** Goals and methods: see `calm.ts` and `partial.ts`. */
import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { amount } from '../amount.ts';
import { runCalmSeed } from './calm.ts';
import { runPartialSeed } from './partial.ts';

const SEEDS = amount({ some: 10, all: 40 });

function sumOf(file: string, runOne: (seed: number) => number): number {
  let sum = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      sum += runOne(seed);
    } catch (cause) {
      throw new Error(`replay with: node sim/ring/${file} ${seed}`, { cause });
    }
  }
  return sum;
}

test('ring: leaves nobody out who is well, when nodes come and go', () => {
  const changes = sumOf('calm.ts', (seed) => runCalmSeed(seed).changes);
  ok(changes > 20 * SEEDS, `${changes} changes`);
});

test('ring: comes to rest in views that hear all of themselves, when links stay cut', () => {
  const parts = sumOf('partial.ts', (seed) => runPartialSeed(seed).parts);
  ok(parts > 6 * SEEDS, `${parts} views in three rounds each`);
});
