/** Goal: a session is found where it lives, and its loss is told wherever it is asked for. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { Carts, COOKIE, change, copiesIn, placeOf } from './carts.ts';

test('placeOf() is the address as eight hex digits', () => {
  equal(placeOf('127.0.0.11'), '7f00000b');
  equal(placeOf('192.168.10.1'), 'c0a80a01');
});

test('Carts.find() finds what was begun here', () => {
  const carts = new Carts('7f00000b');
  const session = carts.begin(null);
  match(session.id, /^7f00000b[0-9a-f]{32}$/);
  deepEqual(carts.find(`a=b; ${COOKIE}=${session.id}; c=d`), { kind: 'here', session });
});

test('Carts.find() says where a session was that is not here', () => {
  const carts = new Carts('7f00000b');
  for (const place of ['7f00000c', '7f00000b']) {
    deepEqual(carts.find(`${COOKIE}=${place}${'0'.repeat(32)}`), { kind: 'lost', place });
  }
});

test('Carts.find() takes nothing else for a session', () => {
  const carts = new Carts('7f00000b');
  const { id } = carts.begin(null);
  for (const cookies of ['', `MY${COOKIE}=${id}`, `${COOKIE}=${id}0`, `${COOKIE}=7f00000b`]) {
    deepEqual(carts.find(cookies), { kind: 'none' }, cookies);
  }
});

test('change() puts in and takes out, and never below nothing', () => {
  const session = new Carts('7f00000b').begin(null);
  change(session, 'emma', 1);
  change(session, 'emma', 1);
  change(session, 'walden', 1);
  equal(copiesIn(session), 3);
  for (let count = 0; count < 3; count++) change(session, 'emma', -1);
  deepEqual([...session.items], [['walden', 1]]);
  change(session, 'walden', 500);
  equal(copiesIn(session), 99);
});
