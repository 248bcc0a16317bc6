/** Goal: each function that sorts does so by its own figure, stably, with its bias. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { addPrediction } from './add-prediction.ts';
import { byBusyChildren } from './by-busy-children.ts';
import { byCPU } from './by-cpu.ts';
import { byLoad } from './by-load.ts';
import { byRandom } from './by-random.ts';
import { asking, left, seeded, servers } from './candidacy.fixture.ts';
import type { Candidacy, Server } from './candidates.ts';

const tables: readonly (readonly [
  does: string,
  chain: Candidacy | readonly Candidacy[],
  known: readonly Partial<Server>[],
  slots: readonly number[],
])[] = [
  [
    'byLoad() puts the least loaded first',
    byLoad(),
    [{ loadMilli: 300 }, { loadMilli: 100 }, { loadMilli: 200 }],
    [1, 2, 0],
  ],
  [
    'byLoad() leaves ties in the order they came in',
    byLoad(),
    [{ loadMilli: 200 }, { loadMilli: 100 }, { loadMilli: 200 }, { loadMilli: 100 }],
    [1, 3, 0, 2],
  ],
  [
    'byLoad() adds the bias to all but ourselves',
    byLoad(0.5),
    [{ loadMilli: 500 }, { loadMilli: 0 }, { loadMilli: 1 }],
    [0, 1, 2],
  ],
  [
    'byLoad() lets us go where the bias is used up',
    byLoad(0.5),
    [{ loadMilli: 501 }, { loadMilli: 0 }, { loadMilli: 1 }],
    [1, 0, 2],
  ],
  [
    'byLoad() with a negative bias prefers others',
    byLoad(-1),
    [{ loadMilli: 0 }, { loadMilli: 900 }],
    [1, 0],
  ],
  [
    'byLoad() does not scale by processors or speed',
    byLoad(),
    [{ loadMilli: 2_000, cpuCount: 64, arriba: 9e9 }, { loadMilli: 1_999 }],
    [1, 0],
  ],
  [
    'byLoad() counts what we sent only when told to',
    byLoad(),
    [
      { loadMilli: 0, sentSinceHeard: 9 },
      { loadMilli: 100, sentSinceHeard: 0 },
    ],
    [0, 1],
  ],
  [
    'addPrediction() raises the load by one for each request sent since',
    [addPrediction(), byLoad()],
    [
      { loadMilli: 0, sentSinceHeard: 2 },
      { loadMilli: 1_999, sentSinceHeard: 0 },
      { loadMilli: 1_001, sentSinceHeard: 1 },
    ],
    [1, 0, 2],
  ],
  [
    'byBusyChildren() puts the fewest in flight first, whatever the load',
    byBusyChildren(),
    [
      { inFlight: 3, loadMilli: 0 },
      { inFlight: 1, loadMilli: 9_000 },
      { inFlight: 3, loadMilli: 9 },
    ],
    [1, 0, 2],
  ],
  [
    'byBusyChildren() adds the bias to all but ourselves',
    byBusyChildren(2),
    [{ inFlight: 3 }, { inFlight: 1 }, { inFlight: 0 }],
    [2, 0, 1],
  ],
  [
    'byBusyChildren() does not count outstanding requests by itself',
    byBusyChildren(),
    [{ inFlight: 1, outstanding: 50, sentSinceHeard: 50 }, { inFlight: 2 }],
    [0, 1],
  ],
  [
    'addPrediction() raises requests in flight by what was sent since',
    [addPrediction(), byBusyChildren()],
    [{ inFlight: 1, sentSinceHeard: 5 }, { inFlight: 2 }],
    [1, 0],
  ],
  [
    'byCPU() puts the most idle first',
    byCPU(),
    [{ cpuIdleMilli: 100 }, { cpuIdleMilli: 900 }, { cpuIdleMilli: 100 }, { cpuIdleMilli: 500 }],
    [1, 3, 0, 2],
  ],
  [
    'byCPU() with "only" keeps just the most idle',
    byCPU('only'),
    [{ cpuIdleMilli: 100 }, { cpuIdleMilli: 900 }, { cpuIdleMilli: 900 }],
    [1],
  ],
  ['byCPU() with "only" keeps nobody of nobody', byCPU('only'), [], []],
  [
    'addPrediction() takes a processor from idling for each request, and below nothing',
    [addPrediction(), byCPU()],
    [
      { cpuIdleMilli: 1_000, cpuCount: 1, sentSinceHeard: 2 },
      { cpuIdleMilli: 0 },
      { cpuIdleMilli: 1_000, cpuCount: 4, sentSinceHeard: 2 },
    ],
    [2, 1, 0],
  ],
];

for (const [does, chain, known, slots] of tables) {
  test(does, () => deepEqual(left(chain, servers(...known)), slots));
}

test('byRandom() before a sort decides its ties, and every tie can go either way', () => {
  const random = seeded(7);
  const winners = new Set<number>();
  const known = servers({ loadMilli: 5 }, { loadMilli: 5 }, { loadMilli: 6 }, { loadMilli: 5 });
  const request = asking({ random });
  for (let i = 0; i < 100; i++) winners.add(left([byRandom(), byLoad()], known, request)[0]!);
  deepEqual([...winners].toSorted(), [0, 1, 3]);
});

test('byRandom() gives each order about equally often', () => {
  const random = seeded(11);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6_000; i++) {
    const order = left(byRandom(), servers({}, {}, {}), asking({ random })).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  equal(counts.size, 6);
  // 1000 expected, standard deviation 29: five of those either way.
  for (const count of counts.values()) ok(count > 855 && count < 1_145, `${count} of 6000`);
});
