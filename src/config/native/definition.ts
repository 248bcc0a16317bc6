/**
 * What a `forehand.config.ts` may say: the types an editor completes from.
 *
 * Written for the reader of the completion list, so every key says what it does, in which unit, and
 * what happens without it. `schema.ts` checks the same at run time, and does not compile when the
 * two differ. What a newcomer gets wrong: a setting may stand at the top, for all nodes, or in one
 * node, for that one; the node's value then replaces the shared one whole, lists included.
 */
import type { Candidacy } from '../../core/candidacy/candidates.ts';
import type { AddressesDefinition, NodeAddressesDefinition } from './addresses-definition.ts';
import type { SpreadDefinition } from './spread-definition.ts';

/** Milliseconds as a number, or with a unit: `'250ms'`, `'2s'`, `'10m'`, `'1h'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`;

/**
 * An address and a port. The compiler splits at the first colon, so IPv6 needs its brackets said.
 */
type Socket = `${string}:${number}` | `[${string}]:${number}`;

/** A port on every address, or an address and a port: `80`, `'192.168.10.1:80'`, `'[::1]:80'`. */
export type Listen = number | `${number}` | Socket;

/**
 * Where announcements go: `'192.168.10.255:4445'`, or with a ttl for multicast,
 * `'239.1.1.1:4445,4'`.
 */
export type AnnounceTarget = Socket | `${Socket},${number}`;

/**
 * A candidacy function, called: `byLoad()`. By the letter of the types `byLoad` itself would do
 * too, since every JavaScript function has a `name` and an `apply`; but none is without `call`.
 */
export type CandidacyStep = Candidacy & { readonly call?: never };

/**
 * A part of the site. With more than one of `directory`, `location` and `files`, all must match;
 * with none, the zone is the whole site. Later zones override earlier ones, by kind as in Apache:
 * directories first, then files, then locations.
 */
export type ZoneDefinition = {
  /** What traces, logs and the status page call it. Default: made from what it matches. */
  readonly name?: string;
  /** The file a request maps to lies in this directory: a path, a path with `*`, or a regex. */
  readonly directory?: string | RegExp;
  /** The path of the request begins with this, or matches it: `'/shop/'`, `'/a/*'`, `/^\/a/`. */
  readonly location?: string | RegExp;
  /** The last segment of the path is this or matches it: `'*.php'`, `/\.php$/`. */
  readonly files?: string | RegExp;
  /**
   * Who may serve, best first: `[bySession(), byAge('20s'), byLoad()]`. Empty turns balancing off;
   * without it, the zone says nothing of balancing and a wider zone's chain counts.
   */
  readonly chain?: readonly CandidacyStep[];
  /** `'status'` is the status page, `'none'` takes a wider zone's away. */
  readonly handler?: 'status' | 'none';
  /**
   * When this node wins, go to its own contact address as to any other. Default: serve directly.
   */
  readonly selfRedirect?: boolean;
};

/** How nodes tell each other how busy they are. */
export type AnnounceDefinition = {
  /** Addresses to announce to. Default: the address of every node, port 4445. */
  readonly to?: AnnounceTarget | readonly AnnounceTarget[];
  /** Time between two announcements. Default: one second. */
  readonly interval?: Duration;
  /** Key that signs announcements, the same on every node. Prefer `secretFile`. */
  readonly secret?: string;
  /** File that holds the key, relative to this file; a newline at its end does not count. */
  readonly secretFile?: string;
};

/** Where things end. Every one has a default that suits a site of a few machines. */
export type LimitsDefinition = {
  /** Most bytes in the head of a request or response, 1024 to 131072. Default: 16384. */
  readonly headBytesMax?: number;
  /** From the first byte of a request to the end of its head. Default: 10 s. */
  readonly headTimeout?: Duration;
  /** How long an idle client connection is kept between requests. Default: 30 s. */
  readonly keepAliveTimeout?: Duration;
  /** How long connecting to a node may take. Default: 1 s. */
  readonly connectTimeout?: Duration;
  /** How long a node that owes an answer may send nothing. Default: 60 s. */
  readonly responseTimeout?: Duration;
  /** How long an upgraded connection may be silent both ways. Default: 1 h. */
  readonly tunnelTimeout?: Duration;
  /** Idle pooled connections to one node, for each worker. Default: 256. */
  readonly poolIdleMax?: number;
  /** How long a pooled connection may idle. Default: 60 s. */
  readonly poolIdleTimeout?: Duration;
  /** Client connections of one worker. Default: 20000. */
  readonly clientsMax?: number;
};

