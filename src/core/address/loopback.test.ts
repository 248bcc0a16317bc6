import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, isLoopbackPool } from './loopback.ts';
import type { AddressGroup } from './pool.ts';

const group = (...addresses: string[]): AddressGroup => ({
  name: addresses[0]!,
  addresses: addresses.map((address) => {
    return { interface: 'lo', address, prefixLength: 8, notifyPrefixLength: 8 };
  }),
});

test('isLoopback() is about the whole network, and IPv4', () => {
  for (const [address, is] of [
    ['127.0.0.1', true],
    ['127.200.3.4', true],
    ['128.0.0.1', false],
    ['::1', false],
    ['localhost', false],
  ] as const) {
    equal(isLoopback(address), is, address);
  }
});

test('isLoopbackPool() holds when all addresses of all groups are', () => {
  equal(isLoopbackPool([group('127.0.1.1'), group('127.0.1.2', '127.0.1.3')]), true);
  equal(isLoopbackPool([group('127.0.1.1'), group('127.0.1.2', '10.0.0.1')]), false);
});
