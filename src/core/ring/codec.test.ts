/** Every datagram there and back, and what strangers, cables and attackers make of them. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Codec } from './codec.ts';
import { MemoryNetwork } from './memory-network.ts';
import type { Packet } from './packet.ts';
import { checksum } from './wire.ts';

const members = [
  { name: 'web1', bootId: 2 ** 48 - 1 },
  { name: 'wéb2', bootId: 7 },
];
const view = { epoch: 2 ** 40 + 3, bootId: 2 ** 47 + 1 };

const packets: readonly Packet[] = [
  {
    kind: 'heartbeat',
    size: 2,
    name: 'web1',
    stamp: 2 ** 33,
    epochMax: 9,
    view,
    accepted: { epoch: 0, bootId: 0 },
    leaving: true,
    out: false,
    leader: members[1]!,
    heard: [{ bootId: 7, echo: 2 ** 34, flags: 3 }],
  },
  {
    kind: 'heartbeat',
    size: 0,
    name: 'web1',
    stamp: 1,
    epochMax: 0,
    view,
    accepted: view,
    leaving: false,
    out: true,
    leader: null,
    heard: [],
  },
  { kind: 'propose', epoch: 5, members },
  { kind: 'accept', attempt: view, oldView: view, received: [1, 2 ** 32 - 1] },
  { kind: 'refuse', epoch: 4, epochMax: 6, why: 'follows' },
  {
    kind: 'install',
    epoch: 5,
    members,
    oldView: view,
    together: [0, 1],
    targets: [{ count: 4, holder: 1 }],
  },
  {
    kind: 'fragment',
    view,
    stream: 63,
    sequence: 12,
    time: 99,
    last: true,
    bytes: new Uint8Array([1, 2, 3]),
  },
  { kind: 'ack', view, asks: true, misses: false, clock: 8, sent: 3, received: [3, 0] },
  { kind: 'fetch', view, stream: 1, after: 2, upTo: 34 },
];

/** Puts a right checksum on whatever this is, so that it is read. */
function signed(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= 8) {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, checksum(bytes, bytes.length, 4));
  }
  return bytes;
}

/** Mulberry32: small, and good enough to look for crashes. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function mutate(bytes: Uint8Array, draw: () => number): Uint8Array {
  const copy = bytes.slice(0, draw() < 0.2 ? Math.floor(draw() * bytes.length) : bytes.length);
  for (let left = 1 + Math.floor(draw() * 3); left > 0 && copy.length > 0; left--) {
    const at = Math.floor(draw() * copy.length);
    copy[at] = draw() < 0.5 ? copy[at]! ^ (1 << Math.floor(draw() * 8)) : Math.floor(draw() * 256);
  }
  return copy;
}

test('Codec reads what it wrote', () => {
  const codec = new Codec('site', 5);
  for (const packet of packets) {
    deepEqual(codec.decode(codec.encode(packet, 6)), { from: 5, to: 6, packet });
  }
});

test('Codec refuses each datagram that is cut short, or has a byte too many', () => {
  const codec = new Codec('site', 5);
  for (const packet of packets) {
    const whole = codec.encode(packet, 6);
    const cut = packet.kind === 'fragment' ? whole.length - 3 : whole.length;
    for (let size = 0; size < cut; size++) {
      equal(typeof codec.decode(signed(whole.slice(0, size))), 'string', `${packet.kind} ${size}`);
    }
    if (packet.kind === 'fragment') continue;
    const longer = new Uint8Array(whole.length + 1);
    longer.set(whole);
    equal(codec.decode(signed(longer)), 'malformed', packet.kind);
  }
});

test('Codec notices a single flipped bit', () => {
  const codec = new Codec('site', 5);
  for (const packet of packets) {
    const whole = codec.encode(packet, 6);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = whole.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      equal(typeof codec.decode(bytes), 'string', `${packet.kind} bit ${bit}`);
    }
  }
});

test('Codec refuses what no member would say', () => {
  const codec = new Codec('site', 5);
  const wrong: readonly (readonly [string, Packet])[] = [
    ['no members', { kind: 'propose', epoch: 1, members: [] }],
    ['out of order', { kind: 'propose', epoch: 1, members: members.toReversed() }],
    ['twice', { kind: 'propose', epoch: 1, members: [members[0]!, members[0]!] }],
    ['no name', { kind: 'propose', epoch: 1, members: [{ name: '', bootId: 1 }] }],
    ['a line', { kind: 'propose', epoch: 1, members: [{ name: 'a\nb', bootId: 1 }] }],
    ['too far', { kind: 'propose', epoch: 2 ** 47, members }],
    ['too many', { kind: 'accept', attempt: view, oldView: view, received: Array(65).fill(0) }],
    [
      'a stranger',
      { kind: 'install', epoch: 1, members, oldView: view, together: [0, 2], targets: [] },
    ],
    [
      'a holder',
      {
        kind: 'install',
        epoch: 1,
        members,
        oldView: view,
        together: [0],
        targets: [{ count: 1, holder: 2 }],
      },
    ],
  ];
  for (const [name, packet] of wrong)
    equal(codec.decode(codec.encode(packet, 6)), 'malformed', name);
});

test('Ring bears random bytes and damaged datagrams without a change of view', () => {
  const network = new MemoryNetwork();
  const draw = random(1);
  // Each datagram that flies is followed by a damaged twin, and by noise.
  network.passes = (from, to, bytes) => {
    const twin = mutate(bytes, draw);
    const noise = Uint8Array.from({ length: Math.floor(draw() * 200) }, () => draw() * 256);
    for (const junk of [twin, noise]) {
      network.step(to, { kind: 'datagram', from: from.at, bytes: junk });
    }
    return true;
  };
  const nodes = network.gather(4);
  for (let i = 0; i < 50; i++) {
    network.send(nodes[i % 4]!, `${i}`);
    network.run(20);
  }
  for (const node of nodes) {
    deepEqual(node.viewNames, ['a b c d']);
    deepEqual(node.messages, nodes[0]!.messages);
  }
  equal(nodes[0]!.messages.length, 50);
  ok((nodes[0]!.ring.dropped.checksum ?? 0) > 100);
});

test('Ring bears lies that look like datagrams: it never throws', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const network = new MemoryNetwork();
    const draw = random(seed);
    network.passes = (from, to, bytes) => {
      const lie = draw() < 0.1 ? signed(mutate(bytes, draw)) : null;
      if (lie !== null) network.step(to, { kind: 'datagram', from: from.at, bytes: lie });
      return true;
    };
    const nodes = network.gather(4);
    for (let i = 0; i < 50; i++) {
      network.send(nodes[i % 4]!, `${i}`);
      network.run(20);
    }
    ok(nodes.some(({ views }) => views.length > 0));
  }
});
