/**
 * Goal: with figures that are a second old, the chains herd in the order the sources say.
 *
 * "UNIX load [...] byLoad will overload each server in a round robin fashion", while a random
 * window "avoids oscillations" (CNDS-2000-2); best of two does not herd where the global best does
 * (Brooker, 2012); own-request compensation (Prequal, NSDI '24) knows what the announcement does
 * not yet.
 *
 * Method: one director, eight equal servers, each of which finishes one request in 20 ms and is
 * asked for nine tenths of what all can do. Load is the length of the queue, announced once a
 * second. Judged by the longest queue and by the difference between the longest and the shortest.
 */
import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { addPrediction } from './add-prediction.ts';
import { byAge } from './by-age.ts';
import { byLoad } from './by-load.ts';
import { byLogWindow } from './by-log-window.ts';
import { byRandom } from './by-random.ts';
import { asking, seeded, servers } from './candidacy.fixture.ts';
import { type Candidacy, Candidates, type Server } from './candidates.ts';
import { choose } from './chain.ts';

const SERVERS = 8;
const SERVICE_MS = 20;
const ANNOUNCE_MS = 1_000;
const RUN_MS = 60_000;
/** Requests per ms that keep all servers busy nine tenths of the time. */
const ARRIVALS_PER_MS = (0.9 * SERVERS) / SERVICE_MS;

type Judged = { readonly queueMax: number; readonly imbalanceMax: number };

function run(chain: readonly Candidacy[], seed: number): Judged {
  const random = seeded(seed);
  const request = asking({ random, nowMs: 0 });
  const candidates = new Candidates();
  const known = servers(...Array(SERVERS).fill({ heardMs: 0 })) as {
    -readonly [K in keyof Server]: Server[K];
  }[];
  const queues = known.map(() => ({ length: 0, sinceMs: 0 }));
  let queueMax = 0;
  let imbalanceMax = 0;
  for (let nowMs = 0; nowMs < RUN_MS; nowMs++) {
    for (const [slot, server] of known.entries()) {
      const queue = queues[slot]!;
      if (queue.length > 0 && nowMs - queue.sinceMs >= SERVICE_MS) {
        queue.length--;
        queue.sinceMs = nowMs;
        server.sentSinceHeard = Math.min(server.sentSinceHeard, queue.length);
      }
      // Each at its own moment of the second, as in life.
      if ((nowMs + slot * 100) % ANNOUNCE_MS !== 0) continue;
      server.loadMilli = queue.length * 1_000;
      server.sentSinceHeard = 0;
    }
    if (random() < ARRIVALS_PER_MS) {
      const winner = known[choose(chain, candidates, known, request)!.slot]!;
      const queue = queues[winner.slot]!;
      if (queue.length === 0) queue.sinceMs = nowMs;
      queue.length++;
      winner.sentSinceHeard++;
    }
    const lengths = queues.map(({ length }) => length);
    queueMax = Math.max(queueMax, ...lengths);
    imbalanceMax = Math.max(imbalanceMax, Math.max(...lengths) - Math.min(...lengths));
  }
  return { queueMax, imbalanceMax };
}

test('the best alone herds, a random window less, counting own requests hardly at all', () => {
  for (const seed of [1, 2, 3]) {
    const best = run([byAge(), byLoad()], seed);
    const window = run([byAge(), byRandom(), byLogWindow(), byLoad()], seed);
    const predicted = run([byAge(), addPrediction(), byLoad()], seed);
    const said = `seed ${seed}: ${JSON.stringify({ best, window, predicted })}`;
    ok(best.imbalanceMax > 1.5 * window.imbalanceMax, said);
    ok(window.imbalanceMax > 1.5 * predicted.imbalanceMax, said);
    ok(best.queueMax > window.queueMax && window.queueMax > predicted.queueMax, said);
  }
});
