/** Every message survives the wire, and nothing else does. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_BYTES_MAX } from '../ring/group.ts';
import { because, OPTIONS } from './keeper.fixture.ts';
import { decode, type Envelope, encode, type KeeperMessage } from './keeper-message.ts';
import { termsOf } from './member-facts.ts';
import { ADDRESSES_MAX, type AddressGroup, GROUPS_MAX } from './pool.ts';
import { Claim } from './table.ts';

const view = { epoch: 2 ** 40 + 7, proposer: 'web1' };

const condition = {
  reasons: [because('proxy-sick'), because('draining')],
  macs: ['02:00:00:00:00:01'],
  strangers: [{ group: '10.0.0.1', address: '10.0.0.1', mac: '02:ff:ff:ff:ff:ff' }],
  failing: ['10.0.0.3'],
};

const state: KeeperMessage = {
  kind: 'state',
  facts: {
    mature: true,
    weight: 100,
    prefer: ['10.0.0.2'],
    terms: termsOf({ ...OPTIONS, policy: { kind: 'quorum', nodes: 5, marginMs: 200 } }),
    condition,
  },
  held: [
    { group: '10.0.0.1', claim: Claim.preferred, why: { cause: 'first', from: null } },
    { group: '10.0.0.3', claim: Claim.arriving, why: { cause: 'relieved', from: 'web2' } },
  ],
  remembered: [{ group: '10.0.0.4', owner: 'web3' }],
};

const MESSAGES: readonly KeeperMessage[] = [
  state,
  { kind: 'condition', condition },
  { kind: 'condition', condition: { reasons: [], macs: [], strangers: [], failing: [] } },
  { kind: 'maturing' },
  { kind: 'balance', rate: 'all' },
  { kind: 'balance', rate: 3 },
  { kind: 'exclude' },
  { kind: 'up', group: 'fd00::1' },
  { kind: 'again', group: '10.0.0.1', heir: 'web2' },
  { kind: 'reload', weight: 7, prefer: ['10.0.0.2'], terms: termsOf(OPTIONS) },
];

test('decode() gives what encode() was given', () => {
  for (const message of MESSAGES) {
    const envelope: Envelope = { view, message };
    deepEqual(decode(encode(envelope)), envelope);
  }
});

test('decode() refuses every beginning of a message, and whatever follows its end', () => {
  for (const message of MESSAGES) {
    const bytes = encode({ view, message });
    for (let length = 0; length < bytes.length; length++) {
      equal(decode(bytes.subarray(0, length)), null, `${message.kind}, ${length} bytes`);
    }
    equal(decode(new Uint8Array([...bytes, 0])), null);
  }
});

test('decode() refuses another version, an unknown kind, and what cannot be', () => {
  const bytes = encode({ view, message: state });
  const spoilt = (at: number, value: number) => {
    const copy = bytes.slice();
    copy[at] = value;
    return decode(copy);
  };
  const factsAt = 2 + 8 + 1 + view.proposer.length;
  ok(spoilt(0, 1) !== null);
  equal(spoilt(0, 2), null, 'version');
  equal(spoilt(1, 99), null, 'kind');
  equal(spoilt(2, 255), null, 'an epoch no counter reaches');
  equal(spoilt(factsAt - 1, 0x0a), null, 'a line break in a name');
  equal(spoilt(factsAt, 2), null, 'neither mature nor not');
  equal(spoilt(factsAt + 1, 0), null, 'weight 0');
  equal(spoilt(factsAt + 1, 101), null, 'weight beyond all');
});

test('decode() never throws, whatever it is given', () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  let understood = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = encode({ view, message: MESSAGES[random(MESSAGES.length)]! });
    for (let n = random(4); n >= 0; n--) bytes[random(bytes.length)] = random(256);
    if (decode(bytes) !== null) understood++;
    decode(new Uint8Array(Array.from({ length: random(64) }, () => random(256))));
  }
  ok(understood > 100, 'some changes are within what can be said');
});

test('encode() fits the largest pool into one message', () => {
  const each = Math.floor(ADDRESSES_MAX / GROUPS_MAX);
  const pool = Array.from({ length: GROUPS_MAX }, (_, group): AddressGroup => {
    const addresses = Array.from({ length: each }, (_, i) => ({
      interface: 'eth0',
      address: `fd00:1111:2222:3333:4444:5555:${(group + 4096).toString(16)}:${(i + 4096).toString(16)}`,
      prefixLength: 64,
      notifyPrefixLength: 64,
    }));
    return { name: addresses[0]!.address, addresses };
  });
  const groups = pool.map(({ name }) => name);
  const terms = termsOf({ pool, policy: { kind: 'serve' } });
  const held = groups.map((group) => ({
    group,
    claim: Claim.claimed,
    why: { cause: 'first' as const, from: null },
  }));
  const facts = { mature: true, weight: 1, prefer: groups, terms, condition };
  const message: KeeperMessage = { kind: 'state', facts, held, remembered: [] };
  const bytes = encode({ view, message });
  ok(bytes.length <= MESSAGE_BYTES_MAX, `${bytes.length} bytes`);
  ok(decode(bytes) !== null);
});
