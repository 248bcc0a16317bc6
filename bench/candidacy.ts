/**
 * What choosing a server costs: nanoseconds per choice, and bytes of garbage.
 *
 *     node --expose-gc bench/candidacy.ts
 *
 * The goal is 400 ns for the first line and no garbage for any: it runs for every request. The last
 * lines are the two look-ups that come before it.
 */

import { ClusterReader } from '../src/core/announce/cluster-reader.ts';
import { tableMemory } from '../src/core/announce/table-layout.ts';
import { addPrediction } from '../src/core/candidacy/add-prediction.ts';
import { byAge } from '../src/core/candidacy/by-age.ts';
import { byCost } from '../src/core/candidacy/by-cost.ts';
import { byLoad } from '../src/core/candidacy/by-load.ts';
import { byLogWindow } from '../src/core/candidacy/by-log-window.ts';
import { byRandom } from '../src/core/candidacy/by-random.ts';
import { bySession } from '../src/core/candidacy/by-session.ts';
import { asking, servers } from '../src/core/candidacy/candidacy.fixture.ts';
import { type Candidacy, Candidates } from '../src/core/candidacy/candidates.ts';
import { choose } from '../src/core/candidacy/chain.ts';
import { removeSelf } from '../src/core/candidacy/remove-self.ts';
import { ZoneMap } from '../src/core/zone/zone-of.ts';

const WARM_UP = 200_000;
const RUNS = 1_000_000;
const ROUNDS = 5;

function measure(name: string, once: (i: number) => unknown): void {
  for (let i = 0; i < WARM_UP; i++) once(i);
  let bestNs = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    const heapBefore = process.memoryUsage().heapUsed;
    const startMs = performance.now();
    for (let i = 0; i < RUNS; i++) once(i);
    bestNs = Math.min(bestNs, ((performance.now() - startMs) * 1e6) / RUNS);
    bytes = (process.memoryUsage().heapUsed - heapBefore) / RUNS;
  }
  process.stdout.write(
    `${name.padEnd(52)} ${bestNs.toFixed(0).padStart(6)} ns ${bytes.toFixed(1).padStart(7)} B\n`,
  );
}

function measureChain(chain: readonly Candidacy[], count: number): void {
  const candidates = new Candidates();
  const known = servers(
    ...Array.from({ length: count }, (_, slot) => ({ loadMilli: (slot * 37) % 100 })),
  );
  const request = asking({ random: Math.random });
  const name = chain.map((one) => one.name).join(', ');
  measure(`${name} (${count})`, () => choose(chain, candidates, known, request));
}

measureChain([byAge(), removeSelf(), byLoad()], 5);
measureChain([bySession(), byAge(), removeSelf(), byLoad()], 5);
measureChain([byAge(), byRandom(), byLogWindow(), byLoad()], 5);
measureChain([byAge(), addPrediction(), byLoad()], 5);
measureChain([byAge(), byCost()], 5);
measureChain([byAge(), removeSelf(), byLoad()], 32);

const reader = new ClusterReader(tableMemory(2), 0);
measure('ClusterReader.known(), nothing new', () => reader.known(0));

const zones = new ZoneMap({ zones: [], documentRoot: null });
const targets = Array.from({ length: 64 }, (_, i) => `/shop/category/item-${i}.php?id=${i}`);
measure('ZoneMap.of(), path seen before', (i) => zones.of(targets[i & 63]!));
