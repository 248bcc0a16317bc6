/**
 * Goal: whatever daemons do to each other, clients of theirs hear one order, and see memberships
 * that fit each other (`judge.ts`); and once all is quiet everybody knows the same.
 *
 * Method: see `run.ts`, which also replays a seed and searches for more.
 */
import { equal, notEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed } from './run.ts';

const SEEDS = 150;

test('spread: clients hear one order and memberships that fit, whatever happens', () => {
  const sum = { messages: 0, networks: 0, transitions: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      const { messages, networks, transitions } = runSeed(seed);
      sum.messages += messages;
      sum.networks += networks;
      sum.transitions += transitions;
    } catch (cause) {
      throw new Error(`replay with: node sim/spread/run.ts ${seed}`, { cause });
    }
  }
  // Worlds in which nothing happens prove nothing.
  ok(sum.messages > 40 * SEEDS, `${sum.messages} messages`);
  ok(sum.networks > 10 * SEEDS, `${sum.networks} memberships by the network`);
  ok(sum.transitions > SEEDS, `${sum.transitions} transitions`);
});

test('spread: the same seed gives the same run, another seed another', () => {
  const { trace } = runSeed(15);
  equal(runSeed(15).trace, trace);
  notEqual(runSeed(16).trace, trace);
});
