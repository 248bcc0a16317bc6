/**
 * Goal: whatever comes, what reads it ends with frames or with a fault, does not throw, and says
 * the same whatever pieces it comes in.
 *
 *     SEED=123 node --test src/core/spread/fuzz.test.ts     replays one stream
 *     SEEDS=100000 node --test src/core/spread/fuzz.test.ts searches for longer
 */
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../sim/ring/random.ts';
import { ByteQueue } from './byte-queue.ts';
import { type ByteOrder, encodeFrame, FrameReader } from './frame.ts';
import {
  encodeChoice,
  encodeHello,
  encodeMethods,
  encodeWelcome,
  isRefusal,
  type Reading,
  readChoice,
  readHello,
  readMethods,
  readWelcome,
} from './handshake.ts';
import { decodeMembership, encodeMembership } from './membership.ts';

const seedFirst = Number(process.env['SEED'] ?? 1);
const seedCount = process.env['SEED'] === undefined ? Number(process.env['SEEDS'] ?? 3_000) : 1;
const LIMITS = { groupsMax: 100, bytesMax: 2_000, rejects: true };

function forSeeds(what: (random: Random) => void): void {
  for (let seed = seedFirst; seed < seedFirst + seedCount; seed++) {
    try {
      what(new Random(seed));
    } catch (cause) {
      const command = `SEED=${seed} node --test src/core/spread/fuzz.test.ts`;
      throw new Error(`replay with: ${command}`, { cause });
    }
  }
}

test('frames: any bytes end in frames or in one fault, in whatever pieces they come', () => {
  let frames = 0;
  let faults = 0;
  forSeeds((random) => {
    const bytes = damaged(streamOf(random), random);
    const whole = read([bytes]);
    deepEqual(read(pieces(bytes, random)), whole);
    const last = whole.at(-1);
    faults += last?.startsWith('fault') === true ? 1 : 0;
    frames += whole.length;
  });
  ok(seedCount === 1 || (frames > seedCount && faults > seedCount / 10), `${frames} ${faults}`);
});

test('handshake: any bytes are wanted more of, understood or refused', () => {
  const seen = new Set<string>();
  forSeeds((random) => {
    const bytes = damaged(random.pick(HANDSHAKES)!, random);
    for (const [name, reader] of READERS) {
      const whole = new ByteQueue();
      whole.push(bytes);
      const expected = reader(whole);
      const queue = new ByteQueue();
      let reading: Reading<object> = null;
      for (const piece of pieces(bytes, random)) {
        queue.push(piece);
        reading ??= reader(queue);
      }
      deepEqual(reading, expected);
      const outcome = expected === null ? 'more' : isRefusal(expected) ? 'refused' : 'read';
      seen.add(`${name} ${outcome}`);
      if (isRefusal(expected)) ok(expected.code < 0 && expected.code >= -128);
    }
  });
  if (seedCount > 1) deepEqual(seen.size, 12, [...seen].join(', '));
});

test('memberships: any bytes are sound ones or null', () => {
  let sound = 0;
  forSeeds((random) => {
    const order = random.pick(['little', 'big'] as const)!;
    const gid = new Uint8Array(12);
    const sets = Array.from({ length: random.whole(1, 3) }, () =>
      Array.from({ length: random.whole(0, 3) }, () => name(random)),
    );
    const body = { gid, sets, ownSet: random.whole(0, sets.length - 1) };
    const read = decodeMembership(damaged(encodeMembership(body, order), random), order);
    if (read === null) return;
    sound++;
    ok(read.ownSet >= 0 && read.ownSet < read.sets.length);
  });
  ok(seedCount === 1 || sound > seedCount / 10, `${sound} sound ones`);
});

const READERS: readonly (readonly [string, (queue: ByteQueue) => Reading<object>])[] = [
  ['hello', readHello],
  ['methods', readMethods],
  ['choice', (queue) => readChoice(queue, ['NULL'])],
  ['welcome', readWelcome],
];

const HANDSHAKES: readonly Uint8Array[] = [
  encodeHello({ version: [4, 4, 0], membership: true, priority: 0, user: 'alice' }),
  encodeHello({ version: [3, 14, 0], membership: true, priority: 1, user: '' }),
  encodeMethods(['NULL', 'IP']),
  encodeChoice(['NULL']),
  encodeWelcome({ version: [4, 4, 0], privateName: '#alice#n1' }),
];

function streamOf(random: Random): Uint8Array {
  const frames = Array.from({ length: random.whole(1, 4) }, () => {
    const order: ByteOrder = random.pick(['little', 'big'] as const)!;
    const rejected = random.chance(0.2) ? 0x10 : null;
    return encodeFrame({
      type: random.pick([1, 0x10, 0x50, 0x10000, 0x1100, 0x2000])! | (rejected ? 0x400000 : 0),
      sender: name(random),
      groups: Array.from({ length: random.whole(0, 4) }, () => name(random)),
      messageType: random.whole(-0x8000, 0x7fff),
      dataOrder: random.pick(['little', 'big'] as const)!,
      data: Uint8Array.from({ length: random.whole(0, 100) }, () => random.whole(0, 255)),
      rejected,
      order,
    });
  });
  return Buffer.concat(frames);
}

function name(random: Random): string {
  return random.pick(['chat', '#alice#n1', 'x'.repeat(31), '', 'a-b_c'])!;
}

/** Half of them stay as they are. */
function damaged(sound: Uint8Array, random: Random): Uint8Array {
  const bytes = sound.slice();
  if (random.chance(0.5)) return bytes;
  for (let i = random.whole(1, 3); i > 0; i--) {
    const at = random.whole(0, bytes.length - 1);
    bytes[at] = random.pick([0, 0xff, 0x80, 0x7f, random.whole(0, 255)])!;
  }
  return random.chance(0.3) ? bytes.subarray(0, random.whole(0, bytes.length)) : bytes;
}

function pieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random.pick([1, 2, 7, 48, 1_000])!;
    all.push(bytes.subarray(at, at + size));
    at += size;
  }
  return all;
}

function read(chunks: readonly Uint8Array[]): string[] {
  const reader = new FrameReader(LIMITS);
  const all: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== null; frame = reader.next()) {
      if ('reason' in frame) {
        if (all.at(-1)?.startsWith('fault') !== true) all.push(`fault ${frame.code}`);
        break;
      }
      all.push(JSON.stringify({ ...frame, data: Buffer.from(frame.data).toString('hex') }));
    }
  }
  return all;
}
