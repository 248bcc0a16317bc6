/** What the transcripts leave out: what is refused, and with which code. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ByteQueue } from './byte-queue.ts';
import {
  choosesMethods,
  encodeHello,
  readChoice,
  readHello,
  readMethods,
  readWelcome,
  type Version,
} from './handshake.ts';
import {
  groupNameOf,
  isLegalGroup,
  isLegalTarget,
  isLegalUser,
  privateParts,
  readName,
  userNameOf,
} from './names.ts';

function queueOf(...bytes: (number | string)[]): ByteQueue {
  const queue = new ByteQueue();
  for (const part of bytes) {
    queue.push(typeof part === 'number' ? Uint8Array.of(part) : Buffer.from(part, 'latin1'));
  }
  return queue;
}

test('readHello() refuses when a name or a version is not legal', () => {
  const table: [string, ByteQueue, unknown][] = [
    ['before 3.1', queueOf(3, 0), { code: -7 }],
    ['version 0', queueOf(0, 0, 0), { code: -7 }],
    ['eleven characters', queueOf(4, 4, 0, 0, 11), { code: -5 }],
    ['the largest length', queueOf(4, 4, 0, 0, 255), { code: -5 }],
    ['a number sign', queueOf(4, 4, 0, 0, 2, 'a#'), { code: -5 }],
    ['a blank', queueOf(4, 4, 0, 0, 3, 'a b'), { code: -5 }],
    ['a NUL', queueOf(4, 4, 0, 0, 2, 'a\0'), { code: -5 }],
    ['DEL', queueOf(4, 4, 0, 0, 1, '\x7f'), { code: -5 }],
    ['no ASCII', queueOf(4, 4, 0, 0, 1, '\xe4'), { code: -5 }],
  ];
  for (const [what, queue, expected] of table) deepEqual(readHello(queue), expected, what);
});

test('readHello() takes a version that is ahead of all there are', () => {
  const version: Version = [9, 9, 9];
  const queue = queueOf();
  queue.push(encodeHello({ version, membership: true, priority: 0, user: 'a' }));
  deepEqual(readHello(queue), { version, membership: true, priority: 0, user: 'a' });
});

test('choosesMethods() asks nobody before 3.16', () => {
  const table: [Version, boolean][] = [
    [[3, 15, 9], false],
    [[3, 16, 0], true],
    [[4, 4, 0], true],
    [[3, 14, 0], false],
  ];
  for (const [version, expected] of table) equal(choosesMethods(version), expected);
});

test('readChoice() refuses what was not offered', () => {
  const slot = (name: string) => name.padEnd(30, '\0');
  const table: [string, string, unknown][] = [
    ['nothing named', '\0'.repeat(90), []],
    ['not among them', `${slot('PLAIN')}${'\0'.repeat(60)}`, { code: -9 }],
    ['only the second', `${slot('NULL')}${slot('X')}${slot('')}`, { code: -9 }],
    ['no end', 'NULL'.repeat(20).padEnd(90, 'x'), { code: -9 }],
    ['rubbish behind the end', `NULL\0${'x'.repeat(25)}${'\0'.repeat(60)}`, ['NULL']],
  ];
  for (const [what, bytes, expected] of table) {
    deepEqual(readChoice(queueOf(bytes), ['NULL']), expected, what);
  }
});

test('readMethods() and readWelcome() give the code of a refusal, and of what is none', () => {
  deepEqual(readMethods(queueOf(0x80)), { code: -128 });
  deepEqual(readWelcome(queueOf(0)), { code: -1 });
  deepEqual(readWelcome(queueOf(2)), { code: -1 });
  deepEqual(readWelcome(queueOf(1, 4, 4, 0, 32)), { code: -5 });
  deepEqual(readWelcome(queueOf(1, 4, 4, 0, 0)), { code: -5 });
});

test('names are legal within their limits', () => {
  const groups: [string, boolean][] = [
    ['a', true],
    ['$~', true],
    ['x'.repeat(31), true],
    ['x'.repeat(32), false],
    ['', false],
    ['#a', false],
    ['a b', false],
    ['a"', false],
    ['\u00e4', false],
  ];
  for (const [name, expected] of groups) equal(isLegalGroup(name), expected, name);
  const targets: [string, boolean][] = [
    ['#alice#n1', true],
    ['#alice', false],
    ['##n1', false],
    ['#alice#', false],
    ['#alice#n1#', false],
    [`#${'u'.repeat(10)}#${'d'.repeat(19)}`, true],
    [`#${'u'.repeat(11)}#d`, false],
  ];
  for (const [name, expected] of targets) equal(isLegalTarget(name), expected, name);
  deepEqual(privateParts('#alice#n1'), { user: 'alice', daemon: 'n1' });
  equal(privateParts('alice'), null);
});

test('userNameOf() and groupNameOf() give legal names that tell long ones apart', () => {
  const nodes = [
    'www1',
    'ten-letter',
    'www-frontend-1',
    'www-frontend-2',
    'a b',
    'a-b',
    '',
    '\u00e4',
  ];
  for (const [nameOf, legal] of [
    [userNameOf, isLegalUser],
    [groupNameOf, isLegalGroup],
  ] as const) {
    const names = [...nodes, 'x'.repeat(40), `${'x'.repeat(40)}y`].map(nameOf);
    ok(names.every(legal), names.join(' '));
    equal(new Set(names).size, names.length, names.join(' '));
    deepEqual(names.slice(0, 2), nodes.slice(0, 2));
  }
});

test('readName() refuses what does not end or could forge a line', () => {
  ok(readName(Buffer.from('a'.repeat(31).padEnd(32, '\0')), 0));
  equal(readName(Buffer.from('a'.repeat(32)), 0), null);
  equal(readName(Buffer.from('a\nb'.padEnd(32, '\0')), 0), null);
  equal(readName(Buffer.from('chat\0left over'.padEnd(32, 'x')), 0), 'chat');
});
