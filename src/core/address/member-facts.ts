/**
 * What a member says of itself, and what all members must say alike.
 *
 * What a newcomer gets wrong: an interface is no part of the terms. The same address may sit on
 * `eth0` here and on `bond0` there; only the addresses, their grouping and their order are shared.
 */
import type { Ineligibility } from './keeper-events.ts';
import type { AddressOptions } from './pool.ts';

export type GroupShape = {
  readonly name: string;
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
};

/** The order is that of the wire. */
export const POLICIES = ['serve', 'quorum', 'gateway'] as const;

/** What has to be the same everywhere for the members to compute the same table. */
export type Terms = {
  readonly pool: readonly GroupShape[];
  readonly policy: (typeof POLICIES)[number];
  /** How many nodes there are by configuration; 0 unless the policy is `quorum`. */
  readonly nodes: number;
};

/** Somebody outside the cluster who answers for a group. */
export type Stranger = { readonly group: string; readonly address: string; readonly mac: string };

/** What may change while a view lasts. */
export type Condition = {
  readonly reasons: readonly Ineligibility[];
  /** Of its own interfaces. */
  readonly macs: readonly string[];
  readonly strangers: readonly Stranger[];
  /** Groups that it should hold and cannot put up: no such interface, or the kernel refuses. */
  readonly failing: readonly string[];
};

export type MemberFacts = {
  readonly mature: boolean;
  readonly weight: number;
  readonly prefer: readonly string[];
  readonly terms: Terms;
  readonly condition: Condition;
};

export function termsOf({ pool, policy }: Pick<AddressOptions, 'pool' | 'policy'>): Terms {
  return {
    pool: pool.map(({ name, addresses }) => ({
      name,
      addresses: addresses.map(({ address, prefixLength }) => ({ address, prefixLength })),
    })),
    policy: policy.kind,
    nodes: policy.kind === 'quorum' ? policy.nodes : 0,
  };
}
