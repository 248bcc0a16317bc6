/**
 * What the main thread and a proxy worker say to each other. Few words: everything that changes
 * often lies in shared memory instead (cluster table, counters).
 */

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
  /** What the main thread has heard (core/announce/datagram-counts.ts). */
  readonly datagrams: SharedArrayBuffer;
  readonly startedMs: number;
};

/** For trying things out, and for files that, like the article's, leave these to Apache. */
export type Overrides = {
  readonly listen: readonly { readonly host: string | null; readonly port: number }[] | null;
  readonly application:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string }
    | null;
  readonly documentRoot: string | null;
};

export type FromWorker =
  | { readonly kind: 'listening' }
  /** Nothing of this worker runs; the whole node gives up. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The application took no connection: worth a look at once. */
  | { readonly kind: 'applicationFailed' }
  /** For the operator; the main thread has the log. */
  | { readonly kind: 'log'; readonly message: string }
  /** Every client is gone. */
  | { readonly kind: 'drained' };

export type ToWorker = { readonly kind: 'drain' } | { readonly kind: 'stop' };
