/** Requests that have ended, for tests of what is made of them. */
import { type Outcome, outcomes } from '../../core/relay/outcome.ts';
import { recordMemory } from '../../core/report/record-layout.ts';
import type { RequestRecord } from '../../core/report/request-record.ts';
import { Decision, type Way } from '../../proxy/decision.ts';
import { RecordWriter } from '../../proxy/record-writer.ts';
import { RequestNote } from '../../proxy/request-note.ts';
import { type LogEntry, makeLog } from '../log.ts';
import { RequestLog } from './request-log.ts';

export const AT_MS = 1_795_375_939_000;

export function recordOf(other: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: '1-a',
    node: 'web1',
    atMs: AT_MS,
    client: '10.0.0.9',
    method: 'GET',
    target: '/a?b=1',
    host: 'x',
    protocol: 'HTTP/1.1',
    referer: 'r',
    userAgent: 'u',
    zone: 'shop',
    way: 'node',
    relayed: false,
    chosen: 'web2',
    server: 'web2',
    outcome: 'DONE',
    status: 200,
    bytesOut: 12,
    tries: 1,
    sentMs: 0.1,
    firstByteMs: 2,
    totalMs: 3.25,
    ...other,
  };
}

type Ended = {
  readonly worker?: number;
  readonly atMs?: number;
  readonly outcome?: Outcome;
  readonly way?: Way;
};

/** Two workers whose requests are written by hand, and the log that reads them. */
export class Desk {
  readonly memories = [recordMemory(), recordMemory()];
  readonly entries: LogEntry[] = [];
  readonly log = makeLog([(entry) => this.entries.push(entry)]);
  readonly requests: RequestLog;
  nowMs = 0;
  readonly #writers = this.memories.map((memory) => new RecordWriter(memory));

  constructor(all = false) {
    this.requests = new RequestLog({
      node: 'web1',
      memories: this.memories,
      all,
      nowMs: () => this.nowMs,
    });
  }

  /** A request that ended, `atMs` after the beginning. */
  request(
    target: string,
    { worker = 0, atMs = 0, outcome = outcomes.done, way = 0 }: Ended = {},
  ): void {
    const note = new RequestNote(this.#writers[worker]!);
    const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\n\r\n`);
    note.begin({ nowMs: AT_MS + atMs, monotonicMs: atMs }, '10.0.0.9');
    note.decided(Object.assign(new Decision(), { way }), 0);
    note.refused(bytes, 0, bytes.length);
    note.end(outcome, 200, atMs);
  }
}

/** Looks again at every turn of the loop, until it holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
