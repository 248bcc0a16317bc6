/**
 * Those who watch: server-sent events (WHATWG HTML, 9.2) to every browser and `forehand top`.
 *
 *     event: picture     the whole cluster, at once; then once a second, with its last seconds only
 *     event: event       something happened, at once
 *     event: requests    what was served since the last, at most REQUESTS_MAX a second
 *
 * What a newcomer gets wrong: a watcher that does not read is let go, not waited for, or its
 * pictures would pile up here. Nothing is asked of anybody while nobody watches.
 */
import type { ServerResponse } from 'node:http';
import type { ClusterPicture } from '../../core/report/cluster-picture.ts';
import type { LoggedEvent } from '../../core/report/node-report.ts';
import type { RequestRecord } from '../../core/report/request-record.ts';

const TURN_MS = 1_000;
const REQUESTS_MAX = 20;

/** Of each node, in a picture that is not a watcher's first: it has the others already. */
const SECONDS_TOLD = 5;

/** Some pictures of a large cluster: whoever is this far behind does not read. */
const BACKLOG_BYTES_MAX = 1_048_576;

/** More than a team has browsers; each costs a picture a second. */
const WATCHERS_MAX = 64;

/** A browser that lost us asks again after this. */
const RETRY_MS = 1_000;

export type LiveParts = {
  readonly picture: () => Promise<ClusterPicture>;
  /** Newest last. */
  readonly requests: (count: number) => readonly RequestRecord[];
  /** That somebody watches, or nobody any more. */
  readonly onWatched: (watched: boolean) => void;
  /** No picture could be made: those who watch see its age grow. */
  readonly onFailed: (error: unknown) => void;
};

export class Live {
  readonly #parts: LiveParts;
  readonly #watchers = new Set<ServerResponse>();
  /** Those that have had a whole picture. */
  readonly #begun = new WeakSet<ServerResponse>();
  #turning: NodeJS.Timeout | null = null;
  #lastId: string | null = null;
  #stopped = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  add(response: ServerResponse): void {
    if (this.#stopped || this.#watchers.size >= WATCHERS_MAX) {
      response.writeHead(503, { 'retry-after': '5' }).end('too many watch already\n');
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#watchers.add(response);
    response.on('close', () => this.#remove(response));
    response.on('error', () => this.#remove(response));
    if (this.#turning === null) {
      this.#parts.onWatched(true);
      this.#turning = setInterval(() => void this.#turn(), TURN_MS);
    }
    void this.#begin(response);
  }

  get watching(): number {
    return this.#watchers.size;
  }

  event(event: LoggedEvent): void {
    this.#say([...this.#watchers], 'event', event);
  }

  stop(): void {
    this.#stopped = true;
    for (const response of [...this.#watchers]) {
      response.end();
      this.#remove(response);
    }
  }

  async #begin(response: ServerResponse): Promise<void> {
    const picture = await this.#picture();
    if (picture !== null) this.#say([response], 'picture', picture);
    this.#begun.add(response);
  }

  async #turn(): Promise<void> {
    const picture = await this.#picture();
    const begun = [...this.#watchers].filter((response) => this.#begun.has(response));
    if (picture !== null) this.#say(begun, 'picture', shortened(picture));
    const news = this.#news();
    if (news.length > 0) this.#say([...this.#watchers], 'requests', news);
  }

  async #picture(): Promise<ClusterPicture | null> {
    try {
      return await this.#parts.picture();
    } catch (error) {
      this.#parts.onFailed(error);
      return null;
    }
  }

  #news(): readonly RequestRecord[] {
    const records = this.#parts.requests(REQUESTS_MAX);
    const known = records.findIndex(({ id }) => id === this.#lastId);
    this.#lastId = records.at(-1)?.id ?? this.#lastId;
    return records.slice(known + 1);
  }

  #say(watchers: readonly ServerResponse[], event: string, value: unknown): void {
    if (watchers.length === 0) return;
    const text = `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
    for (const response of watchers) {
      if (response.writableLength > BACKLOG_BYTES_MAX) response.destroy();
      else if (response.writable) response.write(text);
    }
  }

  #remove(response: ServerResponse): void {
    if (!this.#watchers.delete(response) || this.#watchers.size > 0) return;
    if (this.#turning !== null) clearInterval(this.#turning);
    this.#turning = null;
    this.#parts.onWatched(false);
  }
}

function shortened(picture: ClusterPicture): ClusterPicture {
  const nodes = picture.nodes.map((node) => {
    return { ...node, seconds: node.seconds.slice(-SECONDS_TOLD) };
  });
  return { ...picture, nodes };
}
