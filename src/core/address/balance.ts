/**
 * Evening out: as few moves as lead to shares that differ by at most one group per weight.
 *
 * One representative says when a round is due; what moves in it, every member computes alike. In
 * Wackamole the representative sends the list of moves, and with only preferred groups to give, a
 * list with whatever the buffer held before.
 */
import { canTake } from './allocation.ts';
import { bestOf, type Candidate } from './eligibility.ts';
import { Shares } from './shares.ts';
import { Claim, type Row, withHeir } from './table.ts';

/** @returns the rows with the heirs of this round, the same array when nothing is to be moved */
export function balance(
  rows: readonly Row[],
  candidates: readonly Candidate[],
  rate: number | 'all',
): readonly Row[] {
  const best = bestOf(candidates);
  const table = [...rows];
  const shares = new Shares(rows);
  // Each move lessens the unevenness, so `all` ends; no round has more moves than groups.
  const movesMax = rate === 'all' ? rows.length : Math.min(rate, rows.length);
  let moves = 0;
  while (moves < movesMax) {
    const move = nextMove(table, best, shares);
    if (move === null) break;
    const { index, giver, receiver } = move;
    const why = { cause: 'balanced', from: giver.name } as const;
    table[index] = withHeir(table[index]!, { name: receiver.name, why });
    shares.move(giver.name, receiver.name);
    moves++;
  }
  return moves === 0 ? rows : table;
}

type Move = {
  readonly index: number;
  readonly giver: Candidate;
  readonly receiver: Candidate;
};

/** From the one with the largest share that has something to give, to the one with the smallest. */
function nextMove(rows: readonly Row[], best: readonly Candidate[], shares: Shares): Move | null {
  const receiver = shares.leastOf(best);
  if (receiver === null) return null;
  // Largest share first; of equal ones the first of the view, as sorting is stable.
  const givers = [...best].sort(
    (a, b) => shares.countOf(b.name) * a.weight - shares.countOf(a.name) * b.weight,
  );
  for (const giver of givers) {
    if (!shares.evens(giver, receiver)) return null;
    const isMovable = (row: Row): boolean =>
      row.owner === giver.name &&
      row.heir === null &&
      row.claim === Claim.claimed &&
      canTake(receiver, row);
    // What an operator has put there stays, as long as anything else will do.
    const usual = rows.findIndex((row) => isMovable(row) && row.why.cause !== 'asked');
    const index = usual >= 0 ? usual : rows.findIndex(isMovable);
    if (index >= 0) return { index, giver, receiver };
  }
  return null;
}
