/**
 * How many groups each member has, or will have when all planned moves are done.
 *
 * Comparisons are of products and not of fractions, which would have to be rounded alike by every
 * member.
 */
import type { Candidate } from './eligibility.ts';
import { futureOwner, type Row } from './table.ts';

export class Shares {
  readonly #counts = new Map<string, number>();

  constructor(rows: readonly Row[]) {
    for (const row of rows) this.move(null, futureOwner(row));
  }

  countOf(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  move(from: string | null, to: string | null): void {
    if (from !== null) this.#counts.set(from, this.countOf(from) - 1);
    if (to !== null) this.#counts.set(to, this.countOf(to) + 1);
  }

  /** Who has least for its weight, once it has one more; of equal ones the first of the view. */
  leastOf(candidates: readonly Candidate[]): Candidate | null {
    let least: Candidate | null = null;
    for (const candidate of candidates) {
      if (least === null || this.hasLess(candidate, least)) least = candidate;
    }
    return least;
  }

  /** Whether `a` with one more has less for its weight than `b` with one more. */
  hasLess(a: Candidate, b: Candidate): boolean {
    return (this.countOf(a.name) + 1) * b.weight < (this.countOf(b.name) + 1) * a.weight;
  }

  /** Whether a group that moves evens out: the receiver has less then than the giver has now. */
  evens(giver: Candidate, receiver: Candidate): boolean {
    const after = this.countOf(receiver.name) + 1;
    return after * giver.weight < this.countOf(giver.name) * receiver.weight;
  }
}
