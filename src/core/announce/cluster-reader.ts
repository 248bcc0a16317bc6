/**
 * The cluster table as one thread reads it, and the counters that thread keeps in it.
 *
 *     main thread ──records──►  shared words  ──► every worker's own `Server` objects
 *     each worker ──counts───►
 *
 * `known` is called for every request and costs one `Atomics.load` when nothing was announced. The
 * objects it returns are the worker's own and are changed in place, so nothing is allocated either.
 * Their `outstanding` and `sentSinceHeard` move at once with what this worker sends; what the other
 * workers have sent is added at most every `OTHERS_MS_MIN`.
 *
 * What a newcomer gets wrong: a request served by this very node counts as sent to slot 0, too.
 * Otherwise `addPrediction` would take this node for idle, and nobody could announce its requests
 * in flight.
 */
import type { Server } from '../candidacy/candidates.ts';
import {
  AT_VERSION,
  ROW_BACKHANDED,
  ROW_FAILED,
  ROW_OUTSTANDING,
  ROW_SENT_SINCE,
  ROW_SINCE_HEARD,
  ROW_TENANCY,
  ROW_TURNAROUND_SUM,
  ROW_TURNAROUNDS,
  rowAt,
  SLOT_LOCK,
  SLOTS_MAX,
  slotAt,
  workersIn,
} from './table-layout.ts';
import { emptyRecord, type ReadRecord, readRecord } from './table-record.ts';

/** A hundred times a second: other workers' counts are then as fresh as a request is long. */
export const OTHERS_MS_MIN = 10;

/** The mean is over about as many answers: at this count, sum and count are halved. */
const TURNAROUNDS_MAX = 1_000;

/**
 * A longer one (a tunnel, a hung script) says nothing of speed, and a sum of them would overflow.
 */
const TURNAROUND_MS_MAX = 60_000;

/** What `readonly` keeps from those it is handed to, the reader changes. */
type KnownServer = { -readonly [K in keyof Server]: Server[K] } & ReadRecord;

const UNCOUNTED = {
  outstanding: 0,
  sentSinceHeard: 0,
  backhanded: 0,
  turnaroundMs: 0,
  suspect: false,
};

export class ClusterReader {
  readonly #words: Int32Array;
  /** Null for a thread that sends no requests. */
  readonly #worker: number | null;
  readonly #slots: (KnownServer | undefined)[] = new Array(SLOTS_MAX).fill(undefined);
  /** Each slot's lock when it was last read. */
  readonly #locks = new Int32Array(SLOTS_MAX);
  /** Where a record is read to before it is known whose it is. */
  readonly #record = emptyRecord();
  #known: KnownServer[] = [];
  #version = -1;
  #othersMs = 0;
  #nowMs = 0;

  /** @param worker its index among those the memory was made for; its old counts are forgotten */
  constructor(memory: SharedArrayBuffer, worker: number | null) {
    this.#words = new Int32Array(memory);
    this.#worker = worker;
    if (worker !== null) this.#words.fill(0, rowAt(worker, 0), rowAt(worker + 1, 0));
  }

