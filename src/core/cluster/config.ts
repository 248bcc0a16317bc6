/**
 * The one value that every configuration dialect ends in, for one node.
 *
 * It holds no defaults of its own making: the dialects fill every field (`DEFAULTS` below), so code
 * that reads it never asks "and if it is missing?". Times are in ms, sizes in bytes.
 */
import type { AddressOptions, NotifyTarget } from '../address/pool.ts';
import type { Candidacy } from '../candidacy/candidates.ts';
import type { Profile } from '../ring/timing.ts';
import type { AccessRule } from '../spread/server/access-rules.ts';

/** A socket address. `host` is an IP literal, or null for every address of the machine. */
export type ListenAddress = { readonly host: string | null; readonly port: number };

/** An IP network in the form `AcceptStats` takes: `192.168.10.0/24`. */
export type Network = { readonly address: string; readonly prefixLength: number };

/** Where announcements go. Broadcast and multicast are told from the address itself. */
export type Destination = {
  readonly host: string;
  readonly port: number;
  /** Hops a multicast datagram may make; without meaning for the other kinds. */
  readonly ttl: number;
};

/** The application that serves what falls to this node. */
export type Application =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/**
 * What a request's path must be like for a zone to apply. Apache's sections, and no others:
 * `files` looks at the last segment, `location` at the path, `directory` at the file it maps to.
 */
export type ZoneScope = {
  readonly kind: 'directory' | 'directoryMatch' | 'htaccess' | 'files' | 'location';
  /** Literal text, or a glob, or a regular expression's source; null matches everything. */
  readonly match:
    | { readonly kind: 'everything' }
    | { readonly kind: 'prefix'; readonly path: string }
    | { readonly kind: 'glob'; readonly pattern: string }
    | { readonly kind: 'regex'; readonly source: string };
};

/** A part of the site, and what happens to requests for it. */
export type Zone = {
  /** As the user would name it, `<Files ~ "\.php$">`: for traces, logs and the status page. */
  readonly name: string;
  /** Sections around and including this one, outermost first; every one must match. */
  readonly scopes: readonly ZoneScope[];
  /** Null: this zone says nothing of balancing. Empty: balancing is off here. */
  readonly chain: readonly Candidacy[] | null;
  /** Null: says nothing. `status` is Apache's `SetHandler backhand-handler`; `none` undoes it. */
  readonly handler: 'status' | 'none' | null;
  /** `BackhandSelfRedirect`: when we win, go to our own contact address like to any other. */
  readonly selfRedirect: boolean | null;
};

/** Who carries what the members say, and says who they are. */
export type GroupEngine =
  /** Our own (core/ring): needs nothing. */
  | { readonly kind: 'ring' }
  /** The Corosync daemon of this machine, through libcpg. */
  | { readonly kind: 'corosync' }
  | {
      readonly kind: 'spread';
      /** As SP_connect takes it: `4803` is /tmp/4803, `4803@host` is TCP. */
      readonly daemon: string;
      /** At most 10 characters; null: made of the node's name. */
      readonly user: string | null;
      readonly retryMs: number;
      /** No daemon answers when we start: the ring instead, or wait for it. */
      readonly otherwise: 'ring' | 'wait';
    };

/** How the nodes that share addresses find each other and agree. */
export type GroupConfig = {
  readonly engine: GroupEngine;
  /** Nodes of other groups are ignored. */
  readonly name: string;
  /** UDP for everything that is said, TCP for lifelines. */
  readonly port: number;
  readonly profile: Profile;
  /** Our own address, where only that one is to be listened on; null: all of the machine's. */
  readonly host: string | null;
  /** Addresses of the others; empty: found by broadcast on the interfaces of the pool. */
  readonly peers: readonly string[];
  /** Say what is for all once, to this address, instead of to each peer. */
  readonly multicast: { readonly address: string; readonly ttl: number } | null;
  /** The first signs; all are believed, so that a key can be changed machine by machine. */
  readonly secrets: readonly string[];
};

/** What runs when a group of addresses has come up here, or has gone. */
export type Hook =
  | { readonly kind: 'command'; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: 'call'; readonly call: (change: HookChange) => unknown };

export type HookChange = {
  readonly event: 'up' | 'down';
  /** The group's first address. */
  readonly group: string;
  readonly addresses: readonly {
    readonly interface: string;
    readonly address: string;
    readonly prefixLength: number;
  }[];
  /** Why, in one line: `web2 is gone`. */
  readonly cause: string;
};

