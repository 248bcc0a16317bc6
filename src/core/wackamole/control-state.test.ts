import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { encodeControlState } from './control-state.ts';

const address = (text: string, prefixLength = 24) => {
  return { interface: 'eth0', address: text, prefixLength, notifyPrefixLength: 24 };
};

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('encodeControlState() writes what wackatrl reads', () => {
  const bytes = encodeControlState([
    { claim: 2, owner: '10.77.0.1', addresses: [address('10.77.0.200'), address('10.9.0.1', 20)] },
    { claim: 0, owner: null, addresses: [address('10.77.0.201')] },
  ]);
  equal(bytes.length, 4 + 2 * 900);
  equal(hex(bytes.subarray(0, 8)), '0000070800000002');
  const record = (index: number) => hex(bytes.subarray(8 + 28 * index, 36 + 28 * index));
  const eth0 = '65746830'.padEnd(32, '0');
  equal(record(0), `${'0'.repeat(32)}0a4d0001${'0'.repeat(16)}`);
  equal(record(1), `${eth0}0a4d00c80a4d00ffffffff00`);
  equal(record(2), `${eth0}0a0900010a090ffffffff000`);
  equal(record(3), '0'.repeat(56));
  equal(hex(bytes.subarray(904, 908)), '00000000');
  equal(hex(bytes.subarray(908, 936)), '0'.repeat(56));
});

test('encodeControlState() leaves out what is not IPv4, and what there is no room for', () => {
  equal(encodeControlState([]).length, 4);
  const six = { interface: 'eth0', address: 'fd00::1', prefixLength: 64, notifyPrefixLength: 64 };
  equal(encodeControlState([{ claim: 2, owner: null, addresses: [six] }]).length, 4);
  const many = Array.from({ length: 40 }, (_, index) => address(`10.0.0.${index + 1}`));
  const bytes = encodeControlState([
    { claim: 2, owner: null, addresses: [many[0]!, six, ...many] },
  ]);
  equal(bytes.length, 904);
  deepEqual([...bytes.subarray(8 + 28 * 31 + 16, 8 + 28 * 31 + 20)], [10, 0, 0, 30]);
});
