/**
 * What the keeper of the addresses is told, and what it asks for.
 *
 * What a newcomer gets wrong: `hold` and `release` say what should be, not what to do. They may
 * come twice, and the driver makes the kernel agree, again and again (`node/address/`), until told
 * otherwise. `announce` is an act, and comes only for what is held in the current view.
 */
import type { GroupEvent } from '../ring/group.ts';
import type { AddressOptions } from './pool.ts';

/**
 * Why a node may not hold addresses. All that apply are kept, for the log and the status.
 *
 * The first kind rules out; the second only when somebody better is there, since a sick node that
 * answers "sick" is better than silence.
 */
export const NEVER = [
  'link-down',
  'gateway-unreachable',
  'no-quorum',
  'config-differs',
  'beside',
] as const;
export const RELUCTANT = ['proxy-sick', 'draining'] as const;
export type Reason = (typeof NEVER)[number] | (typeof RELUCTANT)[number];

/** One reason with its numbers: `no-quorum`, `1 of 3 nodes reachable`. */
export type Ineligibility = { readonly reason: Reason; readonly detail: string };

export type KeeperEvent =
  | { readonly kind: 'tick'; readonly nowMs: number }
  | { readonly kind: 'group'; readonly nowMs: number; readonly event: GroupEvent }
  /** What the driver sees of this node: replaces what it said before. */
  | {
      readonly kind: 'eligibility';
      readonly nowMs: number;
      readonly reasons: readonly Ineligibility[];
    }
  /** The interfaces' own hardware addresses, so that others tell us from strangers. */
  | { readonly kind: 'hardware'; readonly nowMs: number; readonly macs: readonly string[] }
  /** Somebody outside the cluster answers for an address of this group. */
  | {
      readonly kind: 'inUse';
      readonly nowMs: number;
      readonly group: string;
      readonly address: string;
      readonly mac: string;
    }
  /** All addresses of the group are in the kernel and were announced. */
  | { readonly kind: 'held'; readonly nowMs: number; readonly group: string }
  /** Nobody outside answers for the group any more. */
  | { readonly kind: 'free'; readonly nowMs: number; readonly group: string }
  /** An operator, or the end of the daemon, wants the addresses to go to others first. */
  | { readonly kind: 'drain'; readonly nowMs: number; readonly on: boolean }
  /** An operator wants a group at another member; `Keeper.whyNoMove` says beforehand if not. */
  | {
      readonly kind: 'move';
      readonly nowMs: number;
      readonly group: string;
      readonly to: string;
    }
  /** The configuration was loaded again. Its pool and policy count from `adopt` on. */
  | { readonly kind: 'reload'; readonly nowMs: number; readonly options: AddressOptions };

export type KeeperEffect =
  | {
      readonly kind: 'hold';
      readonly group: string;
      /** Nobody of the cluster held it a moment ago: look first whether a stranger has it. */
      readonly probeFirst: boolean;
    }
  /** `handedOver`: as planned, and the heir has it already; requests on their way are welcome. */
  | { readonly kind: 'release'; readonly group: string; readonly handedOver: boolean }
  /** Tell the neighbours, in a burst: after taking it, after winning a conflict, after a merge. */
  | { readonly kind: 'announce'; readonly group: string }
  /** To the whole group, ourselves included. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** The next tick, at the latest. Replaces what was asked before. */
  | { readonly kind: 'wake'; readonly atMs: number }
  /** This node takes addresses by now, or has begun anew and does not yet. */
  | { readonly kind: 'serving'; readonly on: boolean }
  /** Nothing of ours is left to wait for: a drained node may end. */
  | { readonly kind: 'drained' }
  /** What is held, asked and told from here on is of this pool. Comes before its `hold`s. */
  | { readonly kind: 'adopt'; readonly options: AddressOptions }
  | { readonly kind: 'report'; readonly text: string };
