/** Heads that this process makes itself. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { answerHead, httpDate } from './answer.ts';

const NOW_MS = 784_111_777_900;
const COMMON = 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: forehand\r\n';

test('httpDate() follows the clock when a second has passed, forward or back', () => {
  equal(httpDate(NOW_MS), 'Sun, 06 Nov 1994 08:49:37 GMT');
  equal(httpDate(NOW_MS + 1_000), 'Sun, 06 Nov 1994 08:49:38 GMT');
  equal(httpDate(NOW_MS), 'Sun, 06 Nov 1994 08:49:37 GMT');
});

test('answerHead() says length and connection when they are to be said', () => {
  equal(
    answerHead({ status: 200, nowMs: NOW_MS, fields: 'X: 1\r\n', length: 2, connection: 'close' }),
    `HTTP/1.1 200 OK\r\n${COMMON}X: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`,
  );
});

test('answerHead() says neither when there is nothing to say', () => {
  equal(
    answerHead({ status: 304, nowMs: NOW_MS, fields: '', length: null, connection: null }),
    `HTTP/1.1 304 Not Modified\r\n${COMMON}\r\n`,
  );
});
