/**
 * Two members claim the same group: who keeps it.
 *
 * The fitter one, then the stronger claim, then the one that was ordered first (`wackamole.c`,
 * handling of STATE). The loser lets go at once and the winner announces, which Wackamole's does
 * not: its neighbours go on sending to the loser until their caches expire.
 */
import type { Rank } from './eligibility.ts';
import { Claim, ownedBy, type Row, type Why } from './table.ts';

export type Claimant = {
  readonly name: string;
  readonly claim: Claim;
  readonly why: Why;
  readonly rank: Rank;
};

export type Verdict = {
  readonly row: Row;
  /** Null: nobody else claims it. */
  readonly loser: string | null;
};

/** @param ownerRank of the row's owner; without meaning when there is none */
export function contest(row: Row, claimant: Claimant, ownerRank: Rank): Verdict {
  const { name, claim, why, rank } = claimant;
  if (rank === null) return { row, loser: row.owner === null ? null : name };
  const taken = ownedBy(row, name, claim, why);
  if (row.owner === null || row.owner === name) return { row: taken, loser: null };
  // What only looks on, or only arrives, gives way before anybody's health is compared.
  const bothHold = claim >= Claim.claimed && row.claim >= Claim.claimed;
  const fitter = bothHold ? (ownerRank ?? Number.POSITIVE_INFINITY) - rank : 0;
  const wins = fitter === 0 ? claim > row.claim : fitter > 0;
  return wins ? { row: taken, loser: row.owner } : { row, loser: name };
}
