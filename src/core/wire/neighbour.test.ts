import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { macText, multicastMac } from './mac.ts';
import {
  neighbourProbe,
  parseNeighbour,
  solicit,
  solicitedNode,
  unsolicitedAdvertisement,
} from './neighbour.ts';
import { damaged, hex } from './wire.fixture.ts';

const holder = { address: 'fd00:9::50', mac: '02:00:00:00:00:0a', router: false };
const VIP = 'fd000009000000000000000000000050';
const ALL_NODES = 'ff020000000000000000000000000001';

/** The checksums here are another program's, which computes them as a remainder by 65535. */
const ADVERTISEMENT = `60000000 0020 3a ff ${VIP} ${ALL_NODES}
  88 00 59e2 20000000 (override) ${VIP} 02 01 02000000000a`;

const table: readonly (readonly [name: string, built: Uint8Array, wanted: string])[] = [
  [
    'unsolicitedAdvertisement() is RFC 4861 4.4 with override, to all nodes',
    unsolicitedAdvertisement(holder),
    ADVERTISEMENT,
  ],
  [
    'unsolicitedAdvertisement() of a router says so',
    unsolicitedAdvertisement({ ...holder, router: true }),
    ADVERTISEMENT.replace('59e2 20', 'd9e1 a0'),
  ],
  [
    'neighbourProbe() is RFC 4862 5.4.2: from no address, to the solicited-node group',
    neighbourProbe(holder.address),
    `60000000 0018 3a ff ${'00'.repeat(16)} ff0200000000000000000001ff000050
     87 00 7cfe 00000000 ${VIP}`,
  ],
];

for (const [name, built, wanted] of table) {
  test(name, () => deepEqual(Buffer.from(built).toString('hex'), hexText(wanted)));
}

function hexText(text: string): string {
  return Buffer.from(hex(text)).toString('hex');
}

test('solicitedNode() keeps the last 24 bits (RFC 4291 2.7.1)', () => {
  equal(solicitedNode('4037::1:800:200e:8c6c'), 'ff02::1:ff0e:8c6c');
});

test('multicastMac() is 33:33 and the last 32 bits (RFC 2464 7)', () => {
  equal(multicastMac(hex('ff0200000000000000000001ff0e8c6c')), '33:33:ff:0e:8c:6c');
});

test('macText() writes small letters and leading zeros', () => {
  equal(macText(hex('0a0b0c00ff01')), '0a:0b:0c:00:ff:01');
});

test('parseNeighbour() reads what was built', () => {
  deepEqual(parseNeighbour(unsolicitedAdvertisement(holder)), {
    kind: 'advertisement',
    source: 'fd00:9::50',
    destination: 'ff02::1',
    target: 'fd00:9::50',
    mac: '02:00:00:00:00:0a',
    router: false,
    solicited: false,
    override: true,
  });
  const probe = parseNeighbour(neighbourProbe(holder.address));
  deepEqual([probe?.kind, probe?.source, probe?.mac], ['solicitation', '::', null]);
  const asking = parseNeighbour(solicit('fd00:9::7', holder));
  deepEqual([asking?.target, asking?.mac], ['fd00:9::7', holder.mac]);
});

const refused: readonly (readonly [name: string, text: string])[] = [
  ['a hop limit below 255', ADVERTISEMENT.replace('3a ff', '3a fe')],
  ['another protocol', ADVERTISEMENT.replace('3a ff', '11 ff')],
  ['IPv4', ADVERTISEMENT.replace('60000000', '40000000')],
  ['a wrong checksum', ADVERTISEMENT.replace('59e2', '59e1')],
  ['a code', ADVERTISEMENT.replace('88 00 59e2', '88 01 59e1')],
  ['a router advertisement', ADVERTISEMENT.replace('88 00 59e2', '86 00 5be2')],
  ['solicited, and to many', ADVERTISEMENT.replace('59e2 20', '19e2 60')],
  [
    'an option without length',
    ADVERTISEMENT.replace('59e2', '59e3').replace('02 01 02', '02 00 02'),
  ],
  [
    'an option longer than the packet',
    ADVERTISEMENT.replace('59e2', '59e1').replace('02 01 02', '02 02 02'),
  ],
  ['more payload than there is', ADVERTISEMENT.replace('0020 3a', '0028 3a')],
  ['a message cut off', ADVERTISEMENT.slice(0, 150)],
];

for (const [name, text] of refused) {
  test(`parseNeighbour() refuses ${name}`, () => equal(parseNeighbour(hex(text)), null));
}

test('parseNeighbour() never throws', () => {
  const packets = [hex(ADVERTISEMENT), neighbourProbe(holder.address), solicit('fe80::1', holder)];
  let read = 0;
  for (const bytes of damaged(packets, 10_000)) if (parseNeighbour(bytes) !== null) read++;
  equal(read > 1_000 && read < 29_000, true, `${read} were read`);
});
