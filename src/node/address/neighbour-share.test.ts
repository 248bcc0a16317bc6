import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeNeighbours,
  encodeNeighbours,
  NEIGHBOURS_MAX,
  SharedNeighbours,
} from './neighbour-share.ts';

const one = { address: '10.0.0.7', mac: '02:00:00:00:00:0a' };

test('decodeNeighbours() gives back what encodeNeighbours() was given', () => {
  const other = { address: '192.168.255.1', mac: 'fe:ff:ff:ff:ff:ff' };
  deepEqual(decodeNeighbours(encodeNeighbours([one, other])), [one, other]);
  deepEqual(decodeNeighbours(new Uint8Array()), []);
});

test('encodeNeighbours() leaves out what no neighbour can be told at', () => {
  const useless = [
    { address: 'fe80::1', mac: one.mac },
    { address: '10.0.0.8', mac: '00:00:00:00:00:00' },
    { address: '10.0.0.9', mac: '01:00:5e:00:00:01' },
    { address: '10.0.0.10', mac: '' },
  ];
  equal(encodeNeighbours(useless).length, 0);
  const many = Array.from({ length: NEIGHBOURS_MAX + 1 }, () => one);
  equal(encodeNeighbours(many).length, 10 * NEIGHBOURS_MAX);
});

test('decodeNeighbours() takes nothing that is cut off or too long', () => {
  for (const length of [1, 9, 11, 10 * (NEIGHBOURS_MAX + 1)]) {
    equal(decodeNeighbours(new Uint8Array(length)), null, `${length} bytes`);
  }
});

test('SharedNeighbours keep what was said last, and the newest of too many', () => {
  const shared = new SharedNeighbours();
  shared.add([one]);
  shared.add([{ ...one, mac: '02:00:00:00:00:0b' }]);
  equal(shared.macOf(one.address), '02:00:00:00:00:0b');
  for (let i = 0; i < NEIGHBOURS_MAX; i++) {
    shared.add([{ address: `10.1.${i >> 8}.${i & 255}`, mac: one.mac }]);
  }
  equal([...shared].length, NEIGHBOURS_MAX);
  equal(shared.macOf(one.address), null);
});
