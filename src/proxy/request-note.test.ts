import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Parse } from '../core/http1/head.ts';
import { parseRequestHead, RequestHead } from '../core/http1/request-head.ts';
import { outcomes } from '../core/relay/outcome.ts';
import {
  CLAIMS_MAX,
  MARGIN,
  NAMES,
  recordMemory,
  SLOTS,
  WAYS,
} from '../core/report/record-layout.ts';
import type { KeptRequest } from '../core/report/request-record.ts';
import { Decision, Way } from './decision.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';
import { RequestNote } from './request-note.ts';

const WHEN = { nowMs: 1_000_000, monotonicMs: 500 };

type Ring = {
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly begin: (text?: string, decided?: Partial<Decision>) => RequestNote;
  readonly end: (note: RequestNote) => void;
};

function ring(memory = recordMemory(), oneIn = 1): Ring {
  const reader = new RecordReader(memory, { node: 'web1', worker: 2 });
  reader.want(oneIn);
  const writer = new RecordWriter(memory);
  const begin = (text = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', decided: Partial<Decision> = {}) => {
    const note = new RequestNote(writer);
    const bytes = Buffer.from(`xx${text}`, 'latin1');
    const head = new RequestHead();
    equal(parseRequestHead(bytes, 2, bytes.length, head), Parse.complete);
    note.begin(WHEN, '10.0.0.9');
    note.decided(Object.assign(new Decision(), decided), 0);
    note.head(bytes, 2, head);
    return note;
  };
  return { reader, writer, begin, end: (note) => note.end(outcomes.done, 200, 512.5) };
}

function only(reader: RecordReader): KeptRequest {
  const [kept, second] = reader.take(10);
  ok(kept !== undefined && second === undefined, 'there is one record');
  return kept;
}

test('a record says all that happened', () => {
  const { reader, begin } = ring();
  const text = 'GET /a?b=1 HTTP/1.1\r\nHost: x:8\r\nReferer: r\r\nUser-Agent: u\r\n\r\n';
  const server = { name: 'web2' } as NonNullable<Decision['server']>;
  const note = begin(text, { way: Way.node, zoneName: 'shop', server });
  note.sent('web2', 501);
  note.sent('wéb3', 503);
  note.bytesOut(100);
  note.bytesOut(-30);
  note.firstByte(510);
  note.end(outcomes.responseCut, 200, 520.25);
  deepEqual(only(reader).record, {
    id: '2-1',
    node: 'web1',
    atMs: 1_000_000,
    client: '10.0.0.9',
    method: 'GET',
    target: '/a?b=1',
    host: 'x:8',
    protocol: 'HTTP/1.1',
    referer: 'r',
    userAgent: 'u',
    zone: 'shop',
    way: 'node',
    relayed: false,
    chosen: 'web2',
    server: 'wéb3',
    outcome: 'RESPONSE_CUT',
    status: 200,
    bytesOut: 70,
    tries: 2,
    sentMs: 3,
    firstByteMs: 10,
    totalMs: 20.25,
  });
});

test('WAYS are the ways of the relay in their order', () => {
  deepEqual(
    [...WAYS],
    Object.entries(Way)
      .toSorted(([, a], [, b]) => a - b)
      .map(([name]) => name),
  );
});

test('a record holds nothing of the request that had its slot before', () => {
  const { reader, begin, end } = ring();
  for (let i = 0; i < SLOTS; i++) {
    const note = begin(undefined, { zoneName: 'old', way: Way.node });
    note.sent('old', 501);
    note.firstByte(502);
    end(note);
  }
  reader.skip();
  const bare = begin();
  bare.end(outcomes.clientGoneRequest, 0, 500);
  const { record } = only(reader);
  deepEqual(
    [record.zone, record.server, record.chosen, record.tries, record.sentMs, record.firstByteMs],
    [null, null, null, 0, null, null],
  );
});

