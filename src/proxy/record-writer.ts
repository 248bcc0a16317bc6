/**
 * A worker's side of its request records: slots for requests that begin, and the end of each.
 *
 * What a newcomer gets wrong: it never waits and never fails. When so many requests are under way
 * at once that slots run short (CLAIMS_MAX: tunnels, long polls), new ones are noted in private
 * memory, and copied into a slot when they end. Layout and rules: core/report/record-layout.ts.
 */
import {
  AT_CLAIMED,
  AT_COMPLETED,
  AT_NAMES,
  AT_QUEUE,
  AT_SLOTS,
  AT_WANTED,
  CLAIMS_MAX,
  NAME_BYTES,
  NAME_LENGTH,
  NAME_TEXT,
  NAME_VERSION,
  NAME_WORDS,
  NAMES,
  SLOT_WORDS,
  SLOTS,
} from '../core/report/record-layout.ts';
import { BufferView } from './buffer-view.ts';
import { Pool } from './pool.ts';

/** Private slots kept for the next flood; 2 KB each. */
const SPARE_IDLE_MAX = 1_024;

/** Memory with slots in it: the shared one, or a private one with a single slot. */
export type Slots = {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
  /** Where slot 0 begins. */
  readonly wordsAt: number;
};

export class RecordWriter {
  /** Of the request begun last: its number in this worker, and its slot. */
  number = 0;
  slots: Slots | null = null;
  slot = 0;
  readonly #shared: Slots;
  readonly #words: Int32Array;
  readonly #spares = new Pool(() => slotsIn(new ArrayBuffer(4 * SLOT_WORDS), 0), SPARE_IDLE_MAX);
  readonly #names = new Map<string, number>();
  readonly #nameAt: (string | undefined)[] = new Array(NAMES).fill(undefined);
  #nameNext = 0;
  /** Of the receive buffer, which heads are copied from. */
  readonly buffers = new BufferView();

  /** @param memory from `recordMemory`; this is its only writer but for AT_WANTED */
  constructor(memory: SharedArrayBuffer) {
    this.#shared = slotsIn(memory, AT_SLOTS);
    this.#words = this.#shared.words;
  }

  /** @returns false when this one is not wanted; else number, slots and slot are the new one's */
  next(): boolean {
    this.number = (this.number + 1) | 0;
    const words = this.#words;
    const wanted = Atomics.load(words, AT_WANTED);
    // `x % 0` is no number, so 0 wants none.
    if (wanted !== 1 && this.number % wanted !== 0) return false;
    const claimed = words[AT_CLAIMED]!;
    const free = (words[AT_COMPLETED]! - claimed) | 0;
    if (free <= SLOTS - CLAIMS_MAX) {
      this.slots = this.#spares.take();
      this.slot = 0;
      return true;
    }
    this.slots = this.#shared;
    this.slot = this.#claim();
    return true;
  }

  complete(slots: Slots, slot: number): void {
    let ended = slot;
    if (slots !== this.#shared) {
      ended = this.#claim();
      slots.bytes.copy(this.#shared.bytes, 4 * (AT_SLOTS + ended * SLOT_WORDS));
      this.#spares.give(slots);
    }
    const words = this.#words;
    const completed = words[AT_COMPLETED]!;
    words[AT_QUEUE + (completed & (SLOTS - 1))] = ended;
    Atomics.store(words, AT_COMPLETED, (completed + 1) | 0);
  }

  /** @returns the number under which readers find it; 0 for '' */
  nameOf(name: string): number {
    if (name === '') return 0;
    return this.#names.get(name) ?? this.#addName(name);
  }

  /** The slot whose record is the oldest. There is one: half of them are never under way. */
  #claim(): number {
    const words = this.#words;
    const claimed = words[AT_CLAIMED]!;
    const slot = words[AT_QUEUE + (claimed & (SLOTS - 1))]!;
    Atomics.store(words, AT_CLAIMED, (claimed + 1) | 0);
    return slot;
  }

  #addName(name: string): number {
    const index = this.#nameNext;
    this.#nameNext = (index + 1) % NAMES;
    const before = this.#nameAt[index];
    if (before !== undefined) this.#names.delete(before);
    this.#nameAt[index] = name;
    this.#names.set(name, index + 1);
    const at = AT_NAMES + index * NAME_WORDS;
    const bytes = this.#shared.bytes.subarray(4 * (at + NAME_TEXT), 4 * at + 4 * NAME_WORDS);
    this.#words[at + NAME_LENGTH] = Buffer.from(name).copy(bytes, 0, 0, NAME_BYTES);
    Atomics.add(this.#words, at + NAME_VERSION, 1);
    return index + 1;
  }
}

function slotsIn(memory: ArrayBuffer | SharedArrayBuffer, wordsAt: number): Slots {
  return {
    words: new Int32Array(memory),
    doubles: new Float64Array(memory),
    bytes: Buffer.from(memory),
    wordsAt,
  };
}
