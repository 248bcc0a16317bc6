/**
 * Whom a leader leaves where they are for now: trust is between two (`Detector`), and a member that
 * comes back is trusted by some up to ten seconds before it is by others.
 *
 *     view {b, c}    b trusts a already, c does not yet, though both hear each other: if a took b,
 *       a .... b     c would be alone, and for a while two views would each have less than there
 *        .     |     is. In some seconds all three are one clique without that.
 *          ... c
 *
 * What a newcomer gets wrong: this is about those who hear each other, so it ends by itself. Two
 * that do not, for good, may well be parted.
 */
import type { Member } from './group.ts';
import { type Attempt, Row, sameAttempt } from './packet.ts';
import type { Peer } from './peer.ts';

/** One of those among whom a leader chooses, itself included: where it is, and whom it hears. */
export type Placed = {
  readonly member: Member;
  readonly view: Attempt;
  readonly row: ReadonlyMap<number, number>;
};

/** Two that hear each other, and do not trust each other yet. */
export type Doubt = readonly [Placed, Placed];

/**
 * @param neighbours whom we are connected to
 * @param coming heard both ways, and not connected yet
 */
export function doubtsAmong(
  self: Placed,
  neighbours: readonly Peer[],
  coming: readonly Peer[],
): readonly Doubt[] {
  const all = new Map<number, Placed>();
  for (const one of [self, ...neighbours, ...coming]) all.set(one.member.bootId, one);
  const doubts: Doubt[] = [];
  for (const one of all.values()) {
    for (const [bootId, flags] of one.row) {
      const other = all.get(bootId);
      if ((flags & Row.connected) !== 0 || other === undefined) continue;
      if (other.row.has(one.member.bootId)) doubts.push([one, other], [other, one]);
    }
  }
  return doubts;
}

/** How a leader sees itself. */
export function placedSelf(
  member: Member,
  view: Attempt,
  heard: { readonly neighbours: readonly Peer[]; readonly coming: readonly Peer[] },
): Placed {
  const row = new Map<number, number>();
  for (const { member: other } of heard.coming) row.set(other.bootId, 0);
  for (const { member: other } of heard.neighbours) row.set(other.bootId, Row.connected);
  return { member, view, row };
}

/**
 * Whether to take one more would part two that are in one view, and will be one clique with all of
 * these soon.
 */
export function parts(one: Placed, taken: readonly Placed[], doubts: readonly Doubt[]): boolean {
  return doubts.some(([left, doubted]) => {
    if (left === one || left.view.epoch === 0) return false;
    // The one left behind shares a view with the newcomer, or with somebody taken before.
    if (taken.includes(doubted)) return isFellow(one, left) && !isFellow(one, doubted);
    return doubted === one && taken.some((two) => isFellow(two, left) && !isFellow(two, one));
  });
}

function isFellow(a: Placed, b: Placed): boolean {
  return sameAttempt(a.view, b.view);
}
