import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { checksum, pseudoHeader } from './checksum.ts';
import { echoRequest } from './echo.ts';
import { hex } from './wire.fixture.ts';

test('checksum() is the example of RFC 1071 3', () => {
  equal(checksum(hex('0001 f203 f4f5 f6f7')), ~0xddf2 & 0xffff);
});

test('checksum() counts a last odd octet as the high one', () => {
  equal(checksum(hex('01')), 0xfeff);
});

test('echoRequest() for IPv4 is the frame of Wackamole: id and sequence fefe, 64 hops', () => {
  deepEqual(
    echoRequest({ source: '10.77.0.200', destination: '10.77.0.7' }),
    hex(`45 00 001c fefe 0000 40 01 667a 0a4d00c8 0a4d0007  08 00 fa01 fefe fefe`),
  );
});

test('echoRequest() for IPv6 is RFC 4443 4.1, with a right checksum', () => {
  const bytes = echoRequest({ source: 'fd00::50', destination: 'fd00::7' });
  deepEqual(bytes.subarray(40, 42), hex('80 00'));
  deepEqual(bytes.subarray(44), hex('fefe fefe'));
  const [source, destination] = [bytes.subarray(8, 24), bytes.subarray(24, 40)];
  equal(
    checksum(pseudoHeader({ source, destination, size: 8, nextHeader: 58 }), bytes.subarray(40)),
    0,
  );
});
