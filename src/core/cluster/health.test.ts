import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { HEALTHY, type Health, judged } from './health.ts';

/** Attempts, `+` connected and `-` not; and the state after each, `u` up and `s` sick. */
const runs: readonly (readonly [attempts: string, states: string])[] = [
  ['+++', 'uuu'],
  ['-', 's'],
  ['--+', 'sss'],
  ['-++', 'ssu'],
  ['-+-++', 'ssssu'],
  ['-++-', 'ssus'],
];

for (const [attempts, states] of runs) {
  test(`judged() goes ${states} on ${attempts}`, () => {
    let health: Health = HEALTHY;
    const seen = [...attempts].map((attempt) => {
      health = judged(health, attempt === '+');
      return health.sick ? 's' : 'u';
    });
    equal(seen.join(''), states);
  });
}

test('judged() forgets a single success when a failure follows', () => {
  const sick: Health = { sick: true, against: 0 };
  deepEqual(judged(judged(sick, true), false), sick);
});
