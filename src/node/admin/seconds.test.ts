import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { outcomes } from '../../core/relay/outcome.ts';
import { At, COUNTERS_BYTES, Counters, LATENCY_BOUNDS_MS, totals } from '../../proxy/counters.ts';
import { percentileMs, Seconds } from './seconds.ts';

test('percentileMs() is exact to a bucket, and spreads evenly within it', () => {
  const counts = (at: Record<number, number>) =>
    Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, i) => at[i] ?? 0);
  equal(percentileMs(counts({}), 0.5), null);
  // 1, 2.5, 5, 10 ms: the fourth bucket is from 5 to 10.
  equal(percentileMs(counts({ 3: 10 }), 0.5), 7.5);
  equal(percentileMs(counts({ 0: 50, 3: 50 }), 0.99), 9.9);
  equal(percentileMs(counts({ 0: 50, 3: 50 }), 0.5), 1);
  equal(percentileMs(counts({ [LATENCY_BOUNDS_MS.length]: 3 }), 0.5), 10_000);
});

test('Seconds.add() counts what came since the last one, failures of clients aside', () => {
  const buffer = new SharedArrayBuffer(COUNTERS_BYTES);
  const counters = new Counters(buffer);
  counters.add(At.requests, 5);
  const seconds = new Seconds(totals([buffer]));
  counters.add(At.requests, 4);
  for (const outcome of [outcomes.done, outcomes.badResponse, outcomes.clientGoneResponse]) {
    counters.ended(outcome);
  }
  counters.answered(200, 7);
  seconds.add(totals([buffer]), 11_000);
  seconds.add(totals([buffer]), 12_000);
  deepEqual(
    seconds.rows.map(({ atMs, requests, failed }) => [atMs, requests, failed]),
    [
      [10_000, 4, 1],
      [11_000, 0, 0],
    ],
  );
  equal(seconds.rows[1]!.p50Ms, null);
});

test('Seconds keeps a minute', () => {
  const buffer = new SharedArrayBuffer(COUNTERS_BYTES);
  const seconds = new Seconds(totals([buffer]));
  for (let i = 1; i <= 70; i++) seconds.add(totals([buffer]), i * 1_000);
  equal(seconds.rows.length, 60);
  equal(seconds.rows.at(-1)!.atMs, 69_000);
});
