/** Goal: one announcement each interval, one at once for a change, and never a storm. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { GAP_MS_MIN, Pace } from './pace.ts';

test('Pace.waitMs() is nothing at first, then the rest of the interval', () => {
  const pace = new Pace(1_000);
  equal(pace.waitMs(5_000), 0);
  pace.sent(5_000);
  equal(pace.waitMs(5_000), 1_000);
  equal(pace.waitMs(5_400), 600);
  equal(pace.waitMs(6_000), 0);
  equal(pace.waitMs(9_000), 0);
});

test('Pace.waitMs() is nothing after a change, but for the gap to the last one', () => {
  const pace = new Pace(1_000);
  pace.sent(5_000);
  pace.change();
  equal(pace.waitMs(5_000), GAP_MS_MIN);
  equal(pace.waitMs(5_030), GAP_MS_MIN - 30);
  equal(pace.waitMs(5_500), 0);
  pace.sent(5_500);
  equal(pace.waitMs(5_500), 1_000);
});

test('Pace.waitMs() is never more than the interval, even when the clock was set back', () => {
  const pace = new Pace(1_000);
  pace.sent(9_000_000);
  equal(pace.waitMs(0), 1_000);
});

test('Pace.waitMs() does not slow down an interval shorter than the gap', () => {
  const pace = new Pace(50);
  pace.sent(0);
  pace.change();
  equal(pace.waitMs(0), 50);
});
