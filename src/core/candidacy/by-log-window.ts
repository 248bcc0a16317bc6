/**
 * `byLogWindow`: keeps the first floor(log2 n), but one at least: 17 servers become 4, and 1 stays
 * 1.
 *
 * Behind `byRandom` and before `byLoad` it is the choice among a few at random, which does not herd
 * on stale figures (CNDS-2000-2, "avoids oscillations"; `docs/architecture.md`, Balancing). Without
 * the lower bound a cluster of one could not serve. Up to three servers the window is one, so the
 * chain then amounts to `byRandom`.
 */
import { parseNothing } from './argument.ts';
import type { Candidacy } from './candidates.ts';

export function byLogWindow(): Candidacy {
  return {
    name: 'byLogWindow',
    apply: (candidates) => {
      if (candidates.count > 1) candidates.count = floorLog2(candidates.count);
    },
  };
}

export function parseByLogWindow(argument: string | null) {
  return parseNothing(argument, byLogWindow);
}

/** Exact for every count, which Math.log2 is not promised to be (ECMA-262 21.3.2.24). */
function floorLog2(count: number): number {
  return 31 - Math.clz32(count);
}
