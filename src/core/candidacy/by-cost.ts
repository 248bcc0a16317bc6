/**
 * `byCost`: where one more request costs least, first. The cost-benefit framework of mod_backhand.
 *
 * A resource that is used to the share u of its maximum costs n^u, n being the candidates, so every
 * further tenth makes it dearer by the same factor and different resources can be added up (Amir,
 * Awerbuch, Barak, Borgstrom, Keren, IEEE TPDS 11(7), 2000, section 4). Adding a request that takes
 * the share d costs n^(u+d) - n^u = n^u (n^d - 1). Three resources:
 *
 *     processor   u = load, as if on the fastest machine, over the high-water mark; d = one process
 *     memory      u = used over total; d = REQUEST_MEMORY_MB over total
 *     requests    u = in flight over capacity; d = one over capacity
 *
 * What a server does not know (0: capacity, memory; arriba while it is being measured) costs what
 * it costs the others on average, so that not knowing is neither punished nor, worse, rewarded.
 * Stable. `addPrediction` before it raises load, memory and requests by what was sent since.
 */
import { parseNothing } from './argument.ts';
import type { Candidacy, Candidates, Server } from './candidates.ts';
import { loadHwmRoundedMilli } from './load-hwm.ts';
import { REQUEST_LOAD_MILLI } from './prediction.ts';

/** What one request of a scripted page takes: the resident size of a small PHP or Node handler. */
export const REQUEST_MEMORY_MB = 16;

/**
 * Beyond this the shares only say "far too much": 64^8 still leaves all digits to the comparison.
 */
const SHARE_MAX = 8;

/**
 * What all candidates have in common, and the average price of each resource among who knows it.
 */
type Market = {
  base: number;
  predicting: boolean;
  arribaMax: number;
  loadHwmMilli: number;
  processor: number;
  memory: number;
  requests: number;
};

export function byCost(): Candidacy {
  // One per function, filled in anew for each request: a fresh one each time would be garbage.
  const market: Market = {
    base: 2,
    predicting: false,
    arribaMax: 0,
    loadHwmMilli: 0,
    processor: 0,
    memory: 0,
    requests: 0,
  };
  return {
    name: 'byCost',
    apply: (candidates) => {
      if (candidates.count < 2) return;
      survey(candidates, market);
      candidates.sortBy(costOf, market);
    },
    figure: (server, candidates) => {
      survey(candidates, market);
      return `cost ${costOf(server, market).toPrecision(3)}`;
    },
  };
}

export function parseByCost(argument: string | null) {
  return parseNothing(argument, byCost);
}

function survey(candidates: Candidates, market: Market): void {
  market.base = Math.max(2, candidates.count);
  market.predicting = candidates.predicting;
  market.arribaMax = 0;
  market.loadHwmMilli = 0;
  for (let i = 0; i < candidates.count; i++) {
    const { arriba, loadHwmMilli } = candidates.servers[i]!;
    if (arriba > market.arribaMax) market.arribaMax = arriba;
    if (loadHwmMilli > market.loadHwmMilli) market.loadHwmMilli = loadHwmMilli;
  }
  market.loadHwmMilli = loadHwmRoundedMilli(market.loadHwmMilli);
  market.processor = averageOf(processorCost, candidates, market);
  market.memory = averageOf(memoryCost, candidates, market);
  market.requests = averageOf(requestsCost, candidates, market);
}

function averageOf(
  cost: (server: Server, market: Market) => number,
  candidates: Candidates,
  market: Market,
): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < candidates.count; i++) {
    const known = cost(candidates.servers[i]!, market);
    if (known < 0) continue;
    sum += known;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

function costOf(server: Server, market: Market): number {
  const processor = processorCost(server, market);
  const memory = memoryCost(server, market);
  const requests = requestsCost(server, market);
  return (
    (processor < 0 ? market.processor : processor) +
    (memory < 0 ? market.memory : memory) +
    (requests < 0 ? market.requests : requests)
  );
}

/** Each of these is negative where the server does not know; a price never is. */
function processorCost(server: Server, market: Market): number {
  // Where nobody is measured yet, all count as equally fast.
  if (server.arriba === 0 && market.arribaMax > 0) return -1;
  const slowness = market.arribaMax === 0 ? 1 : market.arribaMax / server.arriba;
  const loadMilli = server.loadMilli + sentSince(server, market) * REQUEST_LOAD_MILLI;
  const whole = market.loadHwmMilli / slowness;
  return price(market.base, loadMilli / whole, REQUEST_LOAD_MILLI / whole);
}

function memoryCost(server: Server, market: Market): number {
  const { memoryTotalMb, memoryAvailableMb } = server;
  if (memoryTotalMb === 0) return -1;
  const usedMb = memoryTotalMb - memoryAvailableMb + sentSince(server, market) * REQUEST_MEMORY_MB;
  return price(market.base, usedMb / memoryTotalMb, REQUEST_MEMORY_MB / memoryTotalMb);
}

function requestsCost(server: Server, market: Market): number {
  const { capacity } = server;
  if (capacity === 0) return -1;
  return price(market.base, (server.inFlight + sentSince(server, market)) / capacity, 1 / capacity);
}

function sentSince(server: Server, market: Market): number {
  return market.predicting ? server.sentSinceHeard : 0;
}

/**
 * n^u (n^d - 1), not n^(u+d) - n^u: with both shares at their limit the difference would be
 * nothing, and the fullest machine the cheapest.
 */
function price(base: number, share: number, added: number): number {
  const bounded = Math.min(Math.max(share, 0), SHARE_MAX);
  return base ** bounded * (base ** Math.min(added, SHARE_MAX) - 1);
}
