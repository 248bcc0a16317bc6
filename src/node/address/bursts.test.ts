import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Bursts } from './bursts.ts';
import { ManualClock } from './manual-clock.ts';

function rig() {
  const clock = new ManualClock();
  const said: string[] = [];
  const bursts = new Bursts(10_000, (group) => said.push(`${group} ${clock.nowMs()}`), clock);
  return { clock, said, bursts };
}

test('Bursts announce at 0, 10, 50, 200, 1000, 2000, 4000 ms, and then every refresh', () => {
  const { clock, said, bursts } = rig();
  bursts.start('a');
  clock.run(30_000);
  const expected = [0, 10, 50, 200, 1_000, 2_000, 4_000, 14_000, 24_000].map((ms) => `a ${ms}`);
  deepEqual(said, expected);
});

test('Bursts begin anew when started again, and each group has its own', () => {
  const { clock, said, bursts } = rig();
  bursts.start('a');
  clock.run(100);
  bursts.start('a');
  bursts.start('b');
  clock.run(60);
  deepEqual(said, ['a 0', 'a 10', 'a 50', 'a 100', 'b 100', 'a 110', 'b 110', 'a 150', 'b 150']);
});

test('Bursts say nothing after stop()', () => {
  const { clock, said, bursts } = rig();
  bursts.start('a');
  bursts.start('b');
  bursts.stop('a');
  clock.run(10);
  bursts.stopAll();
  clock.run(100_000);
  deepEqual(said, ['a 0', 'b 0', 'b 10']);
});
