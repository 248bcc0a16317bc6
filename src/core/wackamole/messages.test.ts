import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeKin, encodeKin, type KinMessage } from './kin.ts';
import {
  decode,
  encode,
  gidOf,
  MessageType,
  OWN_ORDER,
  orderOf,
  type WackamoleMessage,
} from './messages.ts';
import { Residue } from './residue.ts';

type Case = {
  readonly title: string;
  readonly little: boolean;
  readonly message: WackamoleMessage;
  readonly bytes: Uint8Array;
};

const path = new URL('../../../test/transcripts/wackamole/messages.txt', import.meta.url);
const cases = readCases(readFileSync(path, 'utf8'));

function readCases(text: string): Case[] {
  return [
    ...text.matchAll(/(^.+\n)(?:^.+\n)*?^(little|big)-endian\n(\{.*\})\n----\n((?:.+\n)*)/gm),
  ].map(
    ([, title = '', order, json = '', body = '']): Case => ({
      title: title.trim(),
      little: order === 'little',
      message: JSON.parse(json) as WackamoleMessage,
      bytes: Uint8Array.from(Buffer.from(body.replace(/;.*/g, '').replace(/\s/g, ''), 'hex')),
    }),
  );
}

const LITTLE = { little: true };

test('messages are, byte for byte, what the transcript says', () => {
  equal(cases.length, 18);
  for (const { title, little, message, bytes } of cases) {
    const type = MessageType[message.kind];
    deepEqual(decode(type, bytes, { little }), message, title);
    if (message.kind === 'balance' && message.missing > 0) continue;
    deepEqual(encode(message, { little }), bytes, title);
  }
});

test('decode() reads the other byte order wrongly or not at all, but for what has none', () => {
  for (const { title, little, message, bytes } of cases) {
    const read = decode(MessageType[message.kind], bytes, { little: !little });
    const hasIntegers =
      message.kind === 'state' || (message.kind === 'balance' && bytes[0] !== bytes[3]);
    if (hasIntegers) ok(JSON.stringify(read) !== JSON.stringify(message), title);
    else deepEqual(read, message, title);
  }
});

function stateBytes(change: (view: DataView) => void, length?: number): Uint8Array {
  const found = cases.find(({ message, little }) => {
    return little && message.kind === 'state' && message.claims.length === 2;
  })!;
  const bytes = found.bytes.slice();
  change(new DataView(bytes.buffer));
  return bytes.slice(0, length ?? bytes.length);
}

test('decode() refuses as a whole what no original sends', () => {
  const same = (): void => {};
  const refused: readonly (readonly [string, number, Uint8Array])[] = [
    ['a STATE of nothing', MessageType.state, new Uint8Array()],
    ['a STATE without its end', MessageType.state, stateBytes(same, 51)],
    [
      'a STATE that holds more than it brings',
      MessageType.state,
      stateBytes((v) => v.setInt32(24, 4, true)),
    ],
    [
      'a STATE that holds less than nothing',
      MessageType.state,
      stateBytes((v) => v.setInt32(24, -1, true)),
    ],
    [
      'a STATE that holds 2^31 - 1',
      MessageType.state,
      stateBytes((v) => v.setInt32(24, 0x7fffffff, true)),
    ],
    [
      'a STATE that prefers more than it brings',
      MessageType.state,
      stateBytes((v) => v.setInt32(44, 3, true)),
    ],
    [
      'a STATE with a claim of no strength',
      MessageType.state,
      stateBytes((v) => v.setInt32(32, 9, true)),
    ],
    ['a BALANCE of three bytes', MessageType.balance, new Uint8Array(3)],
    ['a BALANCE below nothing', MessageType.balance, new Uint8Array(4).fill(255)],
    ['a BALANCE of 255', MessageType.balance, Uint8Array.of(255, 0, 0, 0)],
    ['an ARPCACHE of eleven bytes', MessageType.arpCache, new Uint8Array(11)],
    ['an ARPCACHE beyond any buffer', MessageType.arpCache, new Uint8Array(100_008)],
    ['a type that is not known', 6, new Uint8Array(32)],
  ];
  for (const [what, type, bytes] of refused) equal(decode(type, bytes, LITTLE), null, what);
});

test('decode() never throws, whatever comes', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const found = cases[random(cases.length)]!;
    const bytes = found.bytes.slice(
      0,
      random(4) === 0 ? random(found.bytes.length + 1) : undefined,
    );
    for (let flips = random(4); flips > 0 && bytes.length > 0; flips--) {
      bytes[random(bytes.length)] = random(256);
    }
    const type = random(2) === 0 ? random(8) : MessageType[found.message.kind];
    if (decode(type, bytes, { little: random(2) === 0 }) !== null) read++;
    decodeKin(bytes);
  }
  ok(read > 1_000, `${read} were read`);
});

test('gidOf() and orderOf() go by this machine', () => {
  const gid = new Int32Array([1, -2, 3]);
  deepEqual(gidOf(new Uint8Array(gid.buffer)), [1, -2, 3]);
  equal(orderOf({ swapped: true }).little, !OWN_ORDER.little);
});

test('kin messages come back as they were said', () => {
  const gid = [0x0a4d0001, -5, 7] as const;
  const said: readonly KinMessage[] = [
    { kind: 'hello', gid, name: 'web1' },
    { kind: 'hello', gid, name: 'bär' },
    { kind: 'goOn', gid },
  ];
  for (const message of said) deepEqual(decodeKin(encodeKin(message)), message);
  const refused: readonly Uint8Array[] = [
    encodeKin({ kind: 'hello', gid, name: '' }),
    encodeKin({ kind: 'hello', gid, name: 'web1\nfake' }),
    encodeKin(said[0]!).slice(0, 13),
    Uint8Array.of(...encodeKin(said[2]!), 0),
    encodeKin(said[2]!).fill(2, 0, 1),
    encodeKin(said[2]!).fill(9, 1, 2),
  ];
  for (const bytes of refused) equal(decodeKin(bytes), null);
});

test('Residue has what earlier messages left behind a shorter one', () => {
  const residue = new Residue();
  const moves = [
    { address: '10.0.0.1', to: '10.0.1.1' },
    { address: '10.0.0.2', to: '10.0.1.2' },
  ];
  const long = encode({ kind: 'balance', moves, missing: 0 }, OWN_ORDER);
  residue.receive(long);
  residue.receive(encode({ kind: 'balance', moves: moves.slice(0, 1), missing: 0 }, OWN_ORDER));
  deepEqual(residue.moves(1, 1), [moves[1]]);
  residue.cover(16);
  deepEqual(residue.moves(1, 1), [{ address: '10.0.0.2', to: '0.0.0.0' }]);
  residue.receive(new Uint8Array(10_000).fill(1));
  equal(residue.moves(0, 254).length, 254);
});
