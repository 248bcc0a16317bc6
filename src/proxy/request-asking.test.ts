/** The request as a chain sees it. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestHead, RequestHead } from '../core/http1/request-head.ts';
import { RequestAsking } from './request-asking.ts';

function asking(text: string, start = 7): RequestAsking {
  const bytes = new Uint8Array(start + text.length);
  bytes.set(Buffer.from(text, 'latin1'), start);
  const head = new RequestHead(4_096);
  parseRequestHead(bytes, start, bytes.length, head);
  const made = new RequestAsking(() => 0);
  made.point(head, start, bytes);
  return made;
}

const REQUEST =
  'POST /a?b HTTP/1.1\r\nHost: a:81\r\nCookie: x=1\r\nX-Own:  \t1 \r\nCOOKIE: y=2\r\nx-own: 2\r\n\r\n';

test('RequestAsking reads the request line when it is pointed at a head', () => {
  const { method, target, host } = asking(REQUEST);
  deepEqual([method, target, host], ['POST', '/a?b', 'a:81']);
});

test('field() finds the first of a name when the parser knows it or not', () => {
  const { field } = asking(REQUEST);
  deepEqual([field('cookie'), field('x-own'), field('host')], ['x=1', '1', 'a:81']);
  deepEqual([field('referer'), field('x-other')], [null, null]);
});

test('fields() finds all of a name when there are several', () => {
  const { fields } = asking(REQUEST);
  deepEqual(fields('cookie'), ['x=1', 'y=2']);
  deepEqual(fields('x-own'), ['1', '2']);
  deepEqual(fields('x-other'), []);
});

test('host is that of the URL when the target is one', () => {
  const { host, target } = asking('GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n');
  equal(host, 'b');
  equal(target, '/x');
  equal(asking('GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n').target, '/?y');
});

test('target is what was sent when it is no path', () => {
  equal(asking('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n').target, '*');
});
