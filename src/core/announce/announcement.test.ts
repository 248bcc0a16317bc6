/** Goal: what one node encodes another decodes, and nothing else that arrives does any harm. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { test } from 'node:test';
import {
  ANNOUNCEMENT_BYTES_MAX,
  type Announcement,
  decode,
  encode,
  isRejected,
  type RejectedReason,
  type Signer,
} from './announcement.ts';

const ANNOUNCEMENT: Announcement = {
  name: 'web1',
  address: '192.168.10.1',
  port: 80,
  bootId: 2 ** 52 + 12_345,
  sequence: 7,
  sentMs: 1_700_000_000_123,
  intervalMs: 1_000,
  state: 0,
  loadMilli: 3_700,
  loadPeakMilli: 4_321,
  cpuIdleMilli: 873,
  cpuCount: 4,
  arriba: 8_765_432_109,
  memoryTotalMb: 7_950,
  memoryAvailableMb: 5_120,
  capacity: 150,
  inFlight: 12,
};

function signer(secret: string): Signer {
  const sign = (bytes: Uint8Array) => createHmac('sha256', secret).update(bytes).digest();
  return { sign, verify: (bytes, signature) => timingSafeEqual(sign(bytes), signature) };
}

test('decode() gives back what encode() was given', () => {
  const others: readonly Partial<Announcement>[] = [
    {},
    { address: '2001:db8::1', state: 2 },
    { name: 'käse-北' },
    { bootId: Number.MAX_SAFE_INTEGER, sequence: 0xffffffff, sentMs: 0 },
    { loadMilli: 0, memoryTotalMb: 0, memoryAvailableMb: 0, capacity: 0, arriba: 0 },
  ];
  for (const other of others) {
    const announcement = { ...ANNOUNCEMENT, ...other };
    for (const by of [null, signer('secret')]) {
      deepEqual(decode(encode(announcement, by), by), announcement);
    }
  }
});

test('encode() is small enough for one frame, whatever it says', () => {
  const long = { ...ANNOUNCEMENT, name: 'x'.repeat(300), address: 'fe80::1234' };
  ok(encode(long, signer('s')).length < ANNOUNCEMENT_BYTES_MAX / 3);
});

test('encode() cuts a long name between characters and a large figure to the largest', () => {
  const decoded = decode(
    encode({ ...ANNOUNCEMENT, name: `${'x'.repeat(62)}é`, loadMilli: 1e12, inFlight: -3 }, null),
    null,
  );
  ok(!isRejected(decoded));
  equal(decoded.name, 'x'.repeat(62));
  equal(decoded.loadMilli, 0xffffffff);
  equal(decoded.inFlight, 0);
});

test('encode() writes the documented bytes', () => {
  const hex = Buffer.from(encode(ANNOUNCEMENT, null)).toString('hex');
  equal(
    hex,
    '66686e6401000071' + // fhnd, version 1, 113 bytes
      '010477656231' + // name web1
      '0204c0a80a01' + // address
      '03020050' + // port
      '04080010000000003039' + // bootId
      '050400000007' + // sequence
      '06080000018bcfe5687b' + // sentMs
      '0704000003e8' + // intervalMs
      '080100' + // state
      '090400000e74' + // loadMilli
      '0a04000010e1' + // loadPeakMilli
      '0b020369' + // cpuIdleMilli
      '0c020004' + // cpuCount
      '0d08000000020a75e12d' + // arriba
      '0e0400001f0e' + // memoryTotalMb
      '0f0400001400' + // memoryAvailableMb
      '100400000096' + // capacity
      '11040000000c', // inFlight
  );
});

/** A datagram with its length made right again after its fields were tampered with. */
function withFields(change: (fields: number[]) => void): Uint8Array {
  const bytes = [...encode(ANNOUNCEMENT, null)];
  const fields = bytes.slice(8);
  change(fields);
  const length = 8 + fields.length;
  return Uint8Array.from([...bytes.slice(0, 6), length >> 8, length & 255, ...fields]);
}

test('decode() skips fields it does not know', () => {
  const newer = withFields((fields) => fields.unshift(200, 3, 1, 2, 3, 201, 0));
  deepEqual(decode(newer, null), ANNOUNCEMENT);
});

