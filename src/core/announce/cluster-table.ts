/**
 * The cluster table's writer: what the main thread has heard of each node, for all threads to read.
 *
 * Slot 0 is this node. Others take the next free slot when first heard and keep it; a node is told
 * by its contact address and port, which no two can share. When all are given, the node silent for
 * longest makes room for a new one, if it has been silent for more than SILENT_MS_MIN. Otherwise
 * the newcomer is refused, and counted by the caller.
 *
 * What a newcomer gets wrong: nodes are not removed for being dead. They stay listed while there is
 * room, as on the original's status page; `byAge` and the chain's own rule keep requests away from
 * them.
 */
import { loadHwmRoundedMilli } from '../candidacy/load-hwm.ts';
import type { Announcement } from './announcement.ts';
import {
  AT_VERSION,
  ROW_OUTSTANDING,
  ROW_TENANCY,
  rowAt,
  SLOT_HEARD,
  SLOT_LOCK,
  SLOT_TENANCY,
  SLOTS_MAX,
  slotAt,
  workersIn,
} from './table-layout.ts';
import { writeRecord } from './table-record.ts';

/**
 * Longer than a machine takes to restart, so that it finds its place again; short, as addresses
 * that change would otherwise fill the table with the dead and shut the living out.
 */
export const SILENT_MS_MIN = 300_000;

type Tenant = { readonly key: string; heardMs: number };

export class ClusterTable {
  readonly #words: Int32Array;
  readonly #tenants: Tenant[] = [];

  /** @param memory from `tableMemory`; this is its only writer but for the workers' counters */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** This node's own figures: slot 0, whatever its contact address is or becomes. */
  writeSelf(announcement: Announcement, nowMs: number): void {
    this.#write(0, announcement, nowMs);
  }

  /** @returns the sender's slot, or null when the table is full */
  write(announcement: Announcement, nowMs: number): number | null {
    const slot = this.slotOf(announcement) ?? this.#freeSlot(nowMs);
    if (slot !== null) this.#write(slot, announcement, nowMs);
    return slot;
  }

  /** Where this sender is, or null when it is new. */
  slotOf({ address, port }: Announcement): number | null {
    const key = keyOf(address, port);
    const slot = this.#tenants.findIndex((tenant, index) => index > 0 && tenant.key === key);
    return slot === -1 ? null : slot;
  }

  /** For a worker that ended: what it had outstanding is no longer. */
  forgetWorker(worker: number): void {
    this.#words.fill(0, rowAt(worker, 0), rowAt(worker + 1, 0));
  }

  /** Requests all workers have sent to this slot and not had answered. */
  outstanding(slot: number): number {
    const words = this.#words;
    const tenancy = Atomics.load(words, slotAt(slot) + SLOT_TENANCY);
    let sum = 0;
    for (let worker = 0; worker < workersIn(words); worker++) {
      const row = rowAt(worker, slot);
      if (Atomics.load(words, row + ROW_TENANCY) !== tenancy) continue;
      sum += Atomics.load(words, row + ROW_OUTSTANDING);
    }
    return sum;
  }

  #freeSlot(nowMs: number): number | null {
    // Slot 0 is ours even before we have written it.
    if (this.#tenants.length < SLOTS_MAX) return Math.max(1, this.#tenants.length);
    let longestGone: number | null = null;
    let sinceMs = nowMs - SILENT_MS_MIN;
    for (let slot = 1; slot < SLOTS_MAX; slot++) {
      const { heardMs } = this.#tenants[slot]!;
      if (heardMs >= sinceMs) continue;
      longestGone = slot;
      sinceMs = heardMs;
    }
    return longestGone;
  }

  #write(slot: number, announcement: Announcement, nowMs: number): void {
    const words = this.#words;
    const key = keyOf(announcement.address, announcement.port);
    const before = this.#tenants[slot];
    const isNewTenant = before === undefined || (slot > 0 && before.key !== key);
    if (this.#tenants.length === 0) this.#tenants[0] = { key: '', heardMs: 0 };
    this.#tenants[slot] = { key, heardMs: nowMs };

    const at = slotAt(slot);
    Atomics.add(words, at + SLOT_LOCK, 1);
    if (isNewTenant || Atomics.load(words, at + SLOT_TENANCY) === 0) {
      Atomics.add(words, at + SLOT_TENANCY, 1);
    }
    Atomics.add(words, at + SLOT_HEARD, 1);
    writeRecord(words, at, {
      ...announcement,
      loadHwmMilli: loadHwmRoundedMilli(announcement.loadPeakMilli),
      heardMs: nowMs,
    });
    Atomics.add(words, at + SLOT_LOCK, 1);
    // Last, so that a reader who sees the new version also sees the record.
    Atomics.add(words, AT_VERSION, 1);
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}
