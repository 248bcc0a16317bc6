/**
 * One node's record in the shared words of the cluster table: writing it, and reading it untorn.
 *
 * The caller of `writeRecord` holds the slot's lock odd around it. `readRecord` looks at the lock
 * before and after, and says so when it could not get an untorn record: it never waits, as a thread
 * that was put to sleep in the middle of writing would otherwise hold up every request.
 */
import type { NodeState, Server } from '../candidacy/candidates.ts';
import {
  ADDRESS_BYTES,
  NAME_BYTES,
  NARROW,
  SLOT_ADDRESS,
  SLOT_HEARD,
  SLOT_LOCK,
  SLOT_NAME,
  SLOT_NARROW,
  SLOT_TENANCY,
  SLOT_WIDE,
  SLOT_WORDS,
  WIDE,
} from './table-layout.ts';

/** What a slot holds: a `Server` without what each reader adds to it. */
export type TableRecord = Pick<
  Server,
  (typeof NARROW)[number] | (typeof WIDE)[number] | 'name' | 'address'
>;

/** The record as a reader keeps it, to be filled again and again. */
export type ReadRecord = { -readonly [K in keyof TableRecord]: TableRecord[K] } & {
  tenancy: number;
  heardCount: number;
};

export function emptyRecord(): ReadRecord {
  return {
    name: '',
    address: '',
    port: 0,
    heardMs: 0,
    bootId: 0,
    state: 0,
    loadMilli: 0,
    loadHwmMilli: 0,
    cpuIdleMilli: 0,
    cpuCount: 0,
    arriba: 0,
    memoryTotalMb: 0,
    memoryAvailableMb: 0,
    capacity: 0,
    inFlight: 0,
    tenancy: 0,
    heardCount: 0,
  };
}

/** A write takes about a microsecond; if so many reads met one, its thread is not running. */
const READS_MAX = 100;

export function writeRecord(words: Int32Array, at: number, record: TableRecord): void {
  for (let i = 0; i < NARROW.length; i++) {
    Atomics.store(words, at + SLOT_NARROW + i, record[NARROW[i]!]);
  }
  for (let i = 0; i < WIDE.length; i++) {
    const value = record[WIDE[i]!];
    Atomics.store(words, at + SLOT_WIDE + 2 * i, Math.floor(value / 2 ** 32));
    Atomics.store(words, at + SLOT_WIDE + 2 * i + 1, value % 2 ** 32);
  }
  writeText(words, at + SLOT_NAME, record.name, NAME_BYTES);
  writeText(words, at + SLOT_ADDRESS, record.address, ADDRESS_BYTES);
}

/**
 * @param into filled if this succeeds, else untouched
 * @returns the lock's value, which differs after the next write; null when every try met a writer
 */
export function readRecord(words: Int32Array, at: number, into: ReadRecord): number | null {
  for (let tries = 0; tries < READS_MAX; tries++) {
    const lock = Atomics.load(words, at + SLOT_LOCK);
    if ((lock & 1) !== 0) continue;
    for (let i = 0; i < SLOT_WORDS; i++) copied[i] = Atomics.load(words, at + i);
    if (Atomics.load(words, at + SLOT_LOCK) !== lock) continue;
    readFields(copied, into);
    return lock;
  }
  return null;
}

/** Where a slot is copied to before anyone looks at it: what is torn is never even decoded. */
const copied = new Int32Array(SLOT_WORDS);

function readFields(slot: Int32Array, into: ReadRecord): void {
  into.tenancy = slot[SLOT_TENANCY]!;
  into.heardCount = slot[SLOT_HEARD]!;
  for (let i = 0; i < NARROW.length; i++) {
    // The only narrow field of a type of its own is `state`, and the writer's was one.
    into[NARROW[i]!] = (slot[SLOT_NARROW + i]! >>> 0) as NodeState;
  }
  for (let i = 0; i < WIDE.length; i++) {
    const high = slot[SLOT_WIDE + 2 * i]! >>> 0;
    const low = slot[SLOT_WIDE + 2 * i + 1]! >>> 0;
    into[WIDE[i]!] = high * 2 ** 32 + low;
  }
  into.name = readText(slot, SLOT_NAME, NAME_BYTES);
  into.address = readText(slot, SLOT_ADDRESS, ADDRESS_BYTES);
}

/** Its length in bytes, then UTF-8, four bytes a word. */
function writeText(words: Int32Array, at: number, text: string, bytesMax: number): void {
  const bytes = new Uint8Array(bytesMax);
  const { written } = new TextEncoder().encodeInto(text, bytes);
  const view = new DataView(bytes.buffer);
  Atomics.store(words, at, written);
  for (let i = 0; i < bytesMax / 4; i++) Atomics.store(words, at + 1 + i, view.getInt32(4 * i));
}

function readText(slot: Int32Array, at: number, bytesMax: number): string {
  const bytes = new Uint8Array(bytesMax);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < bytesMax / 4; i++) view.setInt32(4 * i, slot[at + 1 + i]!);
  return new TextDecoder().decode(bytes.subarray(0, slot[at]!));
}
