/**
 * What the main thread and a proxy worker say to each other. Few words: everything that changes
 * often lies in shared memory instead (cluster table, counters).
 *
 *     main    prepare ──────────────► commit, or abort       a reload: all workers change, or none
 *     worker          ──► prepared ─┘       └──► committed
 */
import type { MachineFacts } from '../config/environment.ts';

/** What a worker is started with. It loads the configuration itself: functions cannot be sent. */
export type WorkerStart = {
  readonly files: readonly string[];
  readonly nodeName: string | null;
  readonly defines: readonly string[];
  /** Set by options of the command line, over what the files say. */
  readonly overrides: Overrides;
  /** Which of the workers this one is; its rows in the shared tables. */
  readonly index: number;
  /** The cluster table (core/announce/table-layout.ts). */
  readonly table: SharedArrayBuffer;
  /** Every worker's counters (proxy/counters.ts), this one's at `index`. */
  readonly counters: readonly SharedArrayBuffer[];
  /** This worker's request records (core/report/record-layout.ts). */
  readonly records: SharedArrayBuffer;
  /** What the main thread has heard (core/announce/datagram-counts.ts). */
  readonly datagrams: SharedArrayBuffer;
  /** What the main thread does for the pool of addresses (core/address/figures.ts). */
  readonly addresses: SharedArrayBuffer;
  /** What became of the access log (core/report/log-figures.ts). */
  readonly accessLog: SharedArrayBuffer;
  readonly startedMs: number;
  /** The unix socket on which the main thread answers the admin API; null: it does not. */
  readonly admin: string | null;
};

/** For trying things out, and for files that, like the article's, leave these to Apache. */
export type Overrides = {
  readonly listen: readonly { readonly host: string | null; readonly port: number }[] | null;
  readonly application:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string }
    | null;
  readonly documentRoot: string | null;
  /** A wackamole.conf has no word for it. */
  readonly compatibility: 'wackamole' | null;
};

export type FromWorker =
  | { readonly kind: 'listening' }
  /** Nothing of this worker runs; the whole node gives up. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The application took no connection: worth a look at once. */
  | { readonly kind: 'applicationFailed' }
  /** For the operator; the main thread has the log. */
  | { readonly kind: 'log'; readonly message: string }
  /** It could go by the new configuration now; or why it cannot. */
  | { readonly kind: 'prepared'; readonly problem: string | null }
  /** Answers `leave`: so many clients of that address have a request under way. */
  | { readonly kind: 'leaving'; readonly address: string; readonly left: number }
  /** It goes by it. */
  | { readonly kind: 'committed' }
  /** Every client is gone. */
  | { readonly kind: 'drained' };

export type ToWorker =
  | {
      readonly kind: 'prepare';
      /** So that every thread reads the same files in the same way. */
      readonly machine: MachineFacts;
      /** What the main thread has read (core/cluster/difference.ts). */
      readonly fingerprint: string;
    }
  | { readonly kind: 'commit' }
  | { readonly kind: 'abort' }
  /** Answers are the last ones on their connections; new clients are still welcome. */
  | { readonly kind: 'farewell' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'stop' }
  /** Of a pool on the loopback, all that this node holds (Doors.hold). */
  | { readonly kind: 'hold'; readonly addresses: readonly string[] }
  /** Addresses of ours that are about to be another node's (Relay.leave). */
  | { readonly kind: 'leave'; readonly addresses: readonly string[]; readonly now: boolean };
