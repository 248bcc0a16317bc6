/**
 * When the leader of a clique asks for a new view: at once for a loss, after a short gathering for
 * a gain, so that nodes that start together do not make a view each.
 *
 * What a newcomer gets wrong: this is called again and again, and most times says no. Nothing is
 * remembered but since when a view is wanted; what to do is read off the present state each time,
 * so an attempt that was lost on the way needs no cleaning up.
 */
import type { Member } from './group.ts';
import type { Proposal } from './proposal.ts';

/** What the leader knows when it decides. */
export type Situation = {
  readonly clique: readonly Member[];
  /** Members of the view we are in; null when we are in none. */
  readonly members: readonly Member[] | null;
  /** Somebody we are connected to is in a view. */
  readonly joins: boolean;
  /** We are in a view, but have agreed to leave it. */
  readonly frozen: boolean;
  /** Our own attempt, while not all have answered. */
  readonly proposal: Proposal | null;
  /** Somebody else's attempt, which that one may still complete. */
  readonly awaits: boolean;
  /** Fetching from members that are all in the clique. */
  readonly recovers: boolean;
  /** One of the clique says, long enough after our view was made, that it is in another one. */
  readonly mismatch: boolean;
  /** Connected to us, or ourselves. */
  readonly isPresent: (member: Member) => boolean;
  /** A lower one has not said yet whether it leads us. */
  readonly undecided: boolean;
  /** A lower one leads, might well take us, and does not. */
  readonly leftOut: boolean;
  /** One that is heard may be in the clique in a moment. */
  readonly coming: boolean;
};

/**
 * Whom to propose: our clique, or only those of it that are in our view already. In a hurry nobody
 * is taken in, because a newcomer that not all know yet would push out somebody who was there.
 */
export type Want = 'nothing' | 'clique' | 'stayers';

export type LeaderTiming = { readonly gatherMs: number; readonly gatherMsMax: number };

export class Leader {
  /** A change is wanted since. */
  #wantedMs: number | null = null;
  /** Not before this: an attempt was refused a moment ago. */
  #retryAtMs = Number.NEGATIVE_INFINITY;
  readonly #timing: LeaderTiming;

  constructor(timing: LeaderTiming) {
    this.#timing = timing;
  }

  refused(retryAtMs: number): void {
    this.#retryAtMs = retryAtMs;
  }

  /** Another one leads us. Who is blocked may be left out by that one too, and goes on counting. */
  rest(frozen: boolean): void {
    if (!frozen) this.#wantedMs = null;
  }

  wants(situation: Situation, nowMs: number): Want {
    const { clique, members, proposal, isPresent } = situation;
    if (proposal !== null) return proposal.members.every(isPresent) ? 'nothing' : 'stayers';
    if (situation.awaits || situation.recovers || nowMs < this.#retryAtMs) return 'nothing';
    // Alone for a moment, it would take over the work of all.
    if (situation.undecided) return 'nothing';
    const stayers = members?.filter(isPresent) ?? [];
    const urgent = situation.frozen || stayers.length !== (members?.length ?? 0);
    const poached = lacks(clique, stayers);
    const gains = members === null || lacks(members, clique) || situation.mismatch;
    if (!urgent && !poached && !gains) {
      this.#wantedMs = null;
      return 'nothing';
    }
    this.#wantedMs ??= nowMs;
    if (nowMs - this.#wantedMs < this.#waitMs(situation, urgent, poached)) return 'nothing';
    this.#wantedMs = null;
    return urgent ? 'stayers' : 'clique';
  }

  /**
   * What one node has just noticed, the next one notices a little later. Where it matters who is
   * left out, there is time for that.
   */
  #waitMs(situation: Situation, urgent: boolean, poached: boolean): number {
    const { gatherMs, gatherMsMax } = this.#timing;
    if (situation.leftOut) return gatherMsMax;
    if (urgent) return 0;
    // Followed by another leader: it most often takes us too, as soon as it knows that it can.
    if (poached || situation.coming) return gatherMsMax;
    if (situation.members !== null) return gatherMs;
    // Where nobody has a view, all have gathered since they were started.
    if (!situation.joins) return 0;
    // Alone, where there is a group: by then it is known which of the two goes first (`Beside`).
    return situation.clique.length === 1 ? gatherMsMax : gatherMs;
  }

  /** When `wants` may say yes though nothing was heard. */
  dueMs(nowMs: number): number {
    if (this.#retryAtMs > nowMs) return this.#retryAtMs;
    if (this.#wantedMs === null) return Number.POSITIVE_INFINITY;
    const { gatherMs, gatherMsMax } = this.#timing;
    const waits = [this.#wantedMs + gatherMs, this.#wantedMs + gatherMsMax];
    return waits.find((atMs) => atMs > nowMs) ?? Number.POSITIVE_INFINITY;
  }
}

/** Whether one of those is not among these. */
function lacks(these: readonly Member[], those: readonly Member[]): boolean {
  return those.some(({ bootId }) => !these.some((member) => member.bootId === bootId));
}
