/**
 * Goal: a node of ours in an old group keeps each address held exactly once, beside originals with
 * all their slips, strangers and members that hang.
 *
 * Method: see `run.ts`, which also replays a seed (`node sim/wackamole/run.ts 17`) and searches for
 * more. Whether the judge would notice is asked by `sim/mutants.ts`.
 */
import { equal, notEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed, type Tally } from './run.ts';

const SEEDS = 60;

test('wackamole: each address once in every component that has come to rest', () => {
  const sum: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { tally } = runSeed(seed);
    for (const [word, count] of Object.entries(tally)) sum[word] = (sum[word] ?? 0) + count;
  }
  const atLeast: Partial<Tally> = {
    memberships: 20 * SEEDS,
    ours: SEEDS,
    originals: SEEDS / 2,
    strangers: SEEDS / 6,
    mixedRuns: SEEDS / 4,
    frozen: SEEDS / 6,
    goneOn: SEEDS / 4,
    judged: 6 * SEEDS,
  };
  // Worlds in which nothing happens prove nothing.
  for (const [word, count] of Object.entries(atLeast)) {
    ok((sum[word] ?? 0) >= count, `${word}: ${sum[word]}, expected ${count}`);
  }
});

test('wackamole: the same seed gives the same run, another seed another', () => {
  const { trace } = runSeed(15);
  equal(runSeed(15).trace, trace);
  notEqual(runSeed(16).trace, trace);
});
