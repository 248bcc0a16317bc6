import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { TIMER_SLACK_MS } from './reactor.ts';
import { TimerWheel } from './timer-wheel.ts';

test('TimerWheel fires each timer once, never early, within the slack', () => {
  const startMs = 1_000_003;
  const wheel = new TimerWheel(startMs);
  const delays = [0, 1, 24, 25, 26, 50, 999, 12_799, 12_800, 12_801, 60_000, 3_600_000];
  const fired = new Map<number, number>();
  for (const delayMs of delays) {
    wheel
      .timer(() => {
        equal(fired.has(delayMs), false, `${delayMs} fires once`);
        fired.set(delayMs, wheel.nowMs - startMs);
      })
      .set(delayMs);
  }
  for (let nowMs = startMs; nowMs < startMs + 3_601_000; nowMs += 10) wheel.advance(nowMs);
  for (const delayMs of delays) {
    const afterMs = fired.get(delayMs) ?? Number.NaN;
    ok(afterMs >= delayMs && afterMs <= delayMs + TIMER_SLACK_MS, `${delayMs}: ${afterMs}`);
  }
  equal(wheel.idleMs(), -1);
});

test('TimerWheel fires what is due after a sleep longer than its round', () => {
  const wheel = new TimerWheel(0);
  const fired: number[] = [];
  for (const delayMs of [100, 5_000, 40_000]) {
    wheel.timer(() => fired.push(delayMs)).set(delayMs);
  }
  wheel.advance(100_000);
  deepEqual(
    fired.toSorted((a, b) => a - b),
    [100, 5_000, 40_000],
  );
});

test('Timer.set() moves the deadline both ways, and clear() forgets it', () => {
  const wheel = new TimerWheel(0);
  const fired: string[] = [];
  const later = wheel.timer(() => fired.push('later'));
  const sooner = wheel.timer(() => fired.push('sooner'));
  const never = wheel.timer(() => fired.push('never'));
  later.set(100);
  later.set(1_000);
  sooner.set(1_000);
  sooner.set(100);
  never.set(100);
  never.clear();
  wheel.advance(200);
  deepEqual(fired, ['sooner']);
  wheel.advance(1_100);
  deepEqual(fired, ['sooner', 'later']);
});

test('TimerWheel lets a callback set and clear timers, its own included', () => {
  const wheel = new TimerWheel(0);
  let ticks = 0;
  const other = wheel.timer(() => ok(false, 'cleared in the same visit'));
  const own = wheel.timer(() => {
    ticks++;
    other.clear();
    if (ticks < 3) own.set(100);
  });
  own.set(100);
  other.set(100);
  for (let nowMs = 0; nowMs < 1_000; nowMs += 25) wheel.advance(nowMs);
  equal(ticks, 3);
});

test('TimerWheel.idleMs() never sleeps past the next deadline by more than the slack', () => {
  const wheel = new TimerWheel(7);
  const timer = wheel.timer(() => {});
  for (const delayMs of [1, 30, 500, 12_000]) {
    timer.clear();
    timer.set(delayMs);
    const idleMs = wheel.idleMs();
    ok(idleMs >= 0 && idleMs <= delayMs + TIMER_SLACK_MS, `${delayMs}: ${idleMs}`);
  }
});
