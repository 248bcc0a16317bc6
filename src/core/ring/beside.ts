/**
 * Is there a view in our component of the network that goes before ours?
 *
 *     a ---- b        a and c do not hear each other, b hears both. One view is {a, b}, the other
 *       x    |        one is {c}, and c knows of the first by b. The larger view goes first, of two
 *     c -----+        of one size that of the lower boot id: {c} is beside it.
 *
 * The larger one, because a member that comes back alone must not send all others away: it may have
 * to wait before the others trust it again, or be fit for nothing.
 *
 * What a newcomer gets wrong: of a member of our view this is most times only news that has not
 * arrived, as one that follows a leader who has just died says so within a heartbeat or two. So of
 * a member it has to be true for as long as a silence lasts. Of a stranger a heartbeat is enough:
 * two parts that meet again most often become one view within some of them, but where one member
 * does not trust another yet, that takes up to 10 s, and both would do the same work till then.
 *
 * It is counted on through views of our own that the other one is not in: whoever is left alone
 * must not take everything up only to find out once more who goes first. And it is counted while we
 * are in none: every view goes before that.
 */
import type { Member } from './group.ts';
import { type Attempt, NO_ATTEMPT, sameAttempt } from './packet.ts';
import type { Peer } from './peer.ts';

/** What decides between two views: their sizes, else who proposed them. */
export type Standing = { readonly attempt: Attempt; readonly size: number };

const NO_VIEW: Standing = { attempt: NO_ATTEMPT, size: 0 };

export type BesideTiming = {
  /** Of a member of our view: it may not have said yet that it is in it. */
  readonly memberMs: number;
  /** Of anybody else. */
  readonly strangerMs: number;
};

export class Beside {
  readonly #timing: BesideTiming;
  /** Of our view, by boot id; of the last one, while we are in none. */
  #members: ReadonlySet<number> = new Set();
  /** Since when each of them is in a view that goes before ours. */
  readonly #sinceMs = new Map<Peer, number>();
  #told: string | null = null;
  #inView = false;

  constructor(timing: BesideTiming) {
    this.#timing = timing;
  }

  /**
   * A view of ours begins. Members of it say for a moment that they are in the one before.
   *
   * @returns who is in one that goes before it, as is known already
   */
  enter(
    attempt: Attempt,
    members: readonly Member[],
    neighbours: readonly Peer[],
    nowMs: number,
  ): string | null {
    this.#members = new Set(members.map(({ bootId }) => bootId));
    for (const peer of this.#sinceMs.keys()) {
      if (this.#members.has(peer.member.bootId)) this.#sinceMs.delete(peer);
    }
    this.#told = null;
    this.update({ attempt, size: members.length }, neighbours, nowMs);
    return this.#told;
  }

  /**
   * @param own our view; null: none, and nothing to tell before there is one
   * @param neighbours everybody we are connected to
   * @returns what is news: who is in the other one, null when it is over; undefined: nothing
   */
  update(
    own: Standing | null,
    neighbours: readonly Peer[],
    nowMs: number,
  ): string | null | undefined {
    this.#inView = own !== null;
    const before = neighbours.filter((peer) => isBefore(peer, own ?? NO_VIEW));
    for (const peer of this.#sinceMs.keys()) {
      if (!before.includes(peer)) this.#sinceMs.delete(peer);
    }
    let first: Peer | null = null;
    for (const peer of before) {
      const sinceMs = this.#sinceMs.get(peer) ?? nowMs;
      this.#sinceMs.set(peer, sinceMs);
      if (nowMs - sinceMs < this.#lastingMs(peer)) continue;
      if (first === null || goesBefore(standingOf(peer), standingOf(first))) first = peer;
    }
    if (own === null) first = null;
    // Who it is may change; that there is one is the news.
    if ((first === null) === (this.#told === null)) return undefined;
    this.#told = first?.member.name ?? null;
    return this.#told;
  }

  get dueMs(): number {
    if (this.#told !== null || !this.#inView) return Number.POSITIVE_INFINITY;
    let dueMs = Number.POSITIVE_INFINITY;
    for (const [peer, sinceMs] of this.#sinceMs) {
      dueMs = Math.min(dueMs, sinceMs + this.#lastingMs(peer));
    }
    return dueMs;
  }

  #lastingMs({ member }: Peer): number {
    const { memberMs, strangerMs } = this.#timing;
    return this.#members.has(member.bootId) ? memberMs : strangerMs;
  }
}

/** In another view, which goes before that one. */
function isBefore(peer: Peer, own: Standing): boolean {
  if (peer.out || peer.size === 0 || sameAttempt(peer.view, own.attempt)) return false;
  return goesBefore(standingOf(peer), own);
}

function standingOf({ view, size }: Peer): Standing {
  return { attempt: view, size };
}

function goesBefore(a: Standing, b: Standing): boolean {
  return a.size !== b.size ? a.size > b.size : a.attempt.bootId < b.attempt.bootId;
}
