/**
 * What this node has been told to hold, and what of it is up.
 *
 * Invariant: nothing is held or announced that the table of the current view does not give to this
 * node. `hold` and `announce` assert it; a keeper that would shout for an address it has lost is
 * worse than one that crashes and is restarted.
 */
import { assert } from '../util/assert.ts';
import type { KeeperEffect } from './keeper-events.ts';
import type { Held } from './keeper-message.ts';
import { Claim, type Row } from './table.ts';

export class Holdings {
  readonly #name: string;
  readonly #held = new Map<string, Held>();
  /** When each was first asked for. */
  readonly #since = new Map<string, number>();
  /** In the kernel and announced, says the driver. */
  readonly #up = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  get groups(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** For the STATE of a new view: each with the claim it had in the old one. */
  get claims(): readonly Held[] {
    return [...this.#held.values()];
  }

  has(group: string): boolean {
    return this.#held.has(group);
  }

  isUp(group: string): boolean {
    return this.#up.has(group);
  }

  hold(row: Row, nowMs: number): KeeperEffect {
    const owns = row.owner === this.#name;
    assert(owns || row.heir?.name === this.#name, 'only what is ours in this view is held');
    const known = this.#held.has(row.group);
    this.remember(row);
    if (!known) this.#since.set(row.group, nowMs);
    // An heir is about to take it from somebody who holds it: a stranger would have been noticed.
    const probeFirst = owns && !known && row.why.from === null;
    return { kind: 'hold', group: row.group, probeFirst };
  }

  /** Keeps the claim up to date, for the next view. */
  remember(row: Row): void {
    const owns = row.owner === this.#name;
    this.#held.set(row.group, {
      group: row.group,
      claim: owns ? row.claim : Claim.arriving,
      why: owns ? row.why : (row.heir?.why ?? row.why),
    });
  }

  release(group: string, handedOver: boolean): KeeperEffect {
    this.#held.delete(group);
    this.#up.delete(group);
    this.#since.delete(group);
    return { kind: 'release', group, handedOver };
  }

  /** @returns false when the driver speaks of something it should not hold any more */
  markUp(group: string): boolean {
    if (!this.#held.has(group)) return false;
    this.#up.add(group);
    return true;
  }

  /** Asked for this long ago, and still not up. */
  late(limitMs: number, nowMs: number): readonly string[] {
    return this.groups.filter((group) => {
      return !this.#up.has(group) && nowMs >= this.#since.get(group)! + limitMs;
    });
  }

  /** When those that are not up will be late. */
  lateAtMs(limitMs: number): readonly number[] {
    const coming = this.groups.filter((group) => !this.#up.has(group));
    return coming.map((group) => this.#since.get(group)! + limitMs);
  }

  announce(row: Row): KeeperEffect {
    const owns = row.owner === this.#name && this.#held.has(row.group);
    assert(owns, 'only what is owned in this view is announced');
    return { kind: 'announce', group: row.group };
  }
}
