import { equal } from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { ipOctets, ipText } from './ip.ts';

const round: readonly (readonly [literal: string, canonical: string | null])[] = [
  ['127.0.0.1', '127.0.0.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['256.0.0.1', null],
  ['010.0.0.1', null],
  ['1.2.3', null],
  ['1.2.3.4.5', null],
  ['', null],
  ['localhost', null],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8::0:1', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7', null],
  ['1:2:3:4:5:6:7:8:9', null],
  ['1::2::3', null],
  [':::', null],
  [':1', null],
  ['::ffff:192.168.10.1', '192.168.10.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ['1:2:3:4:5:6:7:1.2.3.4', null],
  ['fe80::12345', null],
  ['fe80::1%eth0', null],
];

for (const [literal, canonical] of round) {
  test(`ipOctets() ${canonical === null ? 'refuses' : 'reads'} "${literal}"`, () => {
    const octets = ipOctets(literal);
    equal(octets === null ? null : ipText(octets), canonical);
    // Node is the second opinion; only zones are its own addition.
    if (!literal.includes('%')) equal(octets !== null, isIP(literal) !== 0);
  });
}
