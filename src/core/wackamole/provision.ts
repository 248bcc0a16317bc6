/**
 * What nodes of ours hold for the time being, while somebody in the group says nothing.
 *
 * A member that sends no STATE stops the original for ever: nobody takes anything over. It may be
 * a program that is no Wackamole at all, or one that hangs with its addresses still up. Ours agree
 * among themselves (GO ON, `kin.ts`) who holds meanwhile what nobody who has spoken holds; each
 * asks the network first, so that what the silent one still answers for stays with it.
 *
 * Invariant: the originals' table is not touched. When the last STATE comes after all, or the
 * silent one leaves, they decide as if nothing had been, and we with them; what was held for the
 * time being is then let go, or held in earnest.
 */
import { type Allocation, leastOf, type Seat } from './allocation.ts';

export class Provision {
  /** The owner's own address, by address. */
  readonly #owners = new Map<string, string>();
  #goesOn = false;

  get owners(): ReadonlyMap<string, string> {
    return this.#owners;
  }

  /** @param speakers those of ours that have spoken in this membership, in its order */
  goOn(allocation: Allocation, speakers: readonly Seat[]): void {
    this.#goesOn = true;
    this.settle(allocation, speakers);
    const shares = speakers.map((seat) => ({
      ...seat,
      count: seat.count + this.#countOf(seat.real),
    }));
    for (const { address, owner } of allocation.table) {
      if (this.#owners.has(address) || allocation.claimantsOf(address).length > 0) continue;
      const heir = shares.find(({ real }) => real === owner) ?? leastOf(shares);
      if (heir === null || heir.real === null) return;
      heir.count++;
      this.#owners.set(address, heir.real);
    }
  }

  /**
   * What somebody says to hold is his. Of several an original has it, since it lets nothing go
   * before all have spoken; else the first.
   */
  settle(allocation: Allocation, speakers: readonly Seat[]): void {
    if (!this.#goesOn) return;
    const ours = new Set(speakers.map(({ real }) => real));
    for (const { address } of allocation.table) {
      const claimants = allocation.claimantsOf(address);
      const holder = claimants.find((real) => !ours.has(real)) ?? claimants[0];
      if (holder === undefined) continue;
      if (claimants.length > 1) this.#owners.set(address, holder);
      else this.#owners.delete(address);
    }
  }

  clear(): void {
    this.#goesOn = false;
    this.#owners.clear();
  }

  #countOf(real: string | null): number {
    return [...this.#owners.values()].filter((owner) => owner === real).length;
  }
}
