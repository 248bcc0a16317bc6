/**
 * What a leader has to know before it asks for a new view, read off the parts of the ring.
 *
 * What a newcomer gets wrong: news travels. What one node has noticed, the next one learns up to a
 * heartbeat later by itself, and up to another one later from the first. Most questions here are
 * whether somebody else is likely to know something else in a moment.
 */
import type { Agreement } from './agreement.ts';
import { choose, leads } from './clique.ts';
import type { Detector } from './detector.ts';
import type { Member } from './group.ts';
import type { Situation } from './leader.ts';
import { type Attempt, Row, sameAttempt } from './packet.ts';
import { connects, type Peer, takes } from './peer.ts';
import type { Timing } from './timing.ts';
import type { Views } from './views.ts';

export type Surroundings = {
  readonly self: Member;
  readonly timing: Timing;
  readonly detector: Detector;
  /** As `Detector.neighbours` has them. */
  readonly neighbours: readonly Peer[];
  readonly agreement: Agreement;
  readonly views: Views;
};

export function situationOf(
  known: Surroundings,
  clique: readonly Member[],
  nowMs: number,
): Situation {
  const { self, timing, detector, neighbours } = known;
  const { accepted, proposal } = known.agreement;
  const { recovery, attempt, view, frozen, installedMs } = known.views;
  const isConnected = (bootId: number) => detector.peer(bootId)?.connected ?? false;
  const followers = neighbours.filter(({ member }) => clique.includes(member));
  const settled = nowMs >= installedMs + 2 * (timing.heartbeatMs + timing.repeatMs);
  return {
    clique,
    members: view?.members ?? null,
    joins: neighbours.some((peer) => peer.view.epoch > 0),
    frozen,
    proposal,
    awaits: recovery === null && isConnected(accepted.bootId) && isPursued(known, nowMs),
    recovers: recovery?.holders.every(isConnected) ?? false,
    mismatch: settled && followers.some((peer) => !isInView(attempt, peer)),
    isPresent: ({ bootId }) => bootId === self.bootId || isConnected(bootId),
    undecided: neighbours.some((peer) => isUndecided(known, peer, nowMs)),
    leftOut: neighbours.some((peer) => leavesOut(known, peer)),
    coming: isComing(known, followers, nowMs) || tears(neighbours, followers),
  };
}

/**
 * The clique among those that are in our view, or in our attempt at a first one; and of those who
 * are in one view with such a one by now: its leader may have ended before it told us of it.
 */
export function stayersOf({ self, neighbours, agreement, views }: Surroundings): readonly Member[] {
  const members = views.view?.members ?? agreement.proposal?.members ?? [];
  const ids = new Set(members.map(({ bootId }) => bootId));
  const fellows = neighbours.filter(({ member, view }) => ids.has(member.bootId) && view.epoch > 0);
  const among = neighbours.filter(({ member, view }) => {
    return ids.has(member.bootId) || fellows.some((fellow) => sameAttempt(fellow.view, view));
  });
  const choice = choose(self, among, null);
  return choice.kind === 'lead' ? choice.clique : [self];
}

/** There is a group already, and we know all of those that it knows: no need to wait for more. */
export function seesGroup(self: Member, neighbours: readonly Peer[]): boolean {
  const ids = new Set(neighbours.map(({ member }) => member.bootId)).add(self.bootId);
  return (
    neighbours.some(({ view }) => view.epoch > 0) &&
    neighbours.every(({ row }) => {
      return [...row].every(([bootId, flags]) => ids.has(bootId) || !(flags & Row.connected));
    })
  );
}

/** Gone for us so recently that others may not have noticed yet. */
export function isLost({ detector, timing }: Surroundings, bootId: number, nowMs: number): boolean {
  const peer = detector.peer(bootId);
  const lostMs = peer?.connected === false ? peer.goneMs.at(-1) : undefined;
  // The last to notice heard it a moment before it was gone.
  return lostMs !== undefined && nowMs - lostMs < timing.silenceMs + 2 * timing.heartbeatMs;
}

/**
 * Whoever asked us for what we have accepted still means it, as far as we can have heard. It may
 * have lost others meanwhile, and gone on with fewer.
 */
export function isPursued({ agreement, detector, timing }: Surroundings, nowMs: number): boolean {
  const { accepted, waitsMs } = agreement;
  const leader = detector.peer(accepted.bootId);
  if (waitsMs === Number.POSITIVE_INFINITY || leader === undefined) return false;
  const pursues = sameAttempt(leader.accepted, accepted) || sameAttempt(leader.view, accepted);
  return pursues || nowMs - waitsMs < 3 * timing.heartbeatMs;
}

/** It is in that view to stay, or about to come into it. */
function isInView(view: Attempt, says: { view: Attempt; accepted: Attempt }): boolean {
  const stays = sameAttempt(says.view, view) && says.accepted.epoch === 0;
  return stays || sameAttempt(says.accepted, view);
}

/**
 * A lower one is still quiet, or follows one that we have just lost and it must have lost too. That
 * is over soon, one way or the other.
 */
function isUndecided(known: Surroundings, { member, leader }: Peer, nowMs: number): boolean {
  if (member.name > known.self.name) return false;
  return leader === null || isLost(known, leader.bootId, nowMs);
}

/** It leads our view, or somebody of our view, or would our first one, and does not take us now. */
function leavesOut({ self, views: { view }, neighbours }: Surroundings, peer: Peer): boolean {
  if (peer.member.name > self.name || !leads(peer)) return false;
  if (view === null) return true;
  // Who says first that one is taken, the leader or that one, is chance.
  const follows = (bootId: number) => {
    const fellow = neighbours.find(({ member }) => member.bootId === bootId);
    return fellow?.leader?.bootId === peer.member.bootId;
  };
  return view.members.some(({ bootId }) => {
    return bootId === peer.member.bootId || takes(peer, bootId) || follows(bootId);
  });
}

/** Somebody known to those we lead will be connected soon. */
function isComing({ detector }: Surroundings, followers: readonly Peer[], nowMs: number): boolean {
  return [...detector.peers].some((peer) => {
    if (!detector.isComing(peer, nowMs)) return false;
    return followers.some((follower) => connects(follower, peer.member.bootId));
  });
}

/** Somebody is in one view with one that we lead, and not in our clique. */
function tears(neighbours: readonly Peer[], followers: readonly Peer[]): boolean {
  const others = neighbours.filter((peer) => !followers.includes(peer));
  return others.some(
    ({ view }) => view.epoch > 0 && followers.some((peer) => sameAttempt(peer.view, view)),
  );
}
