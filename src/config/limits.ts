/**
 * What each limit may be set to, for both dialects: a length of time, or a number in a range.
 */
import type { Limits } from '../core/cluster/config.ts';
import type { Range } from './values.ts';

export const LIMITS: Readonly<Record<keyof Limits, 'duration' | Range>> = {
  // Below, no browser's request fits; above, a head would no longer fit a worker's receive buffer.
  headBytesMax: { min: 1_024, max: 131_072 },
  headTimeoutMs: 'duration',
  keepAliveTimeoutMs: 'duration',
  connectTimeoutMs: 'duration',
  responseTimeoutMs: 'duration',
  tunnelTimeoutMs: 'duration',
  poolIdleMax: { min: 0, max: 65_535 },
  poolIdleTimeoutMs: 'duration',
  // `fs.nr_open` of a stock kernel; every client costs at least one descriptor.
  clientsMax: { min: 1, max: 1_048_576 },
};

/** Requests one application may be said to work on at once. */
export const CAPACITY: Range = { min: 0, max: 1_000_000 };

/** Worker threads; 0 means one per processor. */
export const WORKERS: Range = { min: 0, max: 256 };

export function limitKeys(): (keyof Limits)[] {
  return Object.keys(LIMITS) as (keyof Limits)[];
}
