/** The parts that a proxy worker is built from: what it decides by, serves with and counts into. */
import type { Server } from '../core/candidacy/candidates.ts';
import type { Limits, Network } from '../core/cluster/config.ts';
import type { ZoneMap } from '../core/zone/zone-of.ts';
import type { Address, Reactor } from '../io/reactor.ts';
import type { Answer, LocalRequest } from './answer.ts';
import type { Counters } from './counters.ts';
import type { RecordWriter } from './record-writer.ts';

/** The cluster table as one worker uses it. Slot 0 is this node; below 0 is nobody's. */
export type ClusterView = {
  /** Every known server in slot order. Called for each balanced request. */
  known(nowMs: number): readonly Server[];
  sent(slot: number): void;
  /** The exchange is over, well or not; `turnaroundMs` from sending it to its end. */
  answered(slot: number, turnaroundMs: number): void;
  /** It did not take a connection: suspect until its next announcement. */
  failed(slot: number): void;
};

/** Something in this process that answers requests. */
export type LocalService = {
  /** The request is readable only until this returns; the answer may come later. */
  serve(request: LocalRequest, answer: Answer): void;
};

export type RelayParts = {
  readonly reactor: Reactor;
  readonly cluster: ClusterView;
  readonly zones: ZoneMap;
  readonly counters: Counters;
  /** Where requests are recorded. */
  readonly records: RecordWriter;
  /** Serves `SetHandler backhand-handler`. */
  readonly status: LocalService;
  /** Serves what falls to this node when it has no application; null: there is nothing to serve. */
  readonly files: LocalService | null;
  /** A number in [0, 1); each request that needs some begins with one of these. */
  readonly random: () => number;
};

/** What a reload exchanges. */
export type ReloadedParts = Pick<RelayParts, 'zones' | 'status' | 'files'>;

export type RelayOptions = {
  /** Stands in Via; must be an HTTP token. */
  readonly nodeName: string;
  readonly accept: readonly Network[];
  readonly application: Address | null;
  /** Where the main thread answers the admin API; null: nowhere. */
  readonly admin: Address | null;
  readonly onEmpty: 'unavailable' | 'local';
  readonly connectionPools: boolean;
  readonly limits: Limits;
  /** A node that owes an answer and has not announced itself for longer than this is suspect. */
  readonly silenceMs: number;
};
