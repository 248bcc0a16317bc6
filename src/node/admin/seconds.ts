/**
 * The last minute of this node's proxy, second by second, from counters that only grow.
 *
 * What a newcomer gets wrong: a percentile comes from a histogram, so it is exact to its bucket
 * only; between two bounds it is taken as evenly spread.
 */
import { OUTCOMES } from '../../core/relay/outcome.ts';
import type { SecondRow } from '../../core/report/node-report.ts';
import { LATENCY_BOUNDS_MS, type Totals } from '../../proxy/counters.ts';

const SECONDS_MAX = 60;

/** What a client did to itself is no failure of the site. */
const FAILED = OUTCOMES.filter(({ side, phase }) => side !== 'client' && phase !== 'done')
  .map(({ code }) => code)
  .filter((code) => code !== 'TUNNEL_ENDED');

export class Seconds {
  readonly rows: SecondRow[] = [];
  #last: Totals;

  constructor(first: Totals) {
    this.#last = first;
  }

  /** Once a second. */
  add(totals: Totals, nowMs: number): void {
    const last = this.#last;
    this.#last = totals;
    const counts = totals.latencies.map((count, i) => count - last.latencies[i]!);
    const failed = FAILED.reduce((sum, code) => {
      return sum + (totals.outcomes[code] ?? 0) - (last.outcomes[code] ?? 0);
    }, 0);
    this.rows.push({
      atMs: nowMs - 1_000,
      requests: totals.single.requests - last.single.requests,
      failed,
      p50Ms: percentileMs(counts, 0.5),
      p95Ms: percentileMs(counts, 0.95),
      p99Ms: percentileMs(counts, 0.99),
    });
    if (this.rows.length > SECONDS_MAX) this.rows.shift();
  }
}

/**
 * @param counts by bucket of `LATENCY_BOUNDS_MS`, and one beyond
 * @returns null when nothing was counted
 */
export function percentileMs(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let rest = share * total;
  for (const [i, count] of counts.entries()) {
    if (rest > count || count === 0) {
      rest -= count;
      continue;
    }
    const from = LATENCY_BOUNDS_MS[i - 1] ?? 0;
    const to = LATENCY_BOUNDS_MS[i] ?? from;
    return from + (to - from) * (rest / count);
  }
  return LATENCY_BOUNDS_MS.at(-1)!;
}
