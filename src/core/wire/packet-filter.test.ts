/** The programs are run, by an interpreter of the four instructions that they are made of. */
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { arpProbe, gratuitousReply, gratuitousRequest } from './arp.ts';
import { neighbourProbe, unsolicitedAdvertisement } from './neighbour.ts';
import {
  advertisementFilter,
  arpFilter,
  FILTER_ADDRESSES_MAX,
  type Instruction,
} from './packet-filter.ts';

function isLetThrough(program: readonly Instruction[], packet: Uint8Array): boolean {
  const view = new DataView(packet.buffer);
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, operand, whenTrue, whenFalse } = program[at]!;
    if (code === 0x06) return operand !== 0;
    if (code === 0x15) at += accumulator === operand ? whenTrue : whenFalse;
    else if (code === 0x20) accumulator = view.getUint32(operand);
    else if (code === 0x30) accumulator = view.getUint8(operand);
    else throw new Error(`instruction ${code}`);
  }
  throw new Error('the program has no end');
}

const mac = '02:00:00:00:00:01';
const many = Array.from({ length: 300 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
const arp = arpFilter([...many, 'fd00::1']);
const arpCases: readonly (readonly [name: string, packet: Uint8Array, wanted: boolean])[] = [
  ['the first address', gratuitousReply({ address: '10.0.0.0', mac }), true],
  [
    'the last address, beyond the reach of one jump',
    gratuitousRequest({ address: '10.0.1.43', mac }),
    true,
  ],
  ['another address', gratuitousReply({ address: '10.0.1.44', mac }), false],
  ['who asks for one', arpProbe({ address: '10.0.0.0', mac }), false],
];

for (const [name, packet, wanted] of arpCases) {
  test(`arpFilter() lets ${name} ${wanted ? 'through' : 'go by'}`, () => {
    equal(isLetThrough(arp, packet), wanted);
  });
}

const advertisement = (
  address: string,
  changed: readonly [offset: number, value: number][] = [],
) => {
  const bytes = unsolicitedAdvertisement({ address, mac, router: false });
  for (const [offset, value] of changed) bytes[offset] = value;
  return bytes;
};
const v6 = advertisementFilter(['10.0.0.1', 'fd00::1', 'fd00::2']);
const v6Cases: readonly (readonly [name: string, packet: Uint8Array, wanted: boolean])[] = [
  ['an advertisement for one', advertisement('fd00::2'), true],
  ['an advertisement for another', advertisement('fd00::3'), false],
  ['who asks for one', neighbourProbe('fd00::2'), false],
  ['one from beyond the link', advertisement('fd00::2', [[7, 64]]), false],
  ['another protocol', advertisement('fd00::2', [[6, 6]]), false],
];

for (const [name, packet, wanted] of v6Cases) {
  test(`advertisementFilter() lets ${name} ${wanted ? 'through' : 'go by'}`, () => {
    equal(isLetThrough(v6, packet), wanted);
  });
}

test('a filter of FILTER_ADDRESSES_MAX addresses fits in 20 480 bytes of older kernels', () => {
  const addresses = Array.from(
    { length: FILTER_ADDRESSES_MAX },
    (_, i) => `10.1.${i >> 8}.${i & 255}`,
  );
  ok(arpFilter(addresses).length * 8 < 20_480);
});
