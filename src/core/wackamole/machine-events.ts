/**
 * What a member of an old group is told, and what it asks for.
 *
 * What a newcomer gets wrong: towards the kernel it is a keeper as ours is (`keeper-events.ts`),
 * and the same driver serves both. Towards the group it is a client of Spread that is to join and
 * to leave, because who may not hold has no other way to say so to an original.
 */
import type { KeeperEffect, KeeperEvent } from '../address/keeper-events.ts';
import type { AddressOptions } from '../address/pool.ts';
import type { SpreadEvent } from '../spread/session-events.ts';

export type MachineOptions = AddressOptions & {
  /** This node's, for people and for nodes of ours. */
  readonly name: string;
  /** Spread's group, as `Group` in wackamole.conf. */
  readonly spreadGroup: string;
  /** Our own IPv4 address, by which the others know us. */
  readonly real: string;
};

export type MachineEvent =
  | Exclude<KeeperEvent, { readonly kind: 'group' }>
  | { readonly kind: 'spread'; readonly nowMs: number; readonly event: SpreadEvent };

export type Multicast = {
  readonly kind: 'multicast';
  readonly service: 'agreed' | 'reliable';
  readonly type: number;
  /** To be sent as by a machine of the other byte order. */
  readonly swapped: boolean;
  readonly bytes: Uint8Array;
};

/** What the Spread client is asked for: in the order given. */
export type GroupEffect = Multicast | { readonly kind: 'join' } | { readonly kind: 'leave' };

export type MachineEffect = Exclude<KeeperEffect, { readonly kind: 'send' }> | GroupEffect;
