/**
 * Whom to follow, or whom to lead: the same answer at all, though nobody sees the whole.
 *
 * The members of a view must all be connected to each other. By name, from the lowest up, each
 * follows the first leader below it that takes it; who is taken by nobody leads, and takes from the
 * names above its own, in order, each that is connected to all taken so far. A leader says whom it
 * takes in its heartbeats, so nobody has to guess what another one sees.
 *
 * What a newcomer gets wrong: it does not matter who is in a view now. A choice depends on choices
 * of lower names only, so all of them settle, the lowest first, whatever the links are; with the
 * present view as an input, two parts could each wait for the other one, or swap for ever. With one
 * exception, which is over soon by itself: see `parting.ts`.
 */
import { MEMBERS_MAX, type Member } from './group.ts';
import { type Attempt, NO_ATTEMPT } from './packet.ts';
import { doubtsAmong, parts, placedSelf } from './parting.ts';
import { connects, type Peer, takes } from './peer.ts';

export type Choice =
  | { readonly kind: 'follow'; readonly leader: Peer }
  /** By name; self is the first, and may be the only one. */
  | { readonly kind: 'lead'; readonly clique: readonly Member[] };

/** Our view, and those who are not connected yet, but will be. */
export type Present = { readonly view: Attempt; readonly coming: readonly Peer[] };

/**
 * @param neighbours by name, each name once, none of them our own
 * @param present null: nobody is spared
 */
export function choose(self: Member, neighbours: readonly Peer[], present: Present | null): Choice {
  const lower = neighbours.filter(({ member }) => member.name < self.name);
  const leader = lower.find((peer) => leads(peer) && takes(peer, self.bootId));
  if (leader !== undefined) return { kind: 'follow', leader };

  const coming = present?.coming ?? [];
  const we = placedSelf(self, present?.view ?? NO_ATTEMPT, { neighbours, coming });
  const doubts = present === null ? [] : doubtsAmong(we, neighbours, coming);
  const clique: Peer[] = [];
  for (const peer of neighbours) {
    if (peer.member.name < self.name || clique.length === MEMBERS_MAX - 1) continue;
    if (!isFree(peer, self, lower) || parts(peer, [we, ...clique], doubts)) continue;
    if (clique.every((taken) => mutual(taken, peer))) clique.push(peer);
  }
  return { kind: 'lead', clique: [self, ...clique.map(({ member }) => member)] };
}

export function leads({ leader, member }: Peer): boolean {
  return leader?.bootId === member.bootId;
}

/**
 * One that names a lower leader whom we do not hear is tried all the same: most often that leader
 * has just died, and it has not noticed yet. It refuses if it knows better.
 */
function isFree(peer: Peer, self: Member, lower: readonly Peer[]): boolean {
  const { leader } = peer;
  if (leader === null || leader.name >= self.name) return true;
  const known = lower.find(({ member }) => member.bootId === leader.bootId);
  if (known !== undefined) return !takes(known, peer.member.bootId);
  return peer.refusedFor !== leader.bootId;
}

function mutual(a: Peer, b: Peer): boolean {
  return connects(a, b.member.bootId) && connects(b, a.member.bootId);
}
