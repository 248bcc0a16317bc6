/** Goal: what the relay did with a request is what its record says. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestRecord } from '../core/report/request-record.ts';
import { RecordReader } from './record-reader.ts';
import { ANSWER, answering, GET, REACTORS, Stage, type StageOptions } from './relay.fixture.ts';

type Case = {
  readonly options: StageOptions;
  readonly send: string;
  /** What must stand in the record. */
  readonly record: Partial<RequestRecord>;
};

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';

const cases: Readonly<Record<string, Case>> = {
  'an answer of a node': {
    options: { nodes: [answering(ANSWER)] },
    send: GET,
    record: { way: 'node', chosen: 'web1', server: 'web1', tries: 1, status: 200, bytesOut: 2 },
  },
  'an answer in chunks, whose framing counts': {
    options: { nodes: [answering(CHUNKED)] },
    send: GET,
    record: { outcome: 'DONE', bytesOut: 12 },
  },
  'an answer after an interim one': {
    options: { nodes: [answering(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ANSWER}`)] },
    send: GET,
    record: { status: 200, bytesOut: 2 },
  },
  'a second try, as the first node takes no connection': {
    options: { nodes: [null, answering(ANSWER)] },
    send: GET,
    record: { chosen: 'web1', server: 'web2', tries: 2, status: 200, outcome: 'DONE' },
  },
  'nobody to be tried': {
    options: { nodes: [] },
    send: GET,
    record: { way: 'nobody', chosen: null, server: null, tries: 0, status: 503 },
  },
  'a node that cannot be reached': {
    options: { nodes: [null] },
    send: GET,
    record: { outcome: 'CONNECT_FAILED', status: 502, chosen: 'web1' },
  },
  'an answer of the application': {
    options: { nodes: [], application: answering(ANSWER), chain: [] },
    send: GET,
    record: { way: 'local', chosen: null, server: null, tries: 1, status: 200 },
  },
  'a request that is none': {
    options: { nodes: [] },
    send: 'G\u0001T / HTTP/1.1\r\n\r\n',
    record: { way: 'refuse', outcome: 'BAD_REQUEST', status: 400, method: 'G\u0001T' },
  },
  'a path that is refused': {
    options: { nodes: [] },
    send: 'GET /%2f HTTP/1.1\r\nHost: a\r\n\r\n',
    record: { way: 'refuse', outcome: 'DONE', status: 404, zone: null, target: '/%2f' },
  },
  'an answer that is cut': {
    options: {
      nodes: [
        (socket, text) => {
          if (text.endsWith('\r\n\r\n'))
            socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab');
          return null;
        },
      ],
    },
    send: GET,
    record: { outcome: 'RESPONSE_CUT', status: 200, bytesOut: 2, server: 'web1' },
  },
};

for (const kind of REACTORS) {
  for (const [what, { options, send, record: expected }] of Object.entries(cases)) {
    test(`a record (${kind}) tells of ${what}`, async () => {
      await using stage = await Stage.on(kind, options);
      const reader = new RecordReader(stage.records, { node: 'stage', worker: 0 });
      await stage.ask(send);
      await stage.until(() => reader.waiting === 1);
      const [kept] = reader.take(9);
      const { record } = kept!;
      const said = Object.keys(expected).map((key) => [key, record[key as keyof RequestRecord]]);
      deepEqual(Object.fromEntries(said), expected);
      equal(record.client, '127.0.0.1');
      const { sentMs, firstByteMs, totalMs } = record;
      equal(sentMs === null, record.tries === 0);
      ok((sentMs ?? 0) <= (firstByteMs ?? totalMs) && (firstByteMs ?? 0) <= totalMs);
    });
  }

  test(`a record (${kind}) is written for each request of a connection`, async () => {
    await using stage = await Stage.on(kind, { nodes: [answering(ANSWER)] });
    const reader = new RecordReader(stage.records, { node: 'stage', worker: 0 });
    const client = await stage.client();
    for (let i = 1; i <= 3; i++) {
      client.send(`GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await stage.until(() => client.text.split('ok').length === 1 + i && reader.waiting === i);
    }
    client.socket.end();
    const records = reader.take(9).map(({ record }) => [record.id, record.target, record.bytesOut]);
    deepEqual(records, [
      ['0-1', '/1', 2],
      ['0-2', '/2', 2],
      ['0-3', '/3', 2],
    ]);
  });
}
