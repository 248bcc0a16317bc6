/** Goal: the mark is a power of two over the largest load, the same everywhere, and comes down. */
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { server } from './candidacy.fixture.ts';
import { HWM_HALF_LIFE_MS, LoadHwm, loadHwmRoundedMilli, scaledLoadMilli } from './load-hwm.ts';

test('loadHwmRoundedMilli() rounds up to a power of two, 1 at least', () => {
  const rounded: readonly (readonly [milli: number, mark: number])[] = [
    [0, 1_000],
    [500, 1_000],
    [1_000, 1_000],
    [3_700, 4_000],
    [4_000, 4_000],
    [4_001, 8_000],
    [4e9, 2_097_152_000],
  ];
  for (const [milli, mark] of rounded) equal(loadHwmRoundedMilli(milli), mark);
});

test('scaledLoadMilli() is the load on the fastest machine, 0 while the speed is unknown', () => {
  equal(scaledLoadMilli(server(1, { loadMilli: 1_000, arriba: 500 }), 1_000), 2_000);
  equal(scaledLoadMilli(server(1, { loadMilli: 1_000, arriba: 1_000 }), 1_000), 1_000);
  equal(scaledLoadMilli(server(1, { loadMilli: 1_000, arriba: 0 }), 1_000), 0);
});

test('LoadHwm keeps the largest, halves it in ten minutes, and ends at 1', () => {
  const hwm = new LoadHwm();
  equal(hwm.markMilli(0), 1_000);
  hwm.raise(500_000, 0);
  hwm.raise(3_000, 1_000);
  equal(hwm.markMilli(1_000), 512_000);
  equal(hwm.peakMilli(HWM_HALF_LIFE_MS), 250_000);
  equal(hwm.markMilli(HWM_HALF_LIFE_MS), 256_000);
  equal(hwm.markMilli(20 * HWM_HALF_LIFE_MS), 1_000);
});

test('LoadHwm does not rise when the clock is set back', () => {
  const hwm = new LoadHwm();
  hwm.raise(8_000, 10 * HWM_HALF_LIFE_MS);
  equal(hwm.peakMilli(0), 8_000);
});

test('LoadHwm comes down in a cluster whose nodes tell each other their peaks', () => {
  const nodes = Array.from({ length: 5 }, () => new LoadHwm());
  nodes[0]!.raise(512_000, 0);
  for (let second = 1; second <= 600; second++) {
    for (const [index, sender] of nodes.entries()) {
      // Each announces at its own moment of the second.
      const nowMs = second * 1_000 + index * 200;
      const peakMilli = sender.peakMilli(nowMs);
      for (const node of nodes) node.raise(peakMilli, nowMs);
    }
  }
  for (const node of nodes) {
    const peakMilli = node.peakMilli(HWM_HALF_LIFE_MS);
    ok(peakMilli > 255_000 && peakMilli < 257_000, `${peakMilli}: half of 512000`);
  }
});
