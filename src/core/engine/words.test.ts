import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { decode, digestOf, encode, hashOfMembers, type Word } from './words.ts';

const attempt = { members: 0xfedc_ba98, index: 3 };

const WORDS: readonly Word[] = [
  {
    kind: 'hello',
    group: 'shop',
    name: 'web1',
    bootId: 2 ** 47 + 5,
    self: '1:4711',
    number: 7,
    attempt,
    epoch: 12,
    from: { epoch: 11, bootId: 99 },
    count: 2 ** 32 - 1,
    digest: 0x8000_0001,
  },
  {
    kind: 'hello',
    group: '',
    name: 'ä',
    bootId: 1,
    self: '#web1#daemon',
    number: 0,
    attempt: { members: 0, index: 0 },
    epoch: 0,
    from: null,
    count: 0,
    digest: 0,
  },
  {
    kind: 'install',
    attempt,
    epoch: 13,
    chosen: [
      { member: '1:1', number: 1 },
      { member: '2:9', number: 4 },
    ],
  },
  {
    kind: 'data',
    view: { epoch: 13, bootId: 99 },
    sequence: 5,
    bytes: new Uint8Array(65_536).fill(7),
  },
  { kind: 'data', view: { epoch: 13, bootId: 99 }, sequence: 0, bytes: new Uint8Array() },
  { kind: 'alive', view: null },
  { kind: 'alive', view: { epoch: 1, bootId: 2 } },
];

test('decode() gives back what encode() was given', () => {
  for (const word of WORDS) deepEqual(decode(encode(word)), word);
});

test('decode() takes nothing that is cut short, or of another version, and never throws', () => {
  for (const word of WORDS) {
    const bytes = encode(word).subarray(0, 200);
    for (let length = 0; length < bytes.length; length++) {
      const cut = decode(bytes.subarray(0, length));
      // Data of a message may be of any length.
      if (cut?.kind !== 'data') equal(cut, null, `${word.kind} cut to ${length}`);
    }
    for (let at = 0; at < 6; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 0x80;
      equal(decode(changed), null, `${word.kind} with byte ${at} changed`);
    }
  }
});

test('decode() survives whatever a stranger says behind our magic', () => {
  let state = 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647);
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from(encode(WORDS[round % WORDS.length]!).subarray(0, 120));
    for (let i = 0; i < 3; i++) bytes[6 + (next() % (bytes.length - 6))] = next() & 0xff;
    decode(bytes);
  }
});

test('hashOfMembers() knows the members, in whatever order', () => {
  equal(hashOfMembers(['1:1', '2:2']), hashOfMembers(['2:2', '1:1']));
  const others = [['1:1'], ['1:1', '2:3'], ['1:1', '2:2', '3:3'], []];
  for (const members of others)
    equal(hashOfMembers(members) === hashOfMembers(['1:1', '2:2']), false);
});

test('digestOf() knows who sent what, and in which order', () => {
  const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)];
  const digests = [
    digestOf(digestOf(0, 0, a), 1, b),
    digestOf(digestOf(0, 1, b), 0, a),
    digestOf(digestOf(0, 1, a), 0, b),
    digestOf(0, 0, a),
  ];
  equal(new Set(digests).size, digests.length);
});
