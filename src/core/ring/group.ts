/**
 * Group communication as its users see it: views, and messages in one order.
 *
 *     joined ─► view ─► message ─► message ─► blocked ─► message ─► view ─► ...
 *                                             (the members are about to change)
 *
 * What every body of it guarantees (after Moser et al., "Extended Virtual Synchrony", ICDCS 1994):
 *
 * 1. Views are the same at all who install them, members and their order included, and a member is
 *    in every view it installs. A member's views come in growing order of `ViewId`.
 * 2. Messages are delivered in one order: two members that deliver the same two messages deliver
 *    them in the same order.
 * 3. A message is delivered in the view it was sent in, once, and by its sender too, unless that
 *    leaves, stalls or ends first. What is sent while blocked is sent in the next view.
 * 4. Members that go from one view to the next together have delivered the same messages in it.
 *
 * What a newcomer gets wrong: views are not agreed by everybody who is alive, but by everybody in
 * them. During a partition each side has views of its own, with ids that do not interleave.
 *
 * Bodies: `ring.ts`, ours. Engines that others trust already can stand behind the same types.
 */

/** A member in one of its lives: a restarted daemon is another member of the same name. */
export type Member = {
  readonly name: string;
  /** Random, below 2^48, drawn anew at each start. */
  readonly bootId: number;
};

/**
 * Grows: first by `epoch`, then by `proposer`. Unique among the views led by one life of the
 * proposer, which is a member of its view; a daemon that starts again may count from 1 again.
 */
export type ViewId = {
  readonly epoch: number;
  /** The name of the member that proposed it. */
  readonly proposer: string;
};

export type View = {
  readonly id: ViewId;
  /** By name. The index is the member's number in this view, the same at all. */
  readonly members: readonly Member[];
  readonly selfIndex: number;
  /**
   * Indices of those that come straight from the view we come from, self included: they have
   * delivered what we have. All of them: nobody new is here, so replicated state is still the same.
   */
  readonly together: readonly number[];
};

/** Longer messages are refused by `send`. */
export const MESSAGE_BYTES_MAX = 65_536;

/** More members than this are refused: every member talks to every other one. */
export const MEMBERS_MAX = 64;

export type GroupEvent =
  /** `beside`: as below, when it is known already; null is most usual. */
  | { readonly kind: 'view'; readonly view: View; readonly beside: string | null }
  | { readonly kind: 'message'; readonly senderIndex: number; readonly bytes: Uint8Array }
  /** The members are about to change. What is sent from here on waits for the next view. */
  | { readonly kind: 'blocked' }
  /**
   * Members of this view are connected to members of another one, which goes before ours; all of
   * them are one component of the network, but not everybody in it hears everybody. The name is of
   * one in that view; null: it is over. Who shares work out should leave it to that view.
   */
  | { readonly kind: 'beside'; readonly member: string | null }
  /**
   * This daemon did not run for longer than the others wait for it, or another one of its name was
   * there first: they go on without it, and whatever it holds for the group is somebody else's by
   * now. What it had sent and not delivered yet is lost to it. A view follows.
   */
  | { readonly kind: 'stalled' };

export type Group = {
  /** In the current view, or in the next one when blocked. @returns false if it is too long. */
  send(bytes: Uint8Array): boolean;
  /** The others go on without us at once; nothing is delivered any more. */
  leave(): void;
};

/** Begins to be a member. The first view holds at least this member. */
export type JoinGroup = (onEvent: (event: GroupEvent) => void) => Group;

export function compareViewIds(a: ViewId, b: ViewId): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  return a.proposer < b.proposer ? -1 : a.proposer > b.proposer ? 1 : 0;
}

export function sameViewId(a: ViewId, b: ViewId): boolean {
  return a.epoch === b.epoch && a.proposer === b.proposer;
}

export function sameMember(a: Member, b: Member): boolean {
  return a.name === b.name && a.bootId === b.bootId;
}
