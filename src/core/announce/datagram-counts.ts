/**
 * What became of the datagrams heard, where every thread can read it.
 *
 * Only the main thread hears; the status page is made by whichever worker is asked for it.
 */
import type { IgnoredReason } from './hearing.ts';

/** Each with its place in the shared memory. A reason missing here would not compile. */
const PLACES: Readonly<Record<IgnoredReason | 'heard', number>> = {
  heard: 0,
  late: 1,
  own: 2,
  outside: 3,
  malformed: 4,
  'not-ours': 5,
  version: 6,
  unsigned: 7,
  'bad-signature': 8,
  'missing-field': 9,
  'bad-value': 10,
  'own-contact': 11,
  replayed: 12,
  'stale-boot': 13,
  clock: 14,
  full: 15,
};

export const DATAGRAM_COUNTS_BYTES = 8 * Object.keys(PLACES).length;

export function writeDatagramCounts(
  memory: SharedArrayBuffer,
  counts: ReadonlyMap<IgnoredReason | 'heard', number>,
): void {
  const cells = new Float64Array(memory);
  for (const [reason, count] of counts) cells[PLACES[reason]] = count;
}

/** By reason, all of them, in a fixed order. */
export function readDatagramCounts(memory: SharedArrayBuffer): Readonly<Record<string, number>> {
  const cells = new Float64Array(memory);
  return Object.fromEntries(Object.entries(PLACES).map(([name, place]) => [name, cells[place]!]));
}
