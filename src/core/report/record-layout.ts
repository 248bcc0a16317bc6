/**
 * Where a worker's request records lie in shared memory, and who may touch what.
 *
 *     header     counters of the ring, and how many requests are wanted at all
 *     names      zones and servers, written once each and told by number
 *     queue      slot numbers in the order their requests ended
 *     slots      one request each: numbers, then as much of its head as fits
 *
 * The queue is both things at once: read from behind it is the news, and taken from in front it is
 * the list of free slots. So a record stays readable for as long as possible, whatever order
 * requests end in, and a slot is never taken from a request that is still under way.
 *
 *        taken by new requests ◄── [claimed ......... completed) ◄── requests that have ended
 *
 * What a newcomer gets wrong: the writer never waits for a reader. A reader that is too slow finds
 * `claimed` ahead of what it wanted, and that record is gone.
 */
import { assert } from '../util/assert.ts';

/**
 * A power of two. At 50 000 requests a second, more than one worker can do, these are 80 ms; a
 * reader in a hurry looks every 5 ms. 8 MB for each worker.
 */
export const SLOTS = 4_096;

/** Slots for requests under way are at most so many; the rest of them have private memory. */
export const CLAIMS_MAX = SLOTS / 2;

/**
 * A record is read only while the writer is this many claims away from its slot. Each claim is an
 * atomic store, and no processor moves plain stores ahead over that many of them.
 */
export const MARGIN = 64;

const HEADER_WORDS = 16;
/** Slots ever taken, modulo 2^32. */
export const AT_CLAIMED = 0;
/** Slots ever given back, likewise; begins at SLOTS, as all are free then. */
export const AT_COMPLETED = 1;
/** One request in so many is recorded: 1 is all of them, 0 is none. */
export const AT_WANTED = 2;

/** Names are overwritten in turn; 512 new ones within one reader's round do not happen. */
export const NAMES = 512;
export const NAME_WORDS = 32;
export const NAME_BYTES = 4 * (NAME_WORDS - 2);
/** Within a name: how often it was written, its length in bytes, UTF-8. */
export const NAME_VERSION = 0;
export const NAME_LENGTH = 1;
export const NAME_TEXT = 2;

export const AT_NAMES = HEADER_WORDS;
export const AT_QUEUE = AT_NAMES + NAMES * NAME_WORDS;
export const AT_SLOTS = AT_QUEUE + SLOTS;

/** Within a slot, in words. */
export const SLOT_WORDS = 512;
export const IN_NUMBER = 0;
/** Of its zone and its server: index of the name plus 1; 0: none. */
export const IN_ZONE = 1;
export const IN_SERVER = 2;
export const IN_WAY = 3;
/** `Flag` together. */
export const IN_FLAGS = 4;
export const IN_OUTCOME = 5;
export const IN_STATUS = 6;
export const IN_TRIES = 7;
/** What its random numbers began with; 0: none were drawn. */
export const IN_SEED = 8;
export const IN_CLIENT_BYTES = 9;
export const IN_HEAD_BYTES = 10;
/** Whom the chain chose, as IN_SERVER. */
export const IN_CHOSEN = 11;
export const IN_CLIENT = 12;
export const CLIENT_BYTES = 48;

/** Within a slot, in doubles. */
export const IN_AT_MS = 12;
export const IN_BYTES_OUT = 13;
/** Since AT_MS; below zero: it did not come to that. */
export const IN_SENT_MS = 14;
export const IN_FIRST_BYTE_MS = 15;
export const IN_TOTAL_MS = 16;
/** On the worker's monotonic clock. */
export const IN_STARTED_MS = 17;

/** Within a slot, in bytes. */
export const IN_HEAD = 144;
export const HEAD_BYTES = 4 * SLOT_WORDS - IN_HEAD;

export const Flag = {
  /** Another node had balanced it already. */
  relayed: 1,
  /** Some of its field lines were left out for want of room. */
  cut: 2,
  /** A field with credentials was left out. */
  credentials: 4,
  /** Its first line alone, as it was refused. */
  refused: 8,
  /** The chain ran again, as all of its first list took no connection. */
  chosenAgain: 16,
} as const;

/** In the order of their numbers. */
export const WAYS = ['local', 'status', 'node', 'redirect', 'nobody', 'refuse', 'admin'] as const;

assert(IN_CLIENT + CLIENT_BYTES / 4 <= 2 * IN_AT_MS, 'the client ends before the doubles');
assert(8 * (IN_STARTED_MS + 1) <= IN_HEAD, 'the doubles end before the head');

export const RECORDS_BYTES = 4 * (AT_SLOTS + SLOTS * SLOT_WORDS);

/**
 * While nobody looks, so that there is always something to ask `why` about. Recording costs 0.2 us
 * a request, 1 % of what relaying one costs (docs/benchmarks.md), so all of them would be too many.
 */
export const SAMPLE = 16;

/** One worker's records: all slots free, nothing wanted yet. */
export function recordMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(RECORDS_BYTES);
  const words = new Int32Array(memory);
  for (let slot = 0; slot < SLOTS; slot++) words[AT_QUEUE + slot] = slot;
  Atomics.store(words, AT_COMPLETED, SLOTS);
  return memory;
}
