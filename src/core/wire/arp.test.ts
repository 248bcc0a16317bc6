import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ArpPacket,
  arpProbe,
  askFor,
  gratuitousReply,
  gratuitousRequest,
  parseArp,
  replyTo,
} from './arp.ts';
import { damaged, hex } from './wire.fixture.ts';

const holder = { address: '10.77.0.200', mac: '02:00:00:00:00:0a' };
const HEAD = '0001 (Ethernet) 0800 (IPv4) 06 04';

const table: readonly (readonly [name: string, built: Uint8Array, wanted: string])[] = [
  [
    'gratuitousRequest() is RFC 5227 3: sender and target address are one, target unknown',
    gratuitousRequest(holder),
    `${HEAD} 0001 02000000000a 0a4d00c8 000000000000 0a4d00c8`,
  ],
  [
    'gratuitousReply() has the sender for its target in both, as arp_is_garp wants it',
    gratuitousReply(holder),
    `${HEAD} 0002 02000000000a 0a4d00c8 02000000000a 0a4d00c8`,
  ],
  [
    'replyTo() is the frame of Wackamole when the hardware address is known',
    replyTo({ address: '10.77.0.7', mac: '02:00:00:00:00:07' }, holder),
    `${HEAD} 0002 02000000000a 0a4d00c8 020000000007 0a4d0007`,
  ],
  [
    'replyTo() is the frame of Wackamole when it is not',
    replyTo({ address: '10.77.0.7', mac: null }, holder),
    `${HEAD} 0002 02000000000a 0a4d00c8 ffffffffffff 0a4d0007`,
  ],
  [
    'askFor() is the request of RFC 826',
    askFor('10.77.0.7', holder),
    `${HEAD} 0001 02000000000a 0a4d00c8 000000000000 0a4d0007`,
  ],
  [
    'arpProbe() is RFC 5227 2.1.1: the sender has no address',
    arpProbe(holder),
    `${HEAD} 0001 02000000000a 00000000 000000000000 0a4d00c8`,
  ],
];

for (const [name, built, wanted] of table) {
  test(name, () => deepEqual(built, hex(wanted)));
}

test('parseArp() reads what was built, and padding behind it', () => {
  const packet: ArpPacket = {
    operation: 'reply',
    senderMac: holder.mac,
    senderAddress: holder.address,
    targetMac: 'ff:ff:ff:ff:ff:ff',
    targetAddress: '10.77.0.7',
  };
  const padded = new Uint8Array(46);
  padded.set(replyTo({ address: '10.77.0.7', mac: null }, holder));
  deepEqual(parseArp(padded), packet);
});

const GOOD = `${HEAD} 0001 02000000000a 0a4d00c8 000000000000 0a4d00c8`;
const refused: readonly (readonly [name: string, bytes: string])[] = [
  ['nothing', ''],
  ['one octet less', GOOD.slice(0, -2)],
  ['another hardware', GOOD.replace('0001 (Ethernet)', '0006')],
  ['another protocol', GOOD.replace('0800 (IPv4)', '86dd')],
  ['hardware addresses of another size', GOOD.replace('06 04', '08 04')],
  ['protocol addresses of another size', GOOD.replace('06 04', '06 10')],
  ['a RARP request', GOOD.replace('06 04 0001', '06 04 0003')],
];

for (const [name, bytes] of refused) {
  test(`parseArp() refuses ${name}`, () => equal(parseArp(hex(bytes)), null));
}

test('parseArp() never throws', () => {
  let read = 0;
  for (const bytes of damaged([hex(GOOD)], 20_000)) if (parseArp(bytes) !== null) read++;
  equal(read > 1_000 && read < 19_000, true, `${read} were read`);
});

test('buildArp() takes no IPv6 address', () => {
  throws(() => gratuitousReply({ address: '::1', mac: holder.mac }), /invariant broken/);
});
