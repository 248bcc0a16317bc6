/**
 * What the ring is told, and what it asks for: everything that crosses its border.
 *
 * What a newcomer gets wrong: `from` is a claim of the network's, not of the sender's. The driver
 * hands on only datagrams that were authentic and not replayed (`node/ring/seal.ts`); the ring
 * takes nothing else from them on trust and drops what it cannot read, counted.
 */
import type { GroupEvent, Member } from './group.ts';
import type { Timing } from './timing.ts';

/** Where a member was heard from: `10.0.0.2 4803`. Opaque to the ring; the driver makes it. */
export type Endpoint = string;

export type RingOptions = {
  readonly self: Member;
  /** Members of other groups are ignored. */
  readonly group: string;
  readonly timing: Timing;
};

export type RingEvent =
  /**
   * The first one at the start, then when `wake` asked for it, or earlier. A driver that finds
   * datagrams and a tick to be due hands over the datagrams first: one tick then answers all of
   * them. Never more of them in a row than take a few ms, though.
   */
  | { readonly kind: 'tick'; readonly nowMs: number }
  | {
      readonly kind: 'datagram';
      readonly nowMs: number;
      readonly from: Endpoint;
      readonly bytes: Uint8Array;
    }
  /** Its kernel says that the process of this member is gone. */
  | { readonly kind: 'died'; readonly nowMs: number; readonly member: Member }
  /** Our own way to the others is gone, or back. */
  | { readonly kind: 'link'; readonly nowMs: number; readonly up: boolean }
  /**
   * Whether we do our part in what the group is for, and so do all in our view, as far as we know;
   * true until it is said. No view goes before another one that does nothing yet (`Beside`).
   */
  | { readonly kind: 'serving'; readonly nowMs: number; readonly on: boolean }
  | { readonly kind: 'send'; readonly nowMs: number; readonly bytes: Uint8Array }
  | { readonly kind: 'leave'; readonly nowMs: number };

/** In the order to be done. */
export type RingEffect =
  /** To everybody there may be: each configured peer, or the broadcast or multicast address. */
  | { readonly kind: 'cast'; readonly bytes: Uint8Array }
  | { readonly kind: 'transmit'; readonly to: Endpoint; readonly bytes: Uint8Array }
  | { readonly kind: 'deliver'; readonly event: GroupEvent }
  /** A member heard for the first time: a lifeline to it is worth having. */
  | { readonly kind: 'met'; readonly member: Member; readonly at: Endpoint }
  /** Nothing more is wanted of this one: it was silent for long, or lives again as another. */
  | { readonly kind: 'forget'; readonly member: Member }
  /**
   * Who is there is silent, or does not hear us: the network is to be asked anew where it is. A
   * kernel that has begun to look for a neighbour asks only once a second.
   */
  | { readonly kind: 'seek'; readonly at: Endpoint }
  /** The next tick, at the latest. Replaces what was asked before. */
  | { readonly kind: 'wake'; readonly atMs: number }
  /** For the log, once for each occasion: `web3 is gone: silent for 212 ms`. */
  | { readonly kind: 'report'; readonly text: string };

/** Which link carries what, for `forehand status`: who hears whom. */
export type Hears = {
  readonly member: Member;
  readonly at: Endpoint;
  readonly heardMs: number;
  /** It says that it hears us. */
  readonly bothWays: boolean;
  readonly inView: boolean;
};
