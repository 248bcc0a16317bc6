/**
 * Goal: whatever a client sends, its own session ends or goes on, and nobody else's notices; and
 * whatever a member of the daemons' group sends, no daemon stops.
 *
 *     SEED=123 node --test src/core/spread/server/fuzz.test.ts     replays one
 *     SEEDS=50000 node --test src/core/spread/server/fuzz.test.ts  searches for longer
 */
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../../sim/ring/random.ts';
import { IdealMember } from '../../../../sim/spread/ideal-group.ts';
import { SpreadWorld, textOf } from '../../../../sim/spread/spread-world.ts';
import { encodeFrame, type Frame } from '../frame.ts';
import { encodeChoice, encodeHello } from '../handshake.ts';
import { encode, stateParts } from './daemon-message.ts';

const seedFirst = Number(process.env['SEED'] ?? 1);
const seedCount = process.env['SEED'] === undefined ? Number(process.env['SEEDS'] ?? 1_500) : 1;
const ATTACKER = 7;

function forSeeds(what: (random: Random) => void): void {
  for (let seed = seedFirst; seed < seedFirst + seedCount; seed++) {
    try {
      what(new Random(seed));
    } catch (cause) {
      const command = `SEED=${seed} node --test src/core/spread/server/fuzz.test.ts`;
      throw new Error(`replay with: ${command}`, { cause });
    }
  }
}

test('SpreadServer harms nobody whatever a client sends', () => {
  const ends = new Map<string, number>();
  forSeeds((random) => {
    const world = new SpreadWorld(random);
    const [n1, n2] = [world.start('n1'), world.start('n2')];
    world.connect([n1, n2]);
    const watchers = [world.client(n1, 'watch'), world.client(n2, 'watch')];
    for (const watcher of watchers) watcher.join('room');
    world.group.settle();
    let ended = 'open';
    const send = (bytes: Uint8Array): void => {
      for (const effect of n1.server.step({ kind: 'received', session: ATTACKER, bytes })) {
        if (effect.kind === 'send') n1.place.send(effect.bytes);
        if (effect.kind === 'close') ended = String(effect.code);
      }
    };
    n1.step({ kind: 'opened', nowMs: 0, session: ATTACKER, allowed: true });
    const bytes = damaged(conversation(random), random);
    for (let at = 0; at < bytes.length; ) {
      const size = random.pick([1, 48, 500, 5_000])!;
      send(bytes.subarray(at, at + size));
      at += size;
    }
    n1.step({ kind: 'turn' });
    world.group.settle();
    n1.step({ kind: 'closed', session: ATTACKER });
    watchers[0]!.say('room', 'still here');
    world.group.settle();
    for (const watcher of watchers) {
      const last = watcher.events.findLast((event) => event.kind === 'message');
      ok(last?.kind === 'message' && textOf(last.bytes) === 'still here');
      equal(watcher.closed, null);
    }
    ends.set(ended, (ends.get(ended) ?? 0) + 1);
  });
  if (seedCount > 100) {
    for (const end of ['open', '-5', '-9', '-11', '-12', '-13', '-14', '-17']) {
      ok(ends.has(end), `none ended with ${end}: ${[...ends.keys()]}`);
    }
  }
});

test('SpreadServer goes on whatever a member of its group sends', () => {
  let reports = 0;
  forSeeds((random) => {
    const world = new SpreadWorld(random);
    const n1 = world.start('n1');
    const watch = world.client(n1, 'watch');
    watch.join('room');
    world.group.settle();
    const rogue = new IdealMember({ name: 'n2', bootId: 1 }, () => undefined);
    world.group.add(rogue);
    world.group.connect([[n1.place, rogue]]);
    const view = { epoch: random.pick([1, 2, 2, 2, 2])!, proposer: 'n1' };
    const members = new Map([['room', ['watch', 'x']]]);
    for (let i = random.whole(1, 4); i > 0; i--) {
      const said = random.pick([
        encode({ view, message: random.pick(stateParts(['n2'], members))! }),
        encode({ view, message: { kind: 'held', count: random.whole(0, 9) } }),
        encode({ view, message: { kind: 'stream', bytes: conversation(random) } }),
      ])!;
      rogue.send(damaged(said, random));
    }
    world.group.settle();
    watch.say('room', 'still here', { service: 0x20 });
    world.connect([n1]);
    world.group.settle();
    const last = watch.events.findLast((event) => event.kind === 'message');
    ok(last?.kind === 'message' && textOf(last.bytes) === 'still here');
    reports += n1.reports.length;
  });
  ok(seedCount === 1 || reports > seedCount / 20, `${reports} reports`);
});

/** A whole session, as a client would have it; rarely a wrong one. */
function conversation(random: Random): Uint8Array {
  const user = random.pick(['bad', 'bad', 'bad', '', 'a b'])!;
  const parts = [
    encodeHello({ version: [4, 4, 0], membership: true, priority: 0, user }),
    encodeChoice(random.pick([['NULL'], ['NULL'], ['NULL'], [], ['PASS']])!),
  ];
  for (let i = random.whole(1, 6); i > 0; i--) parts.push(encodeFrame(frame(random)));
  return Buffer.concat(parts);
}

function frame(random: Random): Frame {
  const type = random.pick([0x10000, 0x20000, 0x40000, 1, 8, 0x10, 0x20, 0x60, 0x30])!;
  const group = random.pick(['room', 'other', '#watch#n1', '#bad#n1', 'room', 'a b'])!;
  const isMulticast = type < 0x10000;
  return {
    type,
    sender: random.pick(['#bad#n1', '#bad#n1', '#bad#n1', '#bad#n1', '#watch#n1'])!,
    groups: isMulticast ? [group, 'room'] : [type === 0x40000 ? '#bad#n1' : group],
    messageType: random.whole(-0x8000, 0x7fff),
    dataOrder: random.pick(['little', 'big'] as const)!,
    data: new Uint8Array(isMulticast ? random.pick([0, 1, 1_000])! : 0),
    rejected: null,
    order: random.pick(['little', 'big'] as const)!,
  };
}

/** A third of them stay as they are. */
function damaged(sound: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(sound);
  if (random.chance(0.33)) return bytes;
  for (let i = random.whole(1, 3); i > 0; i--) {
    const at = random.whole(0, bytes.length - 1);
    bytes[at] = random.pick([0, 0xff, 0x80, 0x7f, random.whole(0, 255)])!;
  }
  return random.chance(0.2) ? bytes.subarray(0, random.whole(0, bytes.length)) : bytes;
}
