/**
 * Which addresses change their owner in a round of balancing, and to whom.
 *
 * What a newcomer gets wrong: only the first member of a membership says so, and the others do as
 * it says without computing anything. So nothing here has to be as the original computes it: when
 * all that is left at the busiest member is preferred there, the original sends what it has in its
 * buffer, and we nothing.
 */
import { type Entry, leastOf, type Seat } from './allocation.ts';
import { type Move, Priority } from './messages.ts';

export function evenOut(
  table: readonly Entry[],
  seats: readonly Seat[],
  rate: number | 'all',
): Move[] {
  const counts = seats.map((seat) => ({ ...seat }));
  const owners = new Map(table.map(({ address, owner }) => [address, owner]));
  const moves: Move[] = [];
  while (rate === 'all' || moves.length < rate) {
    const least = leastOf(counts);
    const most = mostOf(counts);
    if (least === null || most === null || most.count - least.count <= 1) break;
    const entry = table.find(({ address, priority }) => {
      return owners.get(address) === most.real && priority < Priority.prefer;
    });
    if (entry === undefined || least.real === null) break;
    moves.push({ address: entry.address, to: least.real });
    owners.set(entry.address, least.real);
    most.count--;
    least.count++;
  }
  return moves;
}

function mostOf(seats: readonly Seat[]): Seat | null {
  return seats.reduce<Seat | null>(
    (most, seat) => (most === null || seat.count > most.count ? seat : most),
    null,
  );
}
