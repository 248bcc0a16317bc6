/**
 * What the datagrams of the ring say. Their bytes are in `codec.ts`.
 *
 * What a newcomer gets wrong: an `Attempt` (epoch and the proposer's boot id) is the name of a view
 * on the wire. The `ViewId` that users see has the proposer's name instead, which two lives share.
 */
import type { Member } from './group.ts';

/** Of a view, asked for or installed. Epoch 0 is no view. */
export type Attempt = { readonly epoch: number; readonly bootId: number };

export const NO_ATTEMPT: Attempt = { epoch: 0, bootId: 0 };

export function sameAttempt(a: Attempt, b: Attempt): boolean {
  return a.epoch === b.epoch && a.bootId === b.bootId;
}

/** What the sender of a heartbeat says of one life it hears. */
export const Row = {
  /** Heard both ways, and steadily: fit to be in one view with it. */
  connected: 1,
  /** The sender leads, and means to have it in its view. */
  taken: 2,
} as const;

export type Heard = {
  readonly bootId: number;
  /** The last stamp heard from it. */
  readonly echo: number;
  /** Bits of `Row`. */
  readonly flags: number;
};

/** Members, and lives of theirs that ended a moment ago. 13 bytes each. */
export const HEARD_MAX = 96;

export type Heartbeat = {
  readonly kind: 'heartbeat';
  readonly name: string;
  /** Uptime in ms, made to grow from each heartbeat to the next. */
  readonly stamp: number;
  readonly epochMax: number;
  readonly view: Attempt;
  /**
   * Members of that view that are in it still, as far as the sender hears; 0 for none, and as long
   * as the sender does not serve.
   */
  readonly size: number;
  /** Accepted and not installed yet. */
  readonly accepted: Attempt;
  readonly leaving: boolean;
  /** Another life of its name is in the group: it stays out of every view. */
  readonly out: boolean;
  /** Whom it follows; itself when it leads. */
  readonly leader: Member | null;
  readonly heard: readonly Heard[];
};

export type Propose = {
  readonly kind: 'propose';
  readonly epoch: number;
  readonly members: readonly Member[];
};

export type Accept = {
  readonly kind: 'accept';
  readonly attempt: Attempt;
  readonly oldView: Attempt;
  /** By index in the old view: how many fragments of each stream it holds without a gap. */
  readonly received: readonly number[];
};

export const REFUSALS = ['stale', 'apart', 'follows'] as const;

/** Why not: the epoch was not new, a member is not connected to it, it follows another leader. */
export type Refusal = (typeof REFUSALS)[number];

export type Refuse = {
  readonly kind: 'refuse';
  readonly epoch: number;
  readonly epochMax: number;
  readonly why: Refusal;
};

/** How much of a stream of the old view must be had, and which new member has it. */
export type Target = { readonly count: number; readonly holder: number };

export type Install = {
  readonly kind: 'install';
  readonly epoch: number;
  readonly members: readonly Member[];
  readonly oldView: Attempt;
  /** Indices of new members that come from the same old view as the receiver. */
  readonly together: readonly number[];
  /** By index in the old view. */
  readonly targets: readonly Target[];
};

export type Fragment = {
  readonly kind: 'fragment';
  readonly view: Attempt;
  /** Whose: the index in the view. In recovery others than the owner send it too. */
  readonly stream: number;
  /** From 1. */
  readonly sequence: number;
  /** The message's Lamport time, the same in all its fragments. */
  readonly time: number;
  readonly last: boolean;
  readonly bytes: Uint8Array;
};

export type Ack = {
  readonly kind: 'ack';
  readonly view: Attempt;
  /** Please answer with yours. */
  readonly asks: boolean;
  /** The sender knows that it misses something, or has just come into the view: send it now. */
  readonly misses: boolean;
  /** Whatever it sends from now on has a later time. */
  readonly clock: number;
  /** So many fragments it has sent up to that clock. */
  readonly sent: number;
  readonly received: readonly number[];
};

/** Please send these of the old view: `after` < sequence <= `upTo`. */
export type Fetch = {
  readonly kind: 'fetch';
  readonly view: Attempt;
  readonly stream: number;
  readonly after: number;
  readonly upTo: number;
};

export type Packet = Heartbeat | Propose | Accept | Refuse | Install | Fragment | Ack | Fetch;

export type Datagram = { readonly from: number; readonly to: number; readonly packet: Packet };
