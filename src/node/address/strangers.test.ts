import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './manual-clock.ts';
import { RateLimit } from './rate-limit.ts';
import { Strangers } from './strangers.ts';

test('Strangers ask for a group until three rounds were silent', () => {
  const clock = new ManualClock();
  const said: string[] = [];
  const strangers = new Strangers({
    after: clock.after,
    probe: (group) => said.push(`${clock.nowMs()} probe ${group}`),
    onFree: (group) => said.push(`${clock.nowMs()} free ${group}`),
  });
  strangers.heard('a');
  clock.run(2_500);
  strangers.heard('a');
  clock.run(20_000);
  deepEqual(said, [
    '0 probe a',
    '2000 probe a',
    '4000 probe a',
    '6000 probe a',
    '8000 probe a',
    '10000 free a',
  ]);
});

test('Strangers are asked for no more after stop()', () => {
  const clock = new ManualClock();
  let probes = 0;
  const strangers = new Strangers({
    after: clock.after,
    probe: () => probes++,
    onFree: () => probes++,
  });
  strangers.heard('a');
  strangers.stop();
  clock.run(60_000);
  deepEqual(probes, 1);
});

test('RateLimit.take() allows so many within the time, and more later', () => {
  const limit = new RateLimit(2, 1_000);
  deepEqual(
    [0, 10, 20, 999, 1_000, 1_005, 1_010].map((ms) => limit.take(ms)),
    [true, true, false, false, true, false, true],
  );
});
