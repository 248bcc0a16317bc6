/** Two claim the same: the table of WACKAMOLE 4.3, and health before it. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { contest } from './conflict.ts';
import type { Rank } from './eligibility.ts';
import { Claim, ownedBy, unclaimed } from './table.ts';

const why = { cause: 'first', from: null } as const;
const { arriving, claimed, preferred } = Claim;

test('contest() decides as the table says', () => {
  const cases: readonly (readonly [Claim, Rank, Claim, Rank, string])[] = [
    // existing claim, its rank, new claim, its rank, who has it then
    [claimed, 0, claimed, 0, 'first'],
    [preferred, 0, preferred, 0, 'first'],
    [preferred, 0, claimed, 0, 'first'],
    [claimed, 0, preferred, 0, 'second'],
    [arriving, 0, claimed, 0, 'second'],
    [claimed, 0, arriving, 0, 'first'],
    [arriving, 0, claimed, 1, 'second'],
    [claimed, 1, claimed, 0, 'second'],
    [preferred, 1, claimed, 0, 'second'],
    [claimed, 0, preferred, 1, 'first'],
    [claimed, null, claimed, 0, 'second'],
    [claimed, 0, claimed, null, 'first'],
  ];
  for (const [claim, rank, newClaim, newRank, winner] of cases) {
    const row = ownedBy(unclaimed('10.0.0.1', null), 'first', claim, why);
    const claimant = { name: 'second', claim: newClaim, why, rank: newRank };
    const verdict = contest(row, claimant, rank);
    equal(verdict.row.owner, winner, `${claim}, ${rank} against ${newClaim}, ${newRank}`);
    equal(verdict.loser, winner === 'first' ? 'second' : 'first');
  }
});

test('contest() knows no loser when nobody else claims', () => {
  const claimant = { name: 'only', claim: claimed, why, rank: 0 };
  const verdict = contest(unclaimed('10.0.0.1', null), claimant, null);
  equal(verdict.row.owner, 'only');
  equal(verdict.loser, null);
});
