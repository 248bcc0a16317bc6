/**
 * The requests of this node as its main thread sees them, in every worker's ring.
 *
 *     worker rings ──► watchers: every request in batches (the access log)
 *            │ └─────► kept: what failed, and what was shown to somebody
 *            └───────► newest, find: on demand
 *
 * What a newcomer gets wrong: a record is made into strings only when somebody wants it; that costs
 * more than writing it did. Workers record every request only while somebody watches, or the
 * configuration says `record: true`; otherwise one in SAMPLE. And a request under way is in no
 * list: there is a record when it has ended.
 */
import { OUTCOMES } from '../../core/relay/outcome.ts';
import { SAMPLE, SLOTS } from '../../core/report/record-layout.ts';
import type { KeptRequest } from '../../core/report/request-record.ts';
import { RecordReader } from '../../proxy/record-reader.ts';

/** Beyond what is in the rings; about 1 KB each. */
const KEPT_MAX = 2_000;

/** Of what failed, in one look: the rest of a disaster is more of the same. */
const FAILED_MAX = 20;

/** Between two looks: while somebody watches, while nobody does, while a ring fills quickly. */
const LOOK_MS = 50;
const LOOK_IDLE_MS = 250;
const LOOK_BUSY_MS = 2;

/** A ring this full is read again at once. */
const BUSY_COUNT = SLOTS / 16;

/** Of one worker in one turn: some ms, so that announcements are not held up. */
const TURN_MAX = 1_000;

/** Who has just asked for the newest requests will ask again: all are recorded for so long. */
const ASKED_MS = 10_000;

/** By place in OUTCOMES. */
const IS_FAILURE = OUTCOMES.map(({ side, phase }) => side === 'backend' || phase === 'choice');

export type Watcher = (requests: readonly KeptRequest[]) => void;

export type RequestLogOptions = {
  readonly node: string;
  /** One of each worker (core/report/record-layout.ts). */
  readonly memories: readonly SharedArrayBuffer[];
  /** Record every request, whether or not somebody watches. */
  readonly all: boolean;
  /** A clock that never jumps. */
  readonly nowMs: () => number;
};

export class RequestLog {
  readonly #options: RequestLogOptions;
  readonly #readers: readonly RecordReader[];
  readonly #watchers = new Set<Watcher>();
  /** By id, oldest first. */
  readonly #kept = new Map<string, KeptRequest>();
  #all: boolean;
  #watched = false;
  #askedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RequestLogOptions) {
    const { node, memories, all } = options;
    this.#options = options;
    this.#all = all;
    this.#readers = memories.map((memory, worker) => new RecordReader(memory, { node, worker }));
    this.#want();
    this.#lookIn(LOOK_IDLE_MS);
  }

  /** Records that a worker overwrote before they were read. */
  get lost(): number {
    return this.#readers.reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Somebody watches by asking again and again (`newest`): all are recorded meanwhile. */
  set watched(watched: boolean) {
    this.#watched = watched;
    this.#want();
  }

  set all(all: boolean) {
    this.#all = all;
    this.#want();
  }

  /**
   * From now on every request is recorded and told, in batches.
   *
   * @returns to be called when no more are wanted
   */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    this.#want();
    this.#lookIn(0);
    return () => {
      this.#watchers.delete(watcher);
      this.#want();
    };
  }

  /** The newest last; those of the admin API left out, which pages and nodes ask each second. */
  newest(count: number): readonly KeptRequest[] {
    this.#askedMs = this.#options.nowMs();
    this.#want();
    const found = this.#readers.flatMap((reader) => {
      const own: KeptRequest[] = [];
      for (const kept of reader.newest()) {
        if (own.length >= count) break;
        if (kept.record.way !== 'admin') own.push(kept);
      }
      return own;
    });
    const newest = found.toSorted((a, b) => endMs(a) - endMs(b)).slice(-Math.max(1, count));
    for (const kept of newest) this.#keep(kept);
    return newest;
  }

  find(id: string): KeptRequest | null {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    const match = /^(\d+)-([0-9a-z]{1,7})$/.exec(id);
    const reader = this.#readers[Number(match?.[1])];
    if (match === null || reader === undefined) return null;
    return reader.find(Number.parseInt(match[2]!, 36));
  }

  /** Reads what there is still, and no more after that. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#take());
  }

  get #isWatched(): boolean {
    const { nowMs } = this.#options;
    if (this.#watched || this.#watchers.size > 0) return true;
    return nowMs() - this.#askedMs < ASKED_MS;
  }

  #want(): void {
    const oneIn = this.#all || this.#isWatched ? 1 : SAMPLE;
    for (const reader of this.#readers) reader.want(oneIn);
  }

  #lookIn(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const more = this.#take();
      this.#want();
      const usual = this.#watchers.size > 0 ? LOOK_MS : LOOK_IDLE_MS;
      this.#lookIn(more ? LOOK_BUSY_MS : usual);
    }, delayMs).unref();
  }

  /** @returns true when there is more, or will soon be */
  #take(): boolean {
    let isBusy = false;
    for (const reader of this.#readers) {
      if (this.#watchers.size === 0) {
        for (const kept of reader.take(FAILED_MAX, (outcome) => IS_FAILURE[outcome] === true)) {
          this.#keep(kept);
        }
        continue;
      }
      if (reader.waiting > BUSY_COUNT) isBusy = true;
      const taken = reader.take(TURN_MAX);
      if (taken.length === 0) continue;
      for (const watcher of this.#watchers) watcher(taken);
      for (const kept of taken) if (kept.record.outcome !== 'DONE') this.#keep(kept);
    }
    return isBusy;
  }

  #keep(kept: KeptRequest): void {
    this.#kept.delete(kept.record.id);
    this.#kept.set(kept.record.id, kept);
    if (this.#kept.size <= KEPT_MAX) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }
}

function endMs({ record }: KeptRequest): number {
  return record.atMs + record.totalMs;
}
