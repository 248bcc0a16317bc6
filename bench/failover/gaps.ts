/**
 * From tries to interruptions: how long a client was without an answer.
 *
 * What a newcomer gets wrong: an interruption is counted from the first try that failed to the
 * first one that did not, so none lost is 0, and one lost is about the 5 ms between two tries.
 */
import type { Tries } from './prober.ts';

/** @returns the longest run of failed tries begun in [fromMs, toMs), in ms */
export function longestGapMs({ atMs, answered }: Tries, fromMs: number, toMs: number): number {
  let longestMs = 0;
  let sinceMs: number | null = null;
  for (let i = 0; i < atMs.length; i++) {
    const tryMs = atMs[i]!;
    if (tryMs < fromMs || tryMs >= toMs) continue;
    if (!answered[i]) sinceMs ??= tryMs;
    else if (sinceMs !== null) {
      longestMs = Math.max(longestMs, tryMs - sinceMs);
      sinceMs = null;
    }
  }
  // Still without an answer when the measurement ended.
  if (sinceMs !== null) longestMs = Math.max(longestMs, toMs - sinceMs);
  return longestMs;
}

/** A change of what a machine has in its kernel. */
export type Change = {
  readonly machine: string;
  readonly atMs: number;
  readonly address: string;
  readonly here: boolean;
};

/** How an address was covered from some moment on, in ms. */
export type Cover = {
  /** It was in two kernels at that moment, and for so long after it; 0: it was not. */
  readonly twiceUntilMs: number;
  /** The longest it was in two kernels later: a planned move makes before it breaks. */
  readonly overlapMs: number;
  /** The longest it was in none. */
  readonly noneMs: number;
};

/** @param changes of one address, any order, from the beginning of the run */
export function cover(changes: readonly Change[], fromMs: number, toMs: number): Cover {
  const ordered = changes.toSorted((a, b) => a.atMs - b.atMs);
  const holders = new Set<string>();
  let twiceUntilMs = 0;
  let overlapMs = 0;
  let noneMs = 0;
  let since: 'before' | 'later' = 'before';
  let lastMs = fromMs;
  const account = (untilMs: number): void => {
    const endMs = Math.min(untilMs, toMs);
    if (endMs <= lastMs) return;
    if (holders.size <= 1) since = 'later';
    else if (since === 'before') twiceUntilMs = endMs - fromMs;
    else overlapMs = Math.max(overlapMs, endMs - lastMs);
    if (holders.size === 0) noneMs = Math.max(noneMs, endMs - lastMs);
    lastMs = endMs;
  };
  for (const { machine, atMs, here } of ordered) {
    account(atMs);
    if (here) holders.add(machine);
    else holders.delete(machine);
  }
  account(toMs);
  return { twiceUntilMs, overlapMs, noneMs };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
