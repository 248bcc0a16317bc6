/** Goal: byCost prefers the machine with the most to spare, and is not misled by the unknown. */
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { addPrediction } from './add-prediction.ts';
import { byCost } from './by-cost.ts';
import { applied, asking, left, servers } from './candidacy.fixture.ts';
import type { Server } from './candidates.ts';

const tables: readonly (readonly [
  does: string,
  known: readonly Partial<Server>[],
  slots: readonly number[],
])[] = [
  [
    'the less loaded of equal machines first',
    [{ loadMilli: 900 }, { loadMilli: 100 }, { loadMilli: 500 }],
    [1, 2, 0],
  ],
  [
    'a fast machine before a slow one under the same load',
    [
      { loadMilli: 500, arriba: 100 },
      { loadMilli: 500, arriba: 400 },
    ],
    [1, 0],
  ],
  [
    'a fast machine under more load before a slow one, as the slow one feels it more',
    [
      { loadMilli: 500, arriba: 100, loadHwmMilli: 4_000 },
      { loadMilli: 1_000, arriba: 400 },
    ],
    [1, 0],
  ],
  [
    'the one with more memory to spare first',
    [{ memoryAvailableMb: 50 }, { memoryAvailableMb: 900 }, { memoryAvailableMb: 400 }],
    [1, 2, 0],
  ],
  [
    'a request matters less to a machine with more memory',
    [
      { memoryTotalMb: 100, memoryAvailableMb: 50 },
      { memoryTotalMb: 10_000, memoryAvailableMb: 5_000 },
    ],
    [1, 0],
  ],
  [
    'the one with more of its capacity free first',
    [
      { inFlight: 90, capacity: 100 },
      { inFlight: 10, capacity: 100 },
      { inFlight: 50, capacity: 100 },
    ],
    [1, 2, 0],
  ],
  [
    'a machine used evenly before one used as much in one resource only',
    [
      { inFlight: 90, memoryTotalMb: 1_600, memoryAvailableMb: 1_440 },
      { inFlight: 50, memoryTotalMb: 1_600, memoryAvailableMb: 800 },
    ],
    [1, 0],
  ],
  ['ties in the order they came in', [{}, {}, {}], [0, 1, 2]],
  [
    'an unknown capacity neither first nor last',
    [{ inFlight: 90 }, { capacity: 0, inFlight: 50 }, { inFlight: 1 }],
    [2, 1, 0],
  ],
  [
    'an unknown speed neither first nor last',
    [{ loadMilli: 900 }, { loadMilli: 0, arriba: 0 }, { loadMilli: 100 }],
    [2, 1, 0],
  ],
  [
    'unknown memory neither first nor last',
    [
      { memoryAvailableMb: 10 },
      { memoryTotalMb: 0, memoryAvailableMb: 0 },
      { memoryAvailableMb: 990 },
    ],
    [2, 1, 0],
  ],
  [
    'the loads as they are while no speed is known at all',
    [
      { loadMilli: 900, arriba: 0 },
      { loadMilli: 100, arriba: 0 },
    ],
    [1, 0],
  ],
  [
    'by the rest when nobody knows a resource',
    [
      { capacity: 0, inFlight: 0, loadMilli: 500 },
      { capacity: 0, inFlight: 9, loadMilli: 400 },
    ],
    [1, 0],
  ],
  [
    'the overfull after the full, without running out of numbers',
    [
      { loadMilli: 4e9, inFlight: 4e9 },
      { loadMilli: 4e9, inFlight: 0 },
      { loadMilli: 0, inFlight: 0 },
    ],
    [2, 1, 0],
  ],
];

for (const [does, known, slots] of tables) {
  test(`byCost() puts ${does}`, () => deepEqual(left(byCost(), servers(...known)), slots));
}

test('byCost() counts requests sent since the announcement after addPrediction()', () => {
  const known = servers({ sentSinceHeard: 20 }, { loadMilli: 100 });
  deepEqual(left(byCost(), known), [0, 1]);
  deepEqual(left([addPrediction(), byCost()], known), [1, 0]);
});

test('byCost() raises the price by the same factor for every further tenth', () => {
  const tenths = Array.from({ length: 10 }, (_, i) => i);
  const known = servers(
    ...tenths.map((tenth) => ({ memoryTotalMb: 0, capacity: 0, loadMilli: tenth * 100 })),
  );
  const candidates = applied([], known);
  const { figure } = byCost();
  const costs = known.map((one) => Number(figure?.(one, candidates, asking()).split(' ')[1]));
  for (const tenth of tenths.slice(1)) {
    const ratio = costs[tenth]! / costs[tenth - 1]!;
    // Ten machines, so n^0.1; the figure has three digits.
    ok(Math.abs(ratio - 10 ** 0.1) < 0.01, `tenth ${tenth}: ${ratio}`);
  }
});
