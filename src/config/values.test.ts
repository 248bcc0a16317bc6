/** Every value both dialects read: what is accepted, as what, and what is refused by which code. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  isComplaint,
  networksContain,
  type Read,
  readApplication,
  readContact,
  readDestination,
  readDuration,
  readListen,
  readNetwork,
  withoutHostBits,
  writeDuration,
} from './values.ts';

/** The value, or the code of the complaint. */
function outcome<T>(read: Read<T>): T | string {
  return isComplaint(read) ? read.complaint.code : read.value;
}

const BAD_DURATION = 'CONFIG_BAD_DURATION';
const durations = [
  ['250ms', 250],
  ['2s', 2_000],
  ['1.5m', 90_000],
  ['1H', 3_600_000],
  ['2', BAD_DURATION],
  ['0s', BAD_DURATION],
  ['600h', BAD_DURATION],
  ['-1s', BAD_DURATION],
  ['2 s', BAD_DURATION],
  ['s', BAD_DURATION],
  ['1e3s', BAD_DURATION],
  ['1toString', BAD_DURATION],
] as const;

for (const [text, expected] of durations) {
  test(`readDuration() gives ${expected} when it reads "${text}"`, () => {
    equal(outcome(readDuration(text, null)), expected);
  });
}

test('readDuration() takes the bare unit when there is one', () => {
  equal(outcome(readDuration('2', 's')), 2_000);
});

test('writeDuration() is read back as the same when written', () => {
  for (const durationMs of [1, 250, 1_000, 1_500, 60_000, 90_000, 3_600_000]) {
    equal(outcome(readDuration(writeDuration(durationMs), null)), durationMs);
  }
});

const BAD_ADDRESS = 'CONFIG_BAD_ADDRESS';
const listens = [
  ['80', { host: null, port: 80 }],
  ['*:80', { host: null, port: 80 }],
  ['192.168.1.1:80', { host: '192.168.1.1', port: 80 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['[0:0::1]:80', { host: '::1', port: 80 }],
  ['192.168.1.1', BAD_ADDRESS],
  ['::1', BAD_ADDRESS],
  ['65536', BAD_ADDRESS],
  ['0', BAD_ADDRESS],
  ['localhost:80', BAD_ADDRESS],
  [':80', BAD_ADDRESS],
  ['', BAD_ADDRESS],
  ['[::1', BAD_ADDRESS],
  ['[::1]80', BAD_ADDRESS],
  ['1.2.3.4:', BAD_ADDRESS],
] as const;

for (const [text, expected] of listens) {
  test(`readListen() gives ${JSON.stringify(expected)} when it reads "${text}"`, () => {
    deepEqual(outcome(readListen(text)), expected);
  });
}

const destinations = [
  ['192.168.10.255:4445', { host: '192.168.10.255', port: 4445, ttl: 1 }],
  ['239.1.1.1:4445,0', { host: '239.1.1.1', port: 4445, ttl: 0 }],
  ['[ff02::1]:4445,255', { host: 'ff02::1', port: 4445, ttl: 255 }],
  ['239.1.1.1:4445,256', 'CONFIG_BAD_TTL'],
  ['239.1.1.1:4445,', 'CONFIG_BAD_TTL'],
  ['4445', BAD_ADDRESS],
  ['*:4445', BAD_ADDRESS],
  [',1', BAD_ADDRESS],
] as const;

for (const [text, expected] of destinations) {
  test(`readDestination() gives ${JSON.stringify(expected)} when it reads "${text}"`, () => {
    deepEqual(outcome(readDestination(text)), expected);
  });
}

const BAD_NETWORK = 'CONFIG_BAD_NETWORK';
const networks = [
  ['192.168.10.0/24', { address: '192.168.10.0', prefixLength: 24 }],
  ['192.168.10.7', { address: '192.168.10.7', prefixLength: 32 }],
  ['10.0.0.0/255.0.0.0', { address: '10.0.0.0', prefixLength: 8 }],
  ['10.0.0.0/0.0.0.0', { address: '10.0.0.0', prefixLength: 0 }],
  ['fd00::/8', { address: 'fd00::', prefixLength: 8 }],
  ['::ffff:10.0.0.0/104', { address: '10.0.0.0', prefixLength: 8 }],
  ['::ffff:10.0.0.7', { address: '10.0.0.7', prefixLength: 32 }],
  ['::/0', { address: '::', prefixLength: 0 }],
  ['::ffff:10.0.0.0/8', BAD_NETWORK],
  ['10/8', BAD_NETWORK],
  ['10.0.0.0/33', BAD_NETWORK],
  ['10.0.0.0/255.0.255.0', BAD_NETWORK],
  ['10.0.0.0/', BAD_NETWORK],
  ['10.0.0.0/8/8', BAD_NETWORK],
  ['fd00::/129', BAD_NETWORK],
  ['', BAD_NETWORK],
] as const;

for (const [text, expected] of networks) {
  test(`readNetwork() gives ${JSON.stringify(expected)} when it reads "${text}"`, () => {
    deepEqual(outcome(readNetwork(text)), expected);
  });
}

const cleared = [
  ['192.168.10.7', 24, '192.168.10.0'],
  ['192.168.10.7', 0, '0.0.0.0'],
  ['192.168.10.7', 32, '192.168.10.7'],
  ['10.255.255.255', 9, '10.128.0.0'],
  ['fd00:1:2::5', 32, 'fd00:1::'],
] as const;

for (const [address, prefixLength, expected] of cleared) {
  test(`withoutHostBits() gives ${expected} when it clears ${address}/${prefixLength}`, () => {
    deepEqual(withoutHostBits({ address, prefixLength }), { address: expected, prefixLength });
  });
}

test('networksContain() looks at the address alone when it carries a zone', () => {
  const accept = [{ address: 'fe80::', prefixLength: 10 }];
  equal(networksContain(accept, 'fe80::1%eth0'), true);
  equal(networksContain(accept, 'fd00::1'), false);
  equal(networksContain(accept, 'not an address'), false);
});

const applications = [
  ['http://127.0.0.1:3000', { kind: 'tcp', host: '127.0.0.1', port: 3000 }],
  ['http://localhost:3000/', { kind: 'tcp', host: '127.0.0.1', port: 3000 }],
  ['http://[::1]', { kind: 'tcp', host: '::1', port: 80 }],
  ['unix:/run/app.sock', { kind: 'unix', path: '/run/app.sock' }],
  ['unix:app.sock', BAD_ADDRESS],
  ['unix:', BAD_ADDRESS],
  ['https://127.0.0.1', BAD_ADDRESS],
  ['http://app:3000', BAD_ADDRESS],
  ['http://127.0.0.1:3000/path', BAD_ADDRESS],
  ['3000', BAD_ADDRESS],
] as const;

for (const [text, expected] of applications) {
  test(`readApplication() gives ${JSON.stringify(expected)} when it reads "${text}"`, () => {
    deepEqual(outcome(readApplication(text)), expected);
  });
}

const contacts = [
  ['192.168.10.1', { host: '192.168.10.1', port: null }],
  ['192.168.10.1:8080', { host: '192.168.10.1', port: 8080 }],
  ['fd00::1', { host: 'fd00::1', port: null }],
  ['[fd00::1]:80', { host: 'fd00::1', port: 80 }],
  ['80', BAD_ADDRESS],
  ['www1', BAD_ADDRESS],
] as const;

for (const [text, expected] of contacts) {
  test(`readContact() gives ${JSON.stringify(expected)} when it reads "${text}"`, () => {
    deepEqual(outcome(readContact(text)), expected);
  });
}
