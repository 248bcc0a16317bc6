/** Byte for byte on little-endian machines; what was built is read back on all. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  buildMessage,
  LITTLE_ENDIAN,
  parseAnswer,
  parseAttributes,
  parseMessages,
} from './netlink.ts';
import {
  ADDRESS_PROTOCOL,
  deleteAddress,
  dumpAddresses,
  isLabelledOurs,
  newAddress,
  parseAddress,
  type RouteAddress,
} from './route-address.ts';
import { dumpLinks, dumpNeighbours, parseLink, parseNeighbour } from './route-link.ts';
import { damaged, hex } from './wire.fixture.ts';

const v4 = {
  index: 2,
  interface: 'eth0',
  address: '10.9.8.7',
  prefixLength: 24,
  validMs: 3_000,
  noPrefixRoute: false,
};
const v6 = { ...v4, address: 'fd00::7', prefixLength: 64, noPrefixRoute: true };
const V6 = 'fd000000000000000000000000000007';

const bytesOf: readonly (readonly [name: string, built: Uint8Array, wanted: string])[] = [
  [
    'newAddress() for IPv4 has a lifetime, our protocol and our label',
    newAddress(v4, 1),
    `50000000 1400 0505 (request ack replace create) 01000000 00000000
     02 18 00 00 02000000
     0800 0200 0a090807  0800 0100 0a090807
     1400 0600 03000000 03000000 00000000 00000000
     0500 0b00 66 000000
     0c00 0300 ${Buffer.from('eth0:fh').toString('hex')}00`,
  ],
  [
    'newAddress() for IPv6 is never preferred, has no detection of duplicates and no route',
    newAddress(v6, 2),
    `64000000 1400 0505 02000000 00000000
     0a 40 02 00 02000000
     1400 0200 ${V6} 1400 0100 ${V6}
     1400 0600 00000000 03000000 00000000 00000000
     0500 0b00 66 000000
     0800 0800 02020000`,
  ],
  [
    'deleteAddress() names the address and its prefix',
    deleteAddress(v4, 3),
    `28000000 1500 0500 03000000 00000000 02 18 00 00 02000000
     0800 0200 0a090807  0800 0100 0a090807`,
  ],
  [
    'dumpAddresses() asks for those of every family',
    dumpAddresses(4),
    '18000000 1600 0103 04000000 00000000 00000000 00000000',
  ],
  [
    'dumpLinks() asks for all',
    dumpLinks(5),
    `20000000 1200 0103 05000000 00000000 ${'00'.repeat(16)}`,
  ],
  [
    'dumpNeighbours() asks for those of every family',
    dumpNeighbours(6),
    `1c000000 1e00 0103 06000000 00000000 ${'00'.repeat(12)}`,
  ],
];

for (const [name, built, wanted] of bytesOf) {
  test(name, { skip: LITTLE_ENDIAN ? false : 'this machine is big-endian' }, () => {
    equal(Buffer.from(built).toString('hex'), Buffer.from(hex(wanted)).toString('hex'));
  });
}

function parsedAddress(bytes: Uint8Array): RouteAddress | null {
  const [message] = parseMessages(bytes) ?? [];
  return message === undefined ? null : parseAddress(message);
}

test('newAddress() leaves out a label that does not fit, and rounds up to whole seconds', () => {
  const long = parsedAddress(newAddress({ ...v4, interface: 'enp0s31f6.100', validMs: 2_001 }, 1));
  deepEqual([long?.label, long?.protocol, long?.validSeconds], [null, ADDRESS_PROTOCOL, 3]);
});

test('parseAddress() reads what was built', () => {
  const { index, address, prefixLength } = v4;
  const said = { label: 'eth0:fh', protocol: ADDRESS_PROTOCOL, validSeconds: 3 };
  const wanted = { kind: 'present', index, address, prefixLength, ...said };
  deepEqual(parsedAddress(newAddress(v4, 1)), wanted);
  const gone = parsedAddress(deleteAddress(v6, 1));
  deepEqual([gone?.kind, gone?.address, gone?.validSeconds], ['gone', 'fd00::7', null]);
});

const labels: readonly (readonly [protocol: number | null, label: string | null, ours: boolean])[] =
  [
    [ADDRESS_PROTOCOL, null, true],
    [null, 'eth0:fh', true],
    [0, 'eth0:fh', true],
    [null, 'eth0', false],
    [null, 'eth0:1', false],
    [3, null, false],
    [null, null, false],
  ];

for (const [protocol, label, ours] of labels) {
  test(`isLabelledOurs() is ${ours} for protocol ${protocol}, label ${label}`, () => {
    const address = parsedAddress(newAddress(v4, 1))!;
    equal(isLabelledOurs({ ...address, protocol, label }), ours);
  });
}

const little = (number: number, size: number): string => {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 2) view.setUint16(0, number, LITTLE_ENDIAN);
  else view.setUint32(0, number, LITTLE_ENDIAN);
  return Buffer.from(view.buffer).toString('hex');
};

function link(options: { family: string; flags: number; type?: number; mac?: string }): Uint8Array {
  const fixed = hex(
    `${options.family} 00 ${little(1, 2)} ${little(3, 4)} ${little(options.flags, 4)} 00000000`,
  );
  const attributes = [
    { type: 3, value: hex('65746830 00') },
    { type: 1, value: hex(options.mac ?? '02000000000a') },
  ];
  return buildMessage({ type: options.type ?? 16, flags: 0, sequence: 0 }, { fixed, attributes });
}

const links: readonly (readonly [name: string, bytes: Uint8Array, wanted: unknown])[] = [
  [
    'up and running',
    link({ family: '00', flags: 0x41 }),
    { kind: 'present', index: 3, interface: 'eth0', mac: '02:00:00:00:00:0a', up: true },
  ],
  [
    'up without a carrier',
    link({ family: '00', flags: 0x01 }),
    { kind: 'present', index: 3, interface: 'eth0', mac: '02:00:00:00:00:0a', up: false },
  ],
  [
    'loopback, whose hardware address is zero',
    link({ family: '00', flags: 0x49, mac: '000000000000' }),
    { kind: 'present', index: 3, interface: 'eth0', mac: '', up: true },
  ],
  [
    'gone',
    link({ family: '00', flags: 0x41, type: 17 }),
    { kind: 'gone', index: 3, interface: 'eth0', mac: '02:00:00:00:00:0a', up: false },
  ],
  ['a port that left its bridge', link({ family: '07', flags: 0x41, type: 17 }), null],
];

for (const [name, bytes, wanted] of links) {
  test(`parseLink() reads a link that is ${name}`, () => {
    deepEqual(parseLink(parseMessages(bytes)![0]!), wanted);
  });
}

function neighbour(state: number): Uint8Array {
  const fixed = hex(`02 000000 ${little(3, 4)} ${little(state, 2)} 00 01`);
  const attributes = [
    { type: 1, value: hex('0a090807') },
    { type: 2, value: hex('02000000000b') },
  ];
  return buildMessage({ type: 28, flags: 0, sequence: 0 }, { fixed, attributes });
}

test('parseNeighbour() reads those whose hardware address can be used', () => {
  const read = (state: number) => parseNeighbour(parseMessages(neighbour(state))![0]!);
  const known = { index: 3, address: '10.9.8.7', mac: '02:00:00:00:00:0b' };
  deepEqual([0x02, 0x04, 0x08, 0x10, 0x80].map(read), Array(5).fill(known));
  // Incomplete, failed, without ARP.
  deepEqual([0x01, 0x20, 0x40].map(read), [null, null, null]);
});

function answer(errno: number, flags: number, rest: string): Uint8Array {
  const fixed = hex(
    `${little(-errno >>> 0, 4)} ${little(20, 4)} 1400 0505 01000000 00000000 ${rest}`,
  );
  return buildMessage({ type: 2, flags, sequence: 1 }, { fixed, attributes: [] });
}

test('parseAnswer() reads an acknowledgement, an error, and its text', () => {
  const text = `${little(8, 2)} ${little(1, 2)} ${Buffer.from('why').toString('hex')}00`;
  const read = (bytes: Uint8Array) => parseAnswer(parseMessages(bytes)![0]!);
  deepEqual(read(answer(0, 0x100, '')), { errno: 0, text: '' });
  deepEqual(read(answer(17, 0x100, '')), { errno: 17, text: '' });
  deepEqual(read(answer(22, 0x300, text)), { errno: 22, text: 'why' });
  // Not capped: four octets of the request stand between.
  deepEqual(read(answer(22, 0x200, `00000000 ${text}`)), { errno: 22, text: 'why' });
  equal(read(dumpLinks(1)), null);
});

const refused: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['half a header', hex('10000000 0300')],
  ['a length below the header', hex(`${little(15, 4)} 0300 0000 00000000 00000000`)],
  ['a length beyond the end', hex(`${little(17, 4)} 0300 0000 00000000 00000000`)],
];

for (const [name, bytes] of refused) {
  test(`parseMessages() refuses ${name}`, () => equal(parseMessages(bytes), null));
}

test('parseAttributes() refuses what does not add up', () => {
  const malformed = [
    '0400',
    `${little(3, 2)} 0000`,
    `${little(5, 2)} 0000`,
    `${little(0, 2)} 0000`,
  ];
  deepEqual(
    malformed.map((text) => parseAttributes(hex(text))),
    malformed.map(() => null),
  );
});

test('no parser throws', () => {
  const packets = [newAddress(v4, 1), newAddress(v6, 1), deleteAddress(v6, 1), neighbour(2)];
  packets.push(link({ family: '00', flags: 0x41 }), answer(22, 0x300, '0800 0100 77687900'));
  let read = 0;
  for (const bytes of damaged(packets, 5_000)) {
    for (const message of parseMessages(bytes) ?? []) {
      const found = [parseAddress, parseLink, parseNeighbour, parseAnswer].map((f) => f(message));
      if (found.some((one) => one !== null)) read++;
    }
  }
  equal(read > 1_000 && read < 29_000, true, `${read} were read`);
});
