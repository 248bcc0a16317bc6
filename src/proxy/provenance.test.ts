/** What the receiver is told of where a request came from. */
import { equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '../core/http1/bytes.ts';
import { Parse } from '../core/http1/head.ts';
import { parseRequestHead, RequestHead } from '../core/http1/request-head.ts';
import { Provenances, type Receiver } from './provenance.ts';

const PEER = { address: '192.0.2.7', trusted: false };

function lines(provenances: Provenances, receiver: Receiver, host: string): Uint8Array {
  const head = new RequestHead(4_096);
  const bytes = asciiBytes(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  equal(parseRequestHead(bytes, 0, bytes.length, head), Parse.complete);
  return provenances.of(receiver, bytes, 0, head).lines;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const FORWARDED =
  'Via: 1.1 me\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\n';

test('of() marks the request as balanced when it goes to a node', () => {
  const provenances = new Provenances(PEER, 'me');
  equal(text(lines(provenances, 'node', 'a')), `${FORWARDED}Backhand-Proxied: 192.0.2.7\r\n`);
});

test('of() does not when it goes to the application', () => {
  equal(text(lines(new Provenances(PEER, 'me'), 'application', 'a')), FORWARDED);
});

test('of() leaves the host out when there is none', () => {
  const got = text(lines(new Provenances(PEER, 'me'), 'application', ''));
  equal(got.includes('X-Forwarded-Host'), false);
});

test('of() makes the lines once when the host stays the same', () => {
  const provenances = new Provenances(PEER, 'me');
  const first = lines(provenances, 'node', 'a');
  equal(lines(provenances, 'node', 'a'), first);
  notEqual(lines(provenances, 'node', 'b'), first);
  equal(text(lines(provenances, 'node', 'b')).includes('X-Forwarded-Host: b\r\n'), true);
});

test('relayed adds Via alone when another node has said the rest', () => {
  const { relayed } = new Provenances({ ...PEER, trusted: true }, 'me');
  equal(text(relayed.lines), 'Via: 1.1 me\r\n');
  equal(relayed.trusted, true);
});