/** The shared pool of virtual addresses, and this node's part in it. */
export type AddressesConfig = AddressOptions & {
  readonly group: GroupConfig;
  /** A member of a group of Wackamole 2.1.4, over Spread; null: among nodes of ours. */
  readonly compatibility: 'wackamole' | null;
  readonly notify: readonly NotifyTarget[];
  /** Between two rounds of sharing the ARP cache. */
  readonly arpCacheMs: number;
  /** Between two repetitions of an announcement while nothing changes. */
  readonly refreshMs: number;
  /** How long an address outlives a daemon that is frozen. */
  readonly validMs: number;
  readonly hooks: { readonly up: readonly Hook[]; readonly down: readonly Hook[] };
};

/** A Spread daemon of our own, for programs that want one (node/spread). */
export type SpreadConfig = {
  readonly listen: readonly ListenAddress[];
  /** Its unix socket. */
  readonly path: string | null;
  readonly access: readonly AccessRule[];
  /** Whom it becomes when started as root; null: `spread`, or `nobody`. */
  readonly user: string | null;
  /** Messages a client may leave unread. */
  readonly messagesMax: number;
  /** How the daemons of all nodes find each other and agree: a ring, whatever shares addresses. */
  readonly group: Omit<GroupConfig, 'engine' | 'multicast'>;
};

export type ClusterConfig = {
  /** This node's name in announcements, logs and the status page. */
  readonly nodeName: string;
  readonly listen: readonly ListenAddress[];
  /** Address we announce for relayed requests; null: the own address inside `accept`. */
  readonly contact: { readonly host: string | null; readonly port: number | null };
  readonly announce: {
    readonly destinations: readonly Destination[];
    readonly intervalMs: number;
    /** Key of the HMAC on every datagram; null: none, and a warning at start. */
    readonly secret: string | null;
  };
  /** Who may announce, and whose `Backhand-Proxied` field is believed. */
  readonly accept: readonly Network[];
  /** File that says this node's load (`load-report.ts`); null: the machine's own load counts. */
  readonly loadFrom: string | null;
  /** Where state is kept over restarts (arriba); null: nowhere. */
  readonly stateDirectory: string | null;
  readonly zones: readonly Zone[];
  /** What serves here: the application when there is one, else files below the root. */
  readonly application: Application | null;
  /** Requests the application works on at once; 0: not known. */
  readonly capacity: number;
  readonly documentRoot: string | null;
  readonly directoryIndex: readonly string[];
  /** When a chain leaves nobody. */
  readonly onEmpty: 'unavailable' | 'local';
  /** False opens a connection per relayed request (`BackhandConnectionPools Off`). */
  readonly connectionPools: boolean;
  /** Proxy workers; 0: one per processor. */
  readonly workers: number;
  readonly reactor: 'auto' | 'epoll' | 'uv';
  readonly limits: Limits;
  /** Null: this node has no part in a pool of virtual addresses. */
  readonly addresses: AddressesConfig | null;
  /** Null: none runs here. */
  readonly spread: SpreadConfig | null;
  /** Null: none is written. */
  readonly accessLog: AccessLogConfig | null;
  /** Remember every request for a while; false: one in 16 while nobody watches. */
  readonly record: boolean;
  /** Unix socket for `forehand status` and `drain`; null: by the node's name, below /run. */
  readonly control: string | null;
};

export const ACCESS_LOG_FORMATS = ['combined', 'common', 'json'] as const;
export type AccessLogFormat = (typeof ACCESS_LOG_FORMATS)[number];

/** A line for every request (node/admin/access-log.ts). */
export type AccessLogConfig = { readonly path: string; readonly format: AccessLogFormat };

/** Each with its reason, as nothing a client or node does may be without end. */
export type Limits = {
  /**
   * A whole request or response head; more is 431, or 502 from a node. Apache's default is 8 KB a
   * line.
   */
  readonly headBytesMax: number;
  /**
   * From the first byte of a request to the end of its head, then 408: a slow head holds a slot.
   */
  readonly headTimeoutMs: number;
  /** An idle client connection between requests. */
  readonly keepAliveTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** No byte from a node that owes us an answer, then 504. */
  readonly responseTimeoutMs: number;
  /** No byte either way in an upgraded connection. */
  readonly tunnelTimeoutMs: number;
  /** Idle pooled connections to one node, for each worker. */
  readonly poolIdleMax: number;
  readonly poolIdleTimeoutMs: number;
  /** Client connections of one worker; more wait in the kernel's accept queue. */
  readonly clientsMax: number;
};

export const DEFAULT_LIMITS: Limits = {
  headBytesMax: 16_384,
  headTimeoutMs: 10_000,
  keepAliveTimeoutMs: 30_000,
  connectTimeoutMs: 1_000,
  responseTimeoutMs: 60_000,
  tunnelTimeoutMs: 3_600_000,
  poolIdleMax: 256,
  poolIdleTimeoutMs: 60_000,
  clientsMax: 20_000,
};