const credentials = [
  'Authorization: Basic c2VjcmV0',
  'Proxy-Authorization: Basic c2VjcmV0',
  'AUTHORIZATION:c2VjcmV0',
];

for (const line of credentials) {
  test(`"${line}" is never kept, and what is around it is`, () => {
    const memory = recordMemory();
    const { reader, begin, end } = ring(memory);
    end(begin(`GET /x HTTP/1.1\r\nHost: a\r\n${line}\r\nCookie: id=1\r\n\r\n`));
    const kept = only(reader);
    deepEqual(
      kept.fields.map(([name]) => name),
      ['Host', 'Cookie'],
    );
    deepEqual([kept.credentials, kept.cut, kept.record.target], [true, false, '/x']);
    equal(Buffer.from(memory).indexOf('c2VjcmV0'), -1);
  });
}

test('of a long head, host and cookies are kept before all else, and lines whole', () => {
  const { reader, begin, end } = ring();
  const filler = Array.from({ length: 30 }, (_, i) => `X-${i}: ${'y'.repeat(100)}\r\n`).join('');
  end(begin(`GET /x HTTP/1.1\r\n${filler}Host: a\r\nCookie: id=1\r\n\r\n`));
  const { cut, fields, record } = only(reader);
  deepEqual([cut, record.host, record.target], [true, 'a', '/x']);
  deepEqual(fields[1], ['Cookie', 'id=1']);
  ok(fields.length > 10 && fields.length < 32);
  ok(fields.slice(2).every(([, value]) => value.length === 100));
});

test('a target longer than a slot is cut', () => {
  const { reader, begin, end } = ring();
  end(begin(`GET /${'x'.repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`));
  const { record, cut } = only(reader);
  match(record.target, /^\/x{1500,2000}$/);
  equal(cut, true);
});

test('of a refused request its first line is kept, and nothing behind it', () => {
  const { reader, writer } = ring();
  const note = new RequestNote(writer);
  const bytes = Buffer.from('G\u0001T / HTTP/1.1\r\nAuthorization: hush\r\n\r\n', 'latin1');
  note.begin(WHEN, '::1');
  note.refused(bytes, 0, bytes.length);
  note.end(outcomes.badRequest, 400, 501);
  const { record, fields } = only(reader);
  deepEqual(
    [record.method, record.way, record.status, fields.length],
    ['G\u0001T', 'refuse', 400, 0],
  );
});

test('a relayed request counts for the client that the other node names', () => {
  const { reader, begin, end } = ring();
  end(begin(undefined, { relayed: true, clientAddress: '2001:db8::7' }));
  const { record } = only(reader);
  deepEqual([record.relayed, record.client], [true, '2001:db8::7']);
});

test('the target of a URL is its path, and its host the host', () => {
  const { reader, begin, end } = ring();
  end(begin('GET http://x.example:81?q HTTP/1.1\r\nHost: x.example:81\r\n\r\n'));
  const { record } = only(reader);
  deepEqual([record.target, record.host], ['/?q', 'x.example:81']);
});

test('take() gives each record once, in the order requests ended', () => {
  const { reader, begin, end } = ring();
  const first = begin();
  const second = begin();
  end(second);
  end(first);
  deepEqual(
    reader.take(1).map(({ record }) => record.id),
    ['2-2'],
  );
  deepEqual(
    reader.take(9).map(({ record }) => record.id),
    ['2-1'],
  );
  deepEqual(reader.take(9), []);
});

test('take() loses the oldest and counts them when the writer was faster', () => {
  const { reader, begin, end } = ring();
  const count = SLOTS + 100;
  for (let i = 0; i < count; i++) end(begin());
  const taken = reader.take(count);
  equal(taken.length + reader.lost, count);
  equal(taken.at(-1)!.record.id, `2-${count.toString(36)}`);
  equal(taken.length, SLOTS - MARGIN);
  const ids = taken.map(({ record }) => Number.parseInt(record.id.slice(2), 36));
  ok(
    ids.every((id, i) => i === 0 || id === ids[i - 1]! + 1),
    'without a gap',
  );
});

