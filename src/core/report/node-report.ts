/**
 * What one node says of itself to whoever asks: the page, `forehand top`, and the other nodes, who
 * put the reports of all together (`cluster-picture.ts`).
 *
 * These shapes cross the network as JSON and are a promise (docs/reference/api.md). What a newcomer
 * gets wrong: null means "not known", never zero, and every figure is as old as its report.
 */
import type { KeeperStatus } from '../address/keeper-status.ts';
import type { ServerStatus } from './server-status.ts';

/** One whole second of this node's proxy. Percentiles are null where nothing was answered. */
export type SecondRow = {
  /** Its beginning, ms since the epoch. */
  readonly atMs: number;
  readonly requests: number;
  /** Of those, the ones that ended badly: outcomes on our or a backend's side (outcome.ts). */
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
};

export type NodeReport = {
  readonly version: 1;
  readonly node: string;
  readonly bootId: number;
  readonly software: string;
  readonly pid: number;
  /** Ms since the epoch; by this node's own clock, like all times in here. */
  readonly startedMs: number;
  readonly nowMs: number;
  /** As announced: `up`, `draining`, `sick`, `relaying`; null: it has no proxy. */
  readonly state: string | null;
  readonly listen: readonly string[];
  /** The last minute, oldest first. */
  readonly seconds: readonly SecondRow[];
  readonly requestsTotal: number;
  readonly clientsOpen: number;
  readonly inFlight: number;
  /** Every node it hears, itself first: loads, ages, states as it knows them. */
  readonly servers: readonly ServerStatus[];
  readonly zones: readonly {
    readonly name: string;
    readonly chain: readonly string[] | null;
    readonly handler: 'status' | 'none' | null;
  }[];
  /** Null where it has no part in a pool of addresses. */
  readonly addresses: NodeAddresses | null;
  /** The newest last. */
  readonly events: readonly LoggedEvent[];
};

export type NodeAddresses = {
  readonly keeper: KeeperStatus;
  /** Groups that are in this kernel now. */
  readonly holding: readonly string[];
  /** Who carries the group; null or left out: none of ours, or a node that does not say. */
  readonly engine?: GroupEngineReport | null;
};

/** How it stands with the engine of the group (core/engine). */
export type GroupEngineReport = {
  readonly kind: 'ring' | 'corosync' | 'spread';
  readonly connected: boolean;
  readonly trouble: string | null;
  /** Whom the engine counts in, and we do not. */
  readonly strangers: readonly { readonly member: string; readonly why: string }[];
};

/** Something an operator may want to know of. Each is in the log, too. */
export type LoggedEvent = {
  /** Grows by one with each event of this life of the node. */
  readonly sequence: number;
  readonly atMs: number;
  readonly kind: EventKind;
  /** One line, for people. */
  readonly text: string;
  /** Who or what it is about: a node, a group of addresses, a file. */
  readonly subject: string | null;
  /** Who asked for it: `unix socket (uid 0)`, `10.0.0.7 (signed)`, `SIGHUP`; null: nobody did. */
  readonly origin: string | null;
};

export const EVENT_KINDS = [
  'started',
  'stopping',
  'node-state',
  'address-up',
  'address-down',
  'view',
  'drain',
  'resume',
  'move',
  'reload',
  'problem',
  'note',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