  /**
   * Every known node in slot order, ourselves first. The array and its servers stay the reader's.
   */
  known(nowMs: number): readonly Server[] {
    this.#nowMs = nowMs;
    const version = Atomics.load(this.#words, AT_VERSION);
    if (version !== this.#version) {
      if (this.#readSlots()) this.#version = version;
      this.#countAll();
    } else if (Math.abs(nowMs - this.#othersMs) >= OTHERS_MS_MIN) {
      this.#countAll();
    }
    return this.#known;
  }

  /** A request went to this slot, ourselves included. */
  sent(slot: number): void {
    const server = this.#slots[slot];
    if (server === undefined) return;
    server.outstanding++;
    server.sentSinceHeard++;
    this.#add(slot, ROW_OUTSTANDING, 1);
    this.#add(slot, ROW_SENT_SINCE, 1);
  }

  /** Its exchange is over, well or not; `turnaroundMs` from sending it to its end. */
  answered(slot: number, turnaroundMs: number): void {
    const server = this.#slots[slot];
    if (server === undefined) return;
    server.outstanding = Math.max(0, server.outstanding - 1);
    server.backhanded++;
    this.#add(slot, ROW_OUTSTANDING, -1);
    this.#add(slot, ROW_BACKHANDED, 1);
    // Whether it was sent before the announcement, and so was in its figures already.
    if (this.#nowMs - turnaroundMs >= server.heardMs && server.sentSinceHeard > 0) {
      server.sentSinceHeard--;
      this.#add(slot, ROW_SENT_SINCE, -1);
    }
    this.#addTurnaround(slot, turnaroundMs);
  }

  /** It did not take a connection: suspect until its next announcement, for every worker. */
  failed(slot: number): void {
    const server = this.#slots[slot];
    if (server === undefined || this.#worker === null) return;
    server.suspect = true;
    Atomics.store(this.#words, rowAt(this.#worker, slot) + ROW_FAILED, server.heardCount + 1);
  }

  /** @returns false when a record could not be had untorn and must be read again */
  #readSlots(): boolean {
    let isComplete = true;
    let isLonger = false;
    for (let slot = 0; slot < SLOTS_MAX; slot++) {
      const lock = Atomics.load(this.#words, slotAt(slot) + SLOT_LOCK);
      if (lock === this.#locks[slot]) continue;
      const readLock = readRecord(this.#words, slotAt(slot), this.#record);
      if (readLock === null) {
        isComplete = false;
        continue;
      }
      this.#locks[slot] = readLock;
      if (this.#take(slot, this.#record)) isLonger = true;
    }
    if (isLonger) this.#known = this.#slots.filter((server) => server !== undefined);
    return isComplete;
  }

  /** @returns true when there is a new object in the slot */
  #take(slot: number, record: ReadRecord): boolean {
    const server = this.#slots[slot];
    if (server === undefined || server.tenancy !== record.tenancy) {
      // A new tenant is a new object: a request under way to the old one keeps what it holds.
      const fresh = { ...record, ...UNCOUNTED, slot };
      this.#slots[slot] = fresh;
      this.#clearRow(fresh);
      return true;
    }
    Object.assign(server, record);
    this.#heardAgain(server);
    return false;
  }

  #clearRow({ slot, tenancy, heardCount }: KnownServer): void {
    if (this.#worker === null) return;
    const row = rowAt(this.#worker, slot);
    this.#words.fill(0, row + 1, rowAt(this.#worker, slot + 1));
    Atomics.store(this.#words, row + ROW_SINCE_HEARD, heardCount);
    Atomics.store(this.#words, row + ROW_TENANCY, tenancy);
  }

  /** What we sent before is in the new figures, and the proof that it lives ends all suspicion. */
  #heardAgain({ slot, heardCount }: KnownServer): void {
    if (this.#worker === null) return;
    const row = rowAt(this.#worker, slot);
    Atomics.store(this.#words, row + ROW_SENT_SINCE, 0);
    Atomics.store(this.#words, row + ROW_SINCE_HEARD, heardCount);
  }

  /** Sums the rows of all workers, our own among them. */
  #countAll(): void {
    this.#othersMs = this.#nowMs;
    for (const server of this.#known) this.#count(server);
  }

  #count(server: KnownServer): void {
    const words = this.#words;
    let outstanding = 0;
    let sentSinceHeard = 0;
    let backhanded = 0;
    let turnaroundSum = 0;
    let turnarounds = 0;
    let suspect = false;
    const workers = workersIn(words);
    for (let worker = 0; worker < workers; worker++) {
      const row = rowAt(worker, server.slot);
      if (Atomics.load(words, row + ROW_TENANCY) !== server.tenancy) continue;
      outstanding += Atomics.load(words, row + ROW_OUTSTANDING);
      if (Atomics.load(words, row + ROW_SINCE_HEARD) === server.heardCount) {
        sentSinceHeard += Atomics.load(words, row + ROW_SENT_SINCE);
      }
      backhanded += Atomics.load(words, row + ROW_BACKHANDED) >>> 0;
      turnaroundSum += Atomics.load(words, row + ROW_TURNAROUND_SUM);
      turnarounds += Atomics.load(words, row + ROW_TURNAROUNDS);
      if (Atomics.load(words, row + ROW_FAILED) === server.heardCount + 1) suspect = true;
    }
    server.outstanding = outstanding;
    server.sentSinceHeard = sentSinceHeard;
    server.backhanded = backhanded;
    server.turnaroundMs = turnarounds === 0 ? 0 : turnaroundSum / 10 / turnarounds;
    server.suspect = suspect;
  }

  #addTurnaround(slot: number, turnaroundMs: number): void {
    if (this.#worker === null) return;
    const row = rowAt(this.#worker, slot);
    const tenths = Math.round(Math.min(Math.max(0, turnaroundMs), TURNAROUND_MS_MAX) * 10);
    let sum = this.#words[row + ROW_TURNAROUND_SUM]! + tenths;
    let count = this.#words[row + ROW_TURNAROUNDS]! + 1;
    if (count >= TURNAROUNDS_MAX) {
      sum = Math.floor(sum / 2);
      count = Math.floor(count / 2);
    }
    // Not one step for other threads; between the two stores the mean is off by one part in
    // `count`.
    this.#words[row + ROW_TURNAROUND_SUM] = sum;
    this.#words[row + ROW_TURNAROUNDS] = count;
  }

  /**
   * Only this worker writes its row, so no other count can get in between. Never below zero. Plain
   * stores, as this is done for each request: they are never torn (ECMA-262 29), and nothing hangs
   * on their order.
   */
  #add(slot: number, column: number, amount: number): void {
    if (this.#worker === null) return;
    const at = rowAt(this.#worker, slot) + column;
    const sum = this.#words[at]! + amount;
    this.#words[at] = sum < 0 && column !== ROW_BACKHANDED ? 0 : sum;
  }
}