/** A line for every request, written to a file that may be moved away at any time (logrotate). */
export type AccessLogDefinition = {
  /** The file, from the directory of this one; it is made where it is not. */
  readonly path: string;
  /**
   * `'combined'` and `'common'` are Apache's, the first with our times, outcome and server behind
   * it; `'json'` is an object a line. Default: `'combined'`.
   */
  readonly format?: 'combined' | 'common' | 'json';
};

/** What may stand at the top for all nodes, and in a node for that one. */
export type SharedDefinition = {
  /** Where to take requests. Default: port 80 on every address. */
  readonly listen?: Listen | readonly Listen[];
  /** How nodes tell each other how busy they are. Default: every second, to every node. */
  readonly announce?: AnnounceDefinition;
  /** Networks whose nodes are believed: `'192.168.10.0/24'`. Default: the address of every node. */
  readonly accept?: string | readonly string[];
  /**
   * File with this node's load: a number first, as in /proc/loadavg, or a control group's cpu.stat.
   * For a container, or an application that knows best. Default: the load of the machine.
   */
  readonly loadFrom?: string;
  /** Directory for what should survive a restart. Default: nothing does. */
  readonly stateDirectory?: string;
  /** Parts of the site and who serves them. */
  readonly zones?: readonly ZoneDefinition[];
  /** What serves on the node: `'http://127.0.0.1:3000'`, `'unix:/run/app.sock'`. Default: files. */
  readonly application?: `http://${string}` | `unix:/${string}`;
  /** Requests the application works on at once. Default: not known. */
  readonly capacity?: number;
  /** Directory of the files to serve where there is no application. Default: none. */
  readonly documentRoot?: string;
  /** Files to serve for a directory, the first that exists. Default: `'index.html'`. */
  readonly directoryIndex?: string | readonly string[];
  /** When a chain leaves nobody: `'unavailable'` is a 503, `'local'` serves here. Default: 503. */
  readonly onEmpty?: 'unavailable' | 'local';
  /** Keep connections to other nodes for the next request. Default: true. */
  readonly connectionPools?: boolean;
  /** Worker threads; 0 is one per processor. Default: 0. */
  readonly workers?: number;
  /** How sockets are driven; `'auto'` takes the fast one where there is one. Default: auto. */
  readonly reactor?: 'auto' | 'epoll' | 'uv';
  /** Where things end. Default: each has one of its own. */
  readonly limits?: LimitsDefinition;
  /** Where to log every request. Default: nowhere. */
  readonly accessLog?: AccessLogDefinition;
  /**
   * Remember every request for a while, for `forehand why`. It costs about 1 % of a request's CPU
   * time. Default: one in 16 is remembered, and every one while somebody watches or an access log
   * is written.
   */
  readonly record?: boolean;
  /** Unix socket for `forehand status` and `drain`. Default: by the node's name, below /run. */
  readonly control?: string;
  /** A Spread daemon of our own, for programs that want one. Default: none. */
  readonly spread?: SpreadDefinition;
};

/** One machine of the cluster. */
export type NodeDefinition = SharedDefinition & {
  /**
   * Where the other nodes reach it: an IP address, with a port when it is not the first listened
   * on.
   */
  readonly address?: string;
  /** Its own part in the pool of virtual addresses: what it prefers, its weight, its hooks. */
  readonly addresses?: NodeAddressesDefinition;
};

export type ClusterDefinition = SharedDefinition & {
  /** Virtual addresses that the nodes share; when one dies, the others take its addresses over. */
  readonly addresses?: AddressesDefinition;
  /** The machines by name. A machine finds itself by host name or by address. */
  readonly nodes: Readonly<Record<string, NodeDefinition>>;
};

/** Returns what it is given. It is there so that an editor knows what is being written. */
export function defineCluster(definition: ClusterDefinition): ClusterDefinition {
  return definition;
}