const NAME_AT = 0;
const ADDRESS_AT = 6;
const PORT_AT = 12;
const STATE_AT = 48;

const refused: readonly (readonly [what: string, bytes: Uint8Array, reason: RejectedReason])[] = [
  ['nothing', new Uint8Array(), 'malformed'],
  ['too much', new Uint8Array(ANNOUNCEMENT_BYTES_MAX + 1), 'malformed'],
  ['another protocol', new TextEncoder().encode('M-SEARCH * HTTP/1.1'), 'not-ours'],
  ['a later version', Uint8Array.from([0x66, 0x68, 0x6e, 0x64, 2, 0, 0, 8]), 'version'],
  ['no fields', Uint8Array.from([0x66, 0x68, 0x6e, 0x64, 1, 0, 0, 8]), 'missing-field'],
  ['cut off', encode(ANNOUNCEMENT, null).slice(0, -1), 'malformed'],
  ['longer than it says', Uint8Array.from([...encode(ANNOUNCEMENT, null), 0]), 'malformed'],
  ['a field beyond the end', withFields((f) => f.push(9, 200, 1)), 'malformed'],
  ['a field twice', withFields((f) => f.push(8, 1, 0)), 'malformed'],
  ['a field of another size', withFields((f) => f.splice(PORT_AT, 4, 3, 1, 80)), 'bad-value'],
  ['a missing field', withFields((f) => f.splice(PORT_AT, 4)), 'missing-field'],
  ['no name', withFields((f) => f.splice(NAME_AT, 6, 1, 0)), 'bad-value'],
  ['a line break in the name', withFields((f) => (f[NAME_AT + 3] = 10)), 'bad-value'],
  ['a name that is no UTF-8', withFields((f) => (f[NAME_AT + 3] = 0xff)), 'bad-value'],
  ['a long name', withFields((f) => f.splice(0, 6, 1, 64, ...Array(64).fill(65))), 'bad-value'],
  ['an address of 5 bytes', withFields((f) => f.splice(6, 6, 2, 5, 1, 2, 3, 4, 5)), 'bad-value'],
  ['a multicast address', withFields((f) => (f[ADDRESS_AT + 2] = 239)), 'bad-value'],
  ['no address', withFields((f) => f.splice(6, 6, 2, 4, 0, 0, 0, 0)), 'bad-value'],
  ['port 0', withFields((f) => (f[PORT_AT + 3] = 0)), 'bad-value'],
  ['an unknown state', withFields((f) => (f[STATE_AT + 2] = 4)), 'bad-value'],
  ['a boot id past 2^53', withFields((f) => (f[PORT_AT + 6] = 1)), 'bad-value'],
];

test('decode() says why it refuses', () => {
  for (const [what, bytes, rejected] of refused) {
    deepEqual(decode(bytes, null), { rejected }, what);
  }
});

test('decode() with a secret takes nothing unsigned, signed otherwise, or changed', () => {
  const by = signer('right');
  const signed = encode(ANNOUNCEMENT, by);
  deepEqual(decode(encode(ANNOUNCEMENT, null), by), { rejected: 'unsigned' });
  deepEqual(decode(encode(ANNOUNCEMENT, signer('wrong')), by), { rejected: 'bad-signature' });
  for (let at = 8; at < signed.length; at++) {
    const changed = signed.slice();
    changed[at]! ^= 1;
    deepEqual(decode(changed, by), { rejected: 'bad-signature' }, `byte ${at}`);
  }
});

test('decode() without a secret takes signed ones, so that a secret can be introduced', () => {
  deepEqual(decode(encode(ANNOUNCEMENT, signer('new')), null), ANNOUNCEMENT);
});

test('decode() never throws, and never takes garbage for an announcement', () => {
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const valid = encode(ANNOUNCEMENT, null);
  let refusals = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = valid.slice(0, random() < 0.5 ? valid.length : Math.floor(random() * 140));
    for (let n = 0; n < 3; n++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
    const decoded = decode(bytes, null);
    if (isRejected(decoded)) refusals++;
    else ok(Number.isSafeInteger(decoded.bootId) && decoded.port > 0 && decoded.name !== '');
  }
  ok(refusals > 5_000 && refusals < 20_000, `${refusals} refusals: changes must hit and miss`);
});
