/**
 * Where everything lies in the shared memory of the cluster table.
 *
 *     header                 version
 *     64 slots               sequence lock, then one node's record
 *     workers x 64 rows      that worker's counters for that slot
 *
 * All of it is 32-bit words that are read and written with `Atomics`, single ones without a lock
 * and a slot's record under its sequence lock: odd while it is being written, so a reader that
 * finds it odd or changed reads again.
 *
 * What a newcomer gets wrong: plain reads between two atomic ones would not do. Nothing in the
 * memory model (ECMA-262 29) keeps a plain read from happening after the second check; on ARM it
 * does.
 */
import { assert } from '../util/assert.ts';

/** Twice the largest cluster this is made for (32 machines), so that replaced ones have room. */
export const SLOTS_MAX = 64;

/** Words a string of `bytes` takes, behind its length. */
const wordsFor = (bytes: number) => 1 + Math.ceil(bytes / 4);

export const NAME_BYTES = 64;
export const ADDRESS_BYTES = 48;

const HEADER_WORDS = 16;
export const AT_VERSION = 0;

/** Fields of a record that fit 32 bits, in order. */
export const NARROW = [
  'port',
  'state',
  'loadMilli',
  'loadHwmMilli',
  'cpuIdleMilli',
  'cpuCount',
  'memoryTotalMb',
  'memoryAvailableMb',
  'capacity',
  'inFlight',
] as const;

/** Whole numbers up to 2^53, high word first. */
export const WIDE = ['heardMs', 'bootId', 'arriba'] as const;

/** Within a slot. `TENANCY` counts the nodes that have had it; 0: never used. */
export const SLOT_LOCK = 0;
export const SLOT_TENANCY = 1;
/** Counts announcements heard in this slot: what "since its last announcement" is told by. */
export const SLOT_HEARD = 2;
export const SLOT_NARROW = 3;
export const SLOT_WIDE = SLOT_NARROW + NARROW.length;
export const SLOT_NAME = SLOT_WIDE + 2 * WIDE.length;
export const SLOT_ADDRESS = SLOT_NAME + wordsFor(NAME_BYTES);
export const SLOT_WORDS = 64;

/** Within a worker's row. A row counts only while its tenancy is the slot's. */
export const ROW_TENANCY = 0;
export const ROW_OUTSTANDING = 1;
/** Sent since the announcement number `ROW_SINCE_HEARD`; counts only while that is the slot's. */
export const ROW_SENT_SINCE = 2;
export const ROW_SINCE_HEARD = 3;
export const ROW_BACKHANDED = 4;
/** In tenths of a ms, over `ROW_TURNAROUNDS` answers. */
export const ROW_TURNAROUND_SUM = 5;
export const ROW_TURNAROUNDS = 6;
/** Number of the announcement after which a connection failed, plus 1; 0: none did. */
export const ROW_FAILED = 7;
const ROW_WORDS = 8;

assert(SLOT_ADDRESS + wordsFor(ADDRESS_BYTES) <= SLOT_WORDS, 'a record fits its slot');

export function slotAt(slot: number): number {
  return HEADER_WORDS + slot * SLOT_WORDS;
}

export function rowAt(worker: number, slot: number): number {
  return slotAt(SLOTS_MAX) + (worker * SLOTS_MAX + slot) * ROW_WORDS;
}

/** The memory of a table for so many workers, all zero: no node known, nothing counted. */
export function tableMemory(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * rowAt(workers, 0));
}

export function workersIn(words: Int32Array): number {
  return (words.length - slotAt(SLOTS_MAX)) / (SLOTS_MAX * ROW_WORDS);
}
