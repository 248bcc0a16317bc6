/** Requests read whole: what each says, or the code it is refused with. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { HEAD_BYTES_MAX, Parse } from './head.ts';
import { requestErrors } from './head-error.ts';
import { parseRequestHead, RequestHead } from './request-head.ts';
import { latin1, readRequest, UNFINISHED } from './testing/cases.ts';
import { acceptedRequests, refusedRequests } from './testing/request-cases.ts';

for (const { name, text, seen } of acceptedRequests) {
  test(`parseRequestHead() reads a request: ${name}`, () => {
    const outcome = readRequest(text);
    ok(typeof outcome !== 'string', `${outcome}`);
    for (const [key, value] of Object.entries(seen)) {
      deepEqual(outcome[key as keyof typeof outcome], value, key);
    }
    if (seen.headBytes === undefined) equal(outcome.headBytes, text.length);
  });
}

test('parseRequestHead() refuses each malformed request with its code', () => {
  for (const [text, code] of refusedRequests) {
    equal(readRequest(text.replace('‸', '')), code, JSON.stringify(text));
  }
});

test('every code for requests is met by a refused request or a limit', () => {
  const met = new Set<string>(refusedRequests.map(([, code]) => code));
  const limits = ['REQUEST_HEAD_TOO_LARGE', 'REQUEST_TARGET_TOO_LONG'];
  const codes = Object.values(requestErrors).map(({ code }) => code);
  deepEqual(new Set([...met, ...limits]), new Set(codes));
});

test('parseRequestHead() says partial when the head goes on', () => {
  for (const { text } of acceptedRequests) {
    for (let end = 0; end < Math.min(text.length, 24); end++) {
      equal(readRequest(text.slice(0, end)), UNFINISHED, JSON.stringify(text.slice(0, end)));
    }
  }
});

test('parseRequestHead() refuses a head of bytesMax bytes that is not complete', () => {
  const text = 'GET /path HTTP/1.1\r\nHost: a\r\n\r\n';
  const lineBytes = text.indexOf('\r\n') + 2;
  for (let bytesMax = 1; bytesMax <= text.length; bytesMax++) {
    const head = new RequestHead(bytesMax);
    const outcome = readRequest(text, [], head);
    const early = bytesMax < lineBytes ? 'REQUEST_TARGET_TOO_LONG' : 'REQUEST_HEAD_TOO_LARGE';
    if (bytesMax === text.length) ok(typeof outcome !== 'string');
    else equal(outcome, early, `${bytesMax}`);
  }
  const long = `GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(HEAD_BYTES_MAX)}`;
  equal(readRequest(long), 'REQUEST_HEAD_TOO_LARGE');
});

test('parseRequestHead() keeps to its refusal until reset', () => {
  const head = new RequestHead();
  const good = latin1('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  equal(parseRequestHead(latin1('\0'), 0, 1, head), Parse.bad);
  equal(parseRequestHead(good, 0, good.length, head), Parse.bad);
  equal(head.error, requestErrors.badMethod);
  head.reset();
  equal(parseRequestHead(good, 0, good.length, head), Parse.complete);
  equal(head.error, null);
});

test('reset() leaves nothing of any earlier request', () => {
  const head = new RequestHead();
  const texts = [
    ...acceptedRequests.map(({ text }) => text),
    ...refusedRequests.map(([text]) => text.replace('‸', '')),
  ];
  for (const [index, text] of texts.entries()) {
    const plain = acceptedRequests[index % acceptedRequests.length]!.text;
    head.reset();
    readRequest(text, [], head);
    head.reset();
    deepEqual(readRequest(plain, [], head), readRequest(plain));
  }
});

test('head errors have the status that RFC 9110 gives for them', () => {
  const status = (code: string) =>
    Object.values(requestErrors).find((error) => error.code === code)?.status;
  equal(status('REQUEST_TARGET_TOO_LONG'), 414);
  equal(status('REQUEST_UNKNOWN_EXPECTATION'), 417);
  equal(status('REQUEST_HEAD_TOO_LARGE'), 431);
  equal(status('REQUEST_TOO_MANY_FIELDS'), 431);
  equal(status('REQUEST_CODING_NOT_IMPLEMENTED'), 501);
  equal(status('REQUEST_VERSION_NOT_SUPPORTED'), 505);
  const others = Object.values(requestErrors).filter((error) => error.status !== 400);
  equal(others.length, 6);
});
