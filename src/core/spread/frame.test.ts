import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteOrder, encodeFrame, type Frame, type FrameFault, FrameReader } from './frame.ts';
import { decodeMembership, encodeMembership } from './membership.ts';

const LIMITS = { groupsMax: 100, bytesMax: 143_952, rejects: true };

function frameOf(order: ByteOrder, changed: Partial<Frame> = {}): Frame {
  return {
    type: 0x10,
    sender: '#a#b',
    groups: ['g'],
    messageType: 0,
    dataOrder: order,
    data: new Uint8Array(0),
    rejected: null,
    order,
    ...changed,
  };
}

function faultOf(bytes: Uint8Array): number | null {
  const reader = new FrameReader(LIMITS);
  reader.push(bytes);
  return (reader.next() as FrameFault | null)?.code ?? null;
}

/** A header whose number at `at` is another one. */
function withNumber(order: ByteOrder, at: number, value: number): Uint8Array {
  const bytes = encodeFrame(frameOf(order));
  new DataView(bytes.buffer).setInt32(at, value, order === 'little');
  return bytes;
}

test('FrameReader finds a fault as soon as the header is there', () => {
  for (const order of ['little', 'big'] as const) {
    const table: [string, Uint8Array, number][] = [
      ['more groups than 100', withNumber(order, 36, 101), -13],
      ['fewer groups than none', withNumber(order, 36, -1), -13],
      ['the most groups', withNumber(order, 36, 0x7fffffff), -13],
      ['too much data', withNumber(order, 44, 143_921), -17],
      ['less data than none', withNumber(order, 44, -1), -17],
      ['the most data', withNumber(order, 44, 0x7fffffff), -17],
      ['a hint with its lowest bits set', withNumber(order, 40, 0x01), -13],
      ['half a tag in the type', withNumber(order, 0, 0x90), -13],
      ['half a tag in the hint', withNumber(order, 40, 0x80), -13],
      ['a sender that does not end', withSender('x'.repeat(32)), -11],
      ['a sender with a line break', withSender('#a\n#b'), -11],
    ];
    for (const [what, bytes, code] of table) {
      equal(faultOf(bytes.subarray(0, 48)), code, `${order}: ${what}`);
    }
  }
});

test('FrameReader takes the largest message there may be, and finds nothing behind a fault', () => {
  const groups = Array.from({ length: 100 }, (_, i) => `group-${i}`);
  const data = new Uint8Array(143_952 - 3_200).fill(7);
  const reader = new FrameReader(LIMITS);
  const bytes = encodeFrame(frameOf('big', { groups, data }));
  for (let at = 0; at < bytes.length; at += 1_000) reader.push(bytes.subarray(at, at + 1_000));
  deepEqual((reader.next() as Frame).groups, groups);
  const bad = encodeFrame(frameOf('big'));
  bad[48] = 0x0a;
  reader.push(bad);
  equal((reader.next() as FrameFault).code, -14);
  reader.push(bytes);
  equal((reader.next() as FrameFault).code, -14);
});

test('decodeMembership() refuses what is not whole and sound', () => {
  const gid = new Uint8Array(12);
  const sets = [['#a#n1'], ['#b#n2', '#c#n2']];
  for (const order of ['little', 'big'] as const) {
    const sound = encodeMembership({ gid, sets, ownSet: 1 }, order);
    deepEqual(decodeMembership(sound, order), { gid, sets, ownSet: 1 });
    for (let length = 0; length < sound.length; length++) {
      equal(decodeMembership(sound.subarray(0, length), order), null, `${length} bytes`);
    }
    const longer = new Uint8Array(sound.length + 1);
    longer.set(sound);
    equal(decodeMembership(longer, order), null);
    for (const [at, value] of [
      [12, 3],
      [12, 0xffffffff],
      [16, 4],
      [16, 0xffffffff],
      [20, 0xffffffff],
      [20, 2],
    ] as const) {
      const bytes = sound.slice();
      new DataView(bytes.buffer).setUint32(at, value, order === 'little');
      equal(decodeMembership(bytes, order), null, `${order}: ${value} at ${at}`);
    }
  }
});

function withSender(sender: string): Uint8Array {
  const bytes = encodeFrame(frameOf('little'));
  bytes.set(Buffer.from(sender, 'latin1'), 4);
  return bytes;
}
