/**
 * A load that somebody else measures: the text of the file that `ForehandLoadFrom` names.
 *
 * A container sees the load of the whole machine in /proc/loadavg, and an application may know
 * better than any kernel how busy it is. Two forms are understood, told apart by the text itself:
 *
 *     0.42 0.40 0.38 1/123 456        a number first, as in proc_loadavg(5): that is the load
 *     usage_usec 1234567 ...          cpu.stat of a control group: processor time used so far
 *
 * What a newcomer gets wrong: the second is a counter, so a load is only known from the second
 * reading on, and it counts processors at work, not the queue before them.
 */

export type LoadReport =
  | { readonly kind: 'load'; readonly loadMilli: number }
  | { readonly kind: 'used'; readonly cpuTimeUs: number };

/** Far above any real load, and within the announcement's four bytes. */
const LOAD_MAX = 1_000_000;

export function parseLoadReport(text: string): LoadReport | null {
  const used = /^usage_usec (\d{1,15})$/m.exec(text)?.[1];
  if (used !== undefined) return { kind: 'used', cpuTimeUs: Number(used) };
  const load = /^\s*(\d+(?:\.\d+)?)(?=\s|$)/.exec(text)?.[1];
  if (load === undefined || Number(load) > LOAD_MAX) return null;
  return { kind: 'load', loadMilli: Math.round(Number(load) * 1_000) };
}

export type Usage = { readonly cpuTimeUs: number; readonly atMs: number };

/**
 * Processors in use on average between two readings, times 1000. None when no time passed, or when
 * the counter ran backwards, as it does when the group is made anew.
 */
export function usedMilli(before: Usage, after: Usage): number {
  const passedMs = after.atMs - before.atMs;
  const usedUs = after.cpuTimeUs - before.cpuTimeUs;
  if (passedMs <= 0 || usedUs < 0) return 0;
  return Math.round(usedUs / passedMs);
}
