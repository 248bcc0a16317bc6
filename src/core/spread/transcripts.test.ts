/**
 * The bytes of the protocol, written by hand from its description: test/transcripts/spread/*.txt.
 * Each is read in one piece and byte by byte, and written.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { ByteQueue } from './byte-queue.ts';
import { type ByteOrder, encodeFrame, type Frame, FrameReader } from './frame.ts';
import {
  encodeChoice,
  encodeHello,
  encodeMethods,
  encodeRefusal,
  encodeWelcome,
  type Hello,
  readChoice,
  readHello,
  readMethods,
  readWelcome,
  type Welcome,
} from './handshake.ts';
import { decodeMembership, encodeGid, encodeMembership } from './membership.ts';

type Written = {
  readonly type: string;
  readonly sender: string;
  readonly groups: readonly string[];
  readonly messageType?: number;
  readonly dataOrder?: ByteOrder;
  readonly data?: string;
  readonly rejected?: string;
  readonly gid?: readonly [number, number, number];
  readonly membership?: {
    readonly gid: readonly [number, number, number];
    readonly sets: readonly (readonly string[])[];
    readonly ownSet: number;
  };
};
type Spoken =
  | { readonly hello: Hello }
  | { readonly methods: readonly string[] }
  | { readonly choice: readonly string[] }
  | { readonly welcome: Welcome }
  | { readonly refusal: number };

const files = globSync('test/transcripts/spread/*.txt').toSorted();

test('spread has transcripts to be held to', () => {
  ok(files.length >= 3, `only ${files.length}: run from the top of the project`);
});

for (const file of files) {
  const [, ...entries] = readFileSync(file, 'utf8').split(/^=== /m);
  for (const entry of entries) {
    const [head = '', drawn = ''] = entry.split('----\n');
    const title = head.slice(0, head.indexOf('\n'));
    const meant = JSON.parse(head.slice(title.length)) as Written | Spoken;
    const bytes = bytesOf(drawn);
    test(`${basename(file)}: ${title}`, () => {
      if ('type' in meant) checkFrame(meant, bytes, file.includes('big') ? 'big' : 'little');
      else checkHandshake(meant, bytes);
    });
  }
}

/** `80 "name"/32 00*30`: hexadecimal, text, text filled up with NULs, and repetitions. */
function bytesOf(drawn: string): Uint8Array {
  const code = drawn.replace(/ *\|.*$/gm, '');
  const bytes: number[] = [];
  for (const [token, , text, size] of code.matchAll(/("([^"]*)"(?:\/(\d+))?)|\S+/g)) {
    if (text !== undefined) {
      bytes.push(...Buffer.from(text.padEnd(Number(size ?? text.length), '\0'), 'latin1'));
    } else {
      const [hex = '', times = '1'] = token.split('*');
      for (let i = 0; i < Number(times); i++) bytes.push(Number.parseInt(hex, 16));
    }
  }
  return Uint8Array.from(bytes);
}

function checkHandshake(meant: Spoken, bytes: Uint8Array): void {
  if ('hello' in meant) {
    equal(hexOf(encodeHello(meant.hello)), hexOf(bytes));
    readBothWays(bytes, readHello, meant.hello);
  } else if ('methods' in meant) {
    equal(hexOf(encodeMethods(meant.methods)), hexOf(bytes));
    readBothWays(bytes, readMethods, meant.methods);
  } else if ('choice' in meant) {
    equal(hexOf(encodeChoice(meant.choice)), hexOf(bytes));
    readBothWays(bytes, (queue) => readChoice(queue, ['NULL', 'IP']), meant.choice);
  } else if ('welcome' in meant) {
    equal(hexOf(encodeWelcome(meant.welcome)), hexOf(bytes));
    readBothWays(bytes, readWelcome, meant.welcome);
  } else {
    equal(hexOf(encodeRefusal(meant.refusal)), hexOf(bytes));
    readBothWays(bytes, readMethods, { code: meant.refusal });
    readBothWays(bytes, readWelcome, { code: meant.refusal });
  }
}

function readBothWays<T>(bytes: Uint8Array, read: (queue: ByteQueue) => T, meant: T): void {
  const whole = new ByteQueue();
  whole.push(bytes);
  deepEqual(read(whole), meant);
  const queue = new ByteQueue();
  bytes.forEach((byte, index) => {
    equal(queue.length, index, 'nothing is taken before all of it is there');
    queue.push(Uint8Array.of(byte));
    const reading = read(queue);
    if (index < bytes.length - 1) equal(reading, null);
    else deepEqual(reading, meant);
  });
}

function checkFrame(meant: Written, bytes: Uint8Array, order: ByteOrder): void {
  const frame = frameOf(meant, order);
  equal(hexOf(encodeFrame(frame)), hexOf(bytes));
  const limits = { groupsMax: 100, bytesMax: 143_952, rejects: true };
  const whole = new FrameReader(limits);
  whole.push(bytes);
  deepEqual(plain(whole.next()), plain(frame));
  equal(whole.next(), null);
  const slow = new FrameReader(limits);
  for (const byte of bytes.subarray(0, -1)) {
    slow.push(Uint8Array.of(byte));
    equal(slow.next(), null);
  }
  slow.push(bytes.subarray(-1));
  deepEqual(plain(slow.next()), plain(frame));
  if (meant.membership !== undefined) {
    const [representative = 0, time = 0, index = 0] = meant.membership.gid;
    const gid = encodeGid({ representative, time, index }, order);
    deepEqual(decodeMembership(frame.data, order), { ...meant.membership, gid });
  }
}

function frameOf(meant: Written, order: ByteOrder): Frame {
  const { type, sender, groups, messageType = 0, dataOrder = order, rejected } = meant;
  return {
    type: Number(type),
    sender,
    groups,
    messageType,
    dataOrder,
    data: dataOf(meant, order),
    rejected: rejected === undefined ? null : Number(rejected),
    order,
  };
}

function dataOf({ data = '', gid, membership }: Written, order: ByteOrder): Uint8Array {
  const [representative, time, index] = membership?.gid ?? gid ?? [];
  if (representative === undefined || time === undefined || index === undefined) {
    return Buffer.from(data, 'latin1');
  }
  const bytes = encodeGid({ representative, time, index }, order);
  return membership === undefined ? bytes : encodeMembership({ ...membership, gid: bytes }, order);
}

function plain(frame: object | null): unknown {
  return frame !== null && 'data' in frame
    ? { ...frame, data: hexOf(frame.data as Uint8Array) }
    : frame;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
