/** Response heads as they leave: what goes, what the client is told of its connection. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Parse } from '../http1/head.ts';
import { parseResponseHead, ResponseHead } from '../http1/response-head.ts';
import {
  ClientConnection,
  RESPONSE_GROWTH_BYTES_MAX,
  rewriteResponseHead,
} from './response-out.ts';

const BODY = 'the body';

type Options = { readonly connection?: ClientConnection; readonly unchunk?: boolean };

function rewritten(text: string, options: Options = {}): string {
  const { connection = ClientConnection.silent, unchunk = false } = options;
  const head = new ResponseHead(4_096);
  const start = RESPONSE_GROWTH_BYTES_MAX;
  const memory = new Uint8Array(start + text.length + BODY.length).fill(0x23);
  memory.set(Buffer.from(text + BODY, 'latin1'), start);
  equal(parseResponseHead(memory, start, memory.length, head, false), Parse.complete, text);
  const from = rewriteResponseHead(memory, start, head, { connection, unchunk });
  return Buffer.from(memory.subarray(from)).toString('latin1');
}

const { keepAlive, close, upgrade } = ClientConnection;
const OK = 'HTTP/1.1 200 OK\r\n';

type Row = readonly [what: string, before: string, after: string, options?: Options];

const rows: readonly Row[] = [
  ['nothing is to be said', `${OK}X: 1\r\n\r\n`, `${OK}X: 1\r\n\r\n`],
  ['there is no field', `${OK}\r\n`, `${OK}\r\n`],
  ['the node speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nX: 1\r\n\r\n', `${OK}X: 1\r\n\r\n`],
  [
    'fields end at this hop',
    `${OK}Connection: x-own\r\nX: 1\r\nX-Own: 2\r\nKeep-Alive: 3\r\nY: 4\r\n\r\n`,
    `${OK}X: 1\r\nY: 4\r\n\r\n`,
  ],
  [
    'the connection ends',
    `${OK}X: 1\r\n\r\n`,
    `${OK}X: 1\r\nConnection: close\r\n\r\n`,
    { connection: close },
  ],
  [
    'the connection ends, and there is no field',
    `${OK}\r\n`,
    `${OK}Connection: close\r\n\r\n`,
    { connection: close },
  ],
  [
    'a client of HTTP/1.0 may go on',
    `${OK}Content-Length: 8\r\nConnection: close\r\n\r\n`,
    `${OK}Content-Length: 8\r\nConnection: keep-alive\r\n\r\n`,
    { connection: keepAlive },
  ],
  [
    'the client knows no chunks',
    `${OK}Transfer-Encoding: chunked\r\nX: 1\r\nTrailer: Y\r\n\r\n`,
    `${OK}X: 1\r\nConnection: close\r\n\r\n`,
    { connection: close, unchunk: true },
  ],
  [
    'a 204 tells the length of nothing',
    'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX: 1\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n',
  ],
  [
    'a 204 promises chunks, and the connection ends',
    'HTTP/1.1 204 No Content\r\nX: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nX: 1\r\nConnection: close\r\n\r\n',
    { connection: close },
  ],
  [
    'an interim answer tells a length',
    'HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\nLink: x\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n',
  ],
  [
    'a 304 tells the length of what it stands for',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n',
  ],
  [
    'another protocol begins',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\nY: 1\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nY: 1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    { connection: upgrade },
  ],
];

for (const [what, before, after, options] of rows) {
  test(`rewriteResponseHead() keeps the body in place when ${what}`, () => {
    equal(rewritten(before, options), after + BODY);
  });
}
