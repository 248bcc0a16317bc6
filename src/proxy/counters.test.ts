/** Counting in one thread, reading in another. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { outcomes } from '../core/relay/outcome.ts';
import { At, COUNTERS_BYTES, Counters, LATENCY_BOUNDS_MS, totals } from './counters.ts';

test('totals() sums over all workers when each has counted', () => {
  const buffers = [1, 2, 3].map(() => new SharedArrayBuffer(COUNTERS_BYTES));
  buffers.forEach((buffer, index) => {
    const counters = new Counters(buffer);
    counters.add(At.requests, index + 1);
    counters.add(At.latencyMsSum, 0.5);
    counters.ended(outcomes.done);
    counters.answered(200, 0);
    counters.answered(503, 1);
  });
  const { single, outcomes: ended, statuses } = totals(buffers);
  equal(single.requests, 6);
  equal(single.latencyMsSum, 4.5);
  equal(ended['DONE'], 3);
  deepEqual(statuses, { '1xx': 0, '2xx': 3, '3xx': 0, '4xx': 0, '5xx': 3 });
});

test('answered() fills the bucket whose bound is not below it when a latency is any', () => {
  for (const [index, boundMs] of LATENCY_BOUNDS_MS.entries()) {
    for (const [latencyMs, bucket] of [
      [boundMs, index],
      [boundMs + 0.001, index + 1],
    ] as const) {
      const buffer = new SharedArrayBuffer(COUNTERS_BYTES);
      new Counters(buffer).answered(200, latencyMs);
      equal(totals([buffer]).latencies.indexOf(1), bucket, `${latencyMs}`);
    }
  }
});

test('COUNTERS_BYTES is no more than what is used when every counter has been counted', () => {
  const buffer = new SharedArrayBuffer(COUNTERS_BYTES);
  new Counters(buffer).answered(599, Number.POSITIVE_INFINITY);
  equal(new Float64Array(buffer).at(-1), 1, 'the last bucket is the last cell');
});
