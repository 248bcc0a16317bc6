/**
 * What `addresses` of a `forehand.config.ts` may say: the pool of virtual addresses.
 *
 * Written for the reader of the completion list, as `definition.ts`. What a newcomer gets wrong: an
 * address of the pool belongs to no machine. Every node lists the same, and the nodes agree on who
 * holds which; only preferences, weights, hooks and interfaces may differ between nodes.
 */
import type { HookChange } from '../../core/cluster/config.ts';
import type { Duration } from './definition.ts';

/**
 * An interface and an address with its prefix length: `'eth0 10.0.0.200/24'`. Neighbours in that
 * network are told of changes; `'eth0 10.0.0.200/16n24'` tells only those within 24 bits.
 */
export type PoolAddress = `${string} ${string}/${string}`;

/** One address, or several that always move together; the first one is the group's name. */
export type PoolItem = PoolAddress | readonly PoolAddress[];

/** What runs when addresses have come up or gone: a command, with arguments, or a function. */
export type HookDefinition =
  | string
  | readonly [command: string, ...args: string[]]
  | ((change: HookChange) => unknown);

/** Whom to tell of a change, besides everybody on the link. */
export type NotifyDefinition =
  /** Every address in the ARP caches of all nodes. */
  | 'arp-cache'
  /** A machine, or a network: `'eth0 10.0.0.1/32'`. */
  | PoolAddress
  | {
      readonly to: 'arp-cache' | PoolAddress;
      /** Addresses told in one second. Default: all at once. */
      readonly throttle?: number;
      /** Also send an echo request, for what learns from traffic only. Default: false. */
      readonly ping?: boolean;
    };

/** A Spread daemon that carries what the nodes say to each other. */
export type SpreadEngineDefinition = {
  /** `'4803'` is the one of this machine, at /tmp/4803; `'4803@host'` is reached over TCP. */
  readonly spread: string;
  /** Name of the session, at most 10 characters. Default: made of the node's name. */
  readonly user?: string;
  /** Between two attempts to connect. Default: 5 s. */
  readonly retry?: Duration;
  /**
   * When no daemon answers at the start: `'wait'` for it, or go on with our own `'ring'`.
   * Default: wait.
   */
  readonly otherwise?: 'wait' | 'ring';
};

/** How the nodes that share addresses find each other and agree. */
export type GroupDefinition = {
  /**
   * Who carries what the nodes say: `'ring'` is our own and needs nothing; `'corosync'` the
   * daemon of each machine; or a Spread daemon. The same on every node. Default: ring.
   */
  readonly engine?: 'ring' | 'corosync' | SpreadEngineDefinition;
  /** Nodes of other groups are ignored. Default: `'forehand'`. */
  readonly name?: string;
  /** UDP and TCP port. Default: 4803. */
  readonly port?: number;
  /**
   * How quickly a silent node is given up: `'fast'` 32 ms, `'lan'` 200 ms, `'wan'` 2 s. Default:
   * lan.
   */
  readonly profile?: 'fast' | 'lan' | 'wan';
  /** Addresses of the members. Default: of all nodes; an empty list finds them by broadcast. */
  readonly peers?: readonly string[];
  /** Say what is for all once, to this address: `'239.1.1.1'`, or `'239.1.1.1,4'` with a ttl. */
  readonly multicast?: string;
  /** Key that signs messages, the same on every node. Default: the secret of `announce`. */
  readonly secret?: string;
  /** File that holds the key, relative to this file. */
  readonly secretFile?: string;
  /** Files with keys that are believed as well, while a key is changed machine by machine. */
  readonly oldSecretFiles?: readonly string[];
};

/** What a node may say for itself; each key replaces the shared one. */
export type NodeAddressesDefinition = {
  /** As the shared pool, on other interfaces. The addresses and their order must be the same. */
  readonly pool?: readonly PoolItem[];
  /** Addresses that this node takes whenever it can. Default: none. */
  readonly prefer?: string | readonly string[];
  /** Share of the pool relative to other nodes, 1 to 100. Default: 1. */
  readonly weight?: number;
  /** Commands or functions, at each group of addresses that comes up here, or has gone. */
  readonly hooks?: {
    readonly up?: HookDefinition | readonly HookDefinition[];
    readonly down?: HookDefinition | readonly HookDefinition[];
  };
};

export type AddressesDefinition = Omit<NodeAddressesDefinition, 'pool'> & {
  /** The virtual addresses: `['eth0 10.0.0.200/24', 'eth0 10.0.0.201/24']`. */
  readonly pool: readonly PoolItem[];
  /** The nodes that share them. Default: all. */
  readonly nodes?: readonly string[];
  /** How long a fresh node waits for others before it alone takes everything. Default: 5 s. */
  readonly mature?: Duration;
  /**
   * Evening out: `'all'` at once after each change, `'off'`, or so many in each interval. Default:
   * all, after 4 s.
   */
  readonly balance?:
    | 'all'
    | 'off'
    | { readonly rate?: number | 'all'; readonly interval?: Duration };
  /** Whom to tell of a change, besides everybody on the link. Default: nobody. */
  readonly notify?: NotifyDefinition | readonly NotifyDefinition[];
  /** Between two rounds of sharing the ARP cache. Default: 60 s. */
  readonly arpCache?: Duration;
  /**
   * What nodes without contact to the rest do: `'serve'` covers all addresses on each side, never
   * dark; `'quorum'` only with more than half of the nodes; `gateway` only where it is reached.
   * Default: serve.
   */
  readonly policy?: 'serve' | 'quorum' | { readonly gateway: string | readonly string[] };
  /** How the nodes that share addresses find each other and agree. Default: by their addresses. */
  readonly group?: GroupDefinition;
  /**
   * Be a member of an old group: the nodes that still run Wackamole 2.1.4 over Spread, and the
   * group is theirs. For moving over machine by machine. Default: among nodes of ours.
   */
  readonly compatibility?: 'wackamole';
  /** Between two announcements of what is held, while nothing changes. Default: 60 s. */
  readonly refresh?: Duration;
  /**
   * How long an address outlives a daemon that is frozen, at least 1 s, and up to 1.25 s
   * more, as the kernel rounds. Default: 2 s.
   */
  readonly valid?: Duration;
};