test('a request keeps its slot however many others come and go meanwhile', () => {
  const { reader, begin, end } = ring();
  const long = begin('GET /long HTTP/1.1\r\nHost: a\r\n\r\n');
  for (let i = 0; i < 3 * SLOTS; i++) end(begin());
  reader.skip();
  end(long);
  deepEqual([only(reader).record.target, reader.lost > 0], ['/long', true]);
});

test('more requests under way than there are slots are all recorded when they end', () => {
  const { reader, begin, end } = ring();
  const notes = Array.from({ length: CLAIMS_MAX + 500 }, (_, i) =>
    begin(`GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`),
  );
  const targets: string[] = [];
  for (const note of notes.toReversed()) {
    end(note);
    targets.push(...reader.take(10).map(({ record }) => record.target));
  }
  deepEqual(targets, notes.map((_, i) => `/${i}`).toReversed());
  equal(reader.lost, 0);
});

test('newest() looks back as far as there is something', () => {
  const { reader, begin, end } = ring();
  deepEqual([...reader.newest()], []);
  for (let i = 0; i < 3; i++) end(begin());
  deepEqual(
    [...reader.newest()].map(({ record }) => record.id),
    ['2-3', '2-2', '2-1'],
  );
  equal(reader.waiting, 3);
});

test('one in so many is recorded, and the others keep their numbers', () => {
  const { reader, begin, end } = ring(recordMemory(), 4);
  for (let i = 0; i < 8; i++) end(begin());
  deepEqual(
    reader.take(9).map(({ record }) => record.id),
    ['2-4', '2-8'],
  );
  reader.want(0);
  for (let i = 0; i < 8; i++) end(begin());
  deepEqual(reader.take(9), []);
});

test('names are told right after more of them than are kept', () => {
  const { reader, begin, end } = ring();
  for (let i = 0; i < NAMES + 10; i++) {
    end(begin(undefined, { zoneName: `zone ${i}` }));
    equal(only(reader).record.zone, `zone ${i}`);
  }
});

/** Writes records whose parts must all say the same number, as fast as it can. */
const SCRIBE = `
  const { workerData, parentPort } = require('node:worker_threads');
  void (async () => {
    const { RecordWriter } = await import(workerData.writer);
    const { RequestNote } = await import(workerData.note);
    const { outcomes } = await import(workerData.outcomes);
    const note = new RequestNote(new RecordWriter(workerData.memory));
    for (let i = 1; i <= workerData.count; i++) {
      const bytes = Buffer.from('GET /' + i + ' ' + String(i).repeat(40) + '\\n');
      note.begin({ nowMs: i, monotonicMs: 0 }, String(i));
      note.refused(bytes, 0, bytes.length);
      note.end(outcomes.done, i % 500, i);
    }
  })();
`;

test('no record is torn while a writer that never waits goes round and round', async () => {
  const memory = recordMemory();
  const reader = new RecordReader(memory, { node: 'web1', worker: 0 });
  reader.want(1);
  const count = 400_000;
  const file = (path: string): string => new URL(path, import.meta.url).href;
  const worker = new Worker(SCRIBE, {
    eval: true,
    workerData: {
      memory,
      count,
      writer: file('./record-writer.ts'),
      note: file('./request-note.ts'),
      outcomes: file('../core/relay/outcome.ts'),
    },
  });
  let ended = false;
  worker.once('exit', () => {
    ended = true;
  });
  let read = 0;
  for (;;) {
    const last = ended;
    for (const { record } of reader.take(SLOTS)) {
      read++;
      const number = record.atMs;
      equal(record.id, `0-${number.toString(36)}`);
      const said = [record.client, record.target, record.totalMs, record.status, record.protocol];
      deepEqual(said, [`${number}`, `/${number}`, number, number % 500, `${number}`.repeat(40)]);
    }
    if (last) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  equal(read + reader.lost, count);
  ok(read > 1_000);
});
