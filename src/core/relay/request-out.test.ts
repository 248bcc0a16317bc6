/** Request heads as they leave: what goes, what is added, and that nothing behind them moves. */
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '../http1/bytes.ts';
import { Parse } from '../http1/head.ts';
import { parseRequestHead, RequestHead } from '../http1/request-head.ts';
import { requestHeadroom, rewriteRequestHead } from './request-out.ts';

const LINES = 'Via: 1.1 me\r\n';
const BODY = 'the body';
const BYTES_MAX = 4_096;

/** What leaves for what came, with the body that came along. */
function rewritten(text: string, { trusted = false, lines = LINES } = {}): string {
  const head = new RequestHead(BYTES_MAX);
  const provenance = { trusted, lines: asciiBytes(lines) };
  const headroom = requestHeadroom(provenance.lines, BYTES_MAX);
  const memory = new Uint8Array(headroom + text.length + BODY.length).fill(0x23);
  memory.set(Buffer.from(text + BODY, 'latin1'), headroom);
  equal(parseRequestHead(memory, headroom, memory.length, head), Parse.complete, text);
  const from = rewriteRequestHead(memory, headroom, head, { provenance, headroom });
  ok(from >= 0);
  return Buffer.from(memory.subarray(from)).toString('latin1');
}

type Row = readonly [what: string, before: string, after: string, trusted?: boolean];

const rows: readonly Row[] = [
  [
    'a usual head gets our lines',
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\n${LINES}\r\n`,
  ],
  [
    'empty lines in front of it go',
    '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\n${LINES}\r\n`,
  ],
  [
    'fields of the hop go from the front, the middle and the end',
    'GET / HTTP/1.1\r\nKeep-Alive: 1\r\nHost: a\r\nTE: x\r\nX: 1\r\nConnection: x\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\n${LINES}\r\n`,
  ],
  [
    'a stranger speaks for nobody',
    'GET / HTTP/1.1\r\nX-Forwarded-For: 8.8.8.8\r\nHost: a\r\nBackhand-Proxied: 8.8.8.8\r\nForwarded: for=x\r\nX-Forwarded-Host: b\r\nX-Forwarded-Proto: https\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\n${LINES}\r\n`,
  ],
  [
    'a trusted peer speaks for its clients',
    'GET / HTTP/1.1\r\nX-Forwarded-For: 8.8.8.8\r\nHost: a\r\n\r\n',
    `GET / HTTP/1.1\r\nX-Forwarded-For: 8.8.8.8\r\nHost: a\r\n${LINES}\r\n`,
    true,
  ],
  [
    'a URL becomes a path, and its host the Host',
    'GET http://b.example:81/x?y HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n',
    `GET /x?y HTTP/1.1\r\nHost: b.example:81\r\nX: 1\r\n${LINES}\r\n`,
  ],
  [
    'a URL without a path becomes "/"',
    'GET http://b HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: b\r\n${LINES}\r\n`,
  ],
  [
    'a URL with a query alone becomes "/?"',
    'GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET /?y HTTP/1.1\r\nHost: b\r\n${LINES}\r\n`,
  ],
  [
    'HTTP/1.0 becomes HTTP/1.1',
    'GET /x HTTP/1.0\r\nHost: a\r\n\r\n',
    `GET /x HTTP/1.1\r\nHost: a\r\n${LINES}\r\n`,
  ],
  [
    'HTTP/1.0 without any field gets an empty Host',
    'GET /x HTTP/1.0\r\n\r\n',
    `GET /x HTTP/1.1\r\nHost: \r\n${LINES}\r\n`,
  ],
  [
    'Upgrade is said anew',
    'GET / HTTP/1.1\r\nUpgrade: websocket\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${LINES}\r\n`,
  ],
];

for (const [what, before, after, trusted = false] of rows) {
  test(`rewriteRequestHead() keeps the body in place when ${what}`, () => {
    equal(rewritten(before, { trusted }), after + BODY);
  });
}

test('rewriteRequestHead() grows and shrinks by any amount when lines are long or fields many', () => {
  for (let size = 1; size < 200; size += 13) {
    for (let dropped = 0; dropped < 6; dropped++) {
      const lines = `Via: ${'v'.repeat(size)}\r\n`;
      const hop = Array.from({ length: dropped }, (_, i) => `Keep-Alive: ${'k'.repeat(i * 9)}\r\n`);
      const kept = Array.from({ length: dropped }, (_, i) => `X-${i}: ${i}\r\n`);
      const mixed = hop.map((line, i) => line + kept[i]).join('');
      const before = `GET / HTTP/1.1\r\n${mixed}Host: a\r\n\r\n`;
      const after = `GET / HTTP/1.1\r\n${kept.join('')}Host: a\r\n${lines}\r\n`;
      equal(rewritten(before, { lines }), after + BODY);
    }
  }
});
