/**
 * The virtual addresses of a site, as configured. The same on every node but for interface names.
 *
 * What a newcomer gets wrong: what moves is a *group* of addresses, whole. One address by itself is
 * a group of one. Groups are known by their first address and by nothing else, as in Wackamole.
 */

/** One address on one interface of this node. */
export type VirtualAddress = {
  /** `eth0`; another one may carry the same address on another node. */
  readonly interface: string;
  /** IPv4 or IPv6 literal in its shortest form. */
  readonly address: string;
  readonly prefixLength: number;
  /** Who may be told of a change: those within this many bits of the address (`NET`). */
  readonly notifyPrefixLength: number;
};

export type AddressGroup = {
  /** The first address: the group's identity on the wire and in logs. */
  readonly name: string;
  /** At least one. */
  readonly addresses: readonly VirtualAddress[];
};

/** Whom to tell of a take-over, besides everybody on the link. */
export type NotifyTarget =
  | {
      readonly kind: 'network';
      readonly interface: string;
      readonly address: string;
      readonly prefixLength: number;
      /** Addresses told in one second; 0: all at once. */
      readonly throttle: number;
      readonly ping: boolean;
    }
  /** Every address in the ARP caches of the members. */
  | { readonly kind: 'arp-cache'; readonly ping: boolean };

/** What a group of nodes without contact to the rest does with the addresses. */
export type PartitionPolicy =
  /** Every part covers all of them: never dark, perhaps twice. As Wackamole. */
  | { readonly kind: 'serve' }
  /**
   * Only a part with more than half of the configured nodes. It waits `marginMs` before it takes
   * what lost nodes held, so that these have noticed too and have let go (decision 0011).
   */
  | { readonly kind: 'quorum'; readonly nodes: number; readonly marginMs: number }
  /** Only nodes that reach one of these. */
  | { readonly kind: 'gateway'; readonly addresses: readonly string[] };

/** Wackamole's MAX_PSEUDO; a row of the table for each is sent and explained. */
export const GROUPS_MAX = 254;

/** All groups together. With 18 bytes for each, a pool fits into one message of the group. */
export const ADDRESSES_MAX = 1_024;

export const WEIGHT_MAX = 100;

export type BalanceRules = {
  /** Groups moved in one round; `all` evens out once for each change of members. */
  readonly rate: number | 'all';
  readonly intervalMs: number;
  /** False: addresses move only when they must. */
  readonly enabled: boolean;
};

export type AddressOptions = {
  readonly pool: readonly AddressGroup[];
  /** How long a node waits for others before it alone takes everything. */
  readonly matureMs: number;
  readonly balance: BalanceRules;
  /** Groups, by name, that this node takes whenever it can. */
  readonly prefer: readonly string[];
  /** Share of the pool relative to other nodes, 1 to 100. */
  readonly weight: number;
  readonly policy: PartitionPolicy;
};
