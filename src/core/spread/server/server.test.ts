/** What clients of one and of several daemons hear, over a group that keeps its promises. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../../sim/ring/random.ts';
import { type SimClient, SpreadWorld } from '../../../../sim/spread/spread-world.ts';
import { encodeFrame, type Frame } from '../frame.ts';
import { encodeHello } from '../handshake.ts';
import { DEFAULT_SPREAD_LIMITS } from './server-events.ts';

function two() {
  const world = new SpreadWorld(new Random(1));
  const [n1, n2] = [world.start('n1'), world.start('n2')];
  world.connect([n1, n2]);
  world.group.settle();
  return { world, n1, n2 };
}

/** What was heard since the last time. */
function news(world: SpreadWorld, client: SimClient): string[] {
  world.group.settle();
  const heard = client.heard;
  client.events.length = 0;
  return heard;
}

test('SpreadServer gives a private name, and refuses a second of it until all know it has gone', () => {
  const { world, n1, n2 } = two();
  const alice = world.client(n1, 'alice');
  deepEqual(news(world, alice), ['connected #alice#n1']);
  deepEqual(world.client(n1, 'alice').heard, ['lost -6']);
  deepEqual(world.client(n2, 'alice').heard, ['connected #alice#n2']);
  n1.cut(alice);
  deepEqual(world.client(n1, 'alice').heard, ['lost -6']);
  world.group.settle();
  deepEqual(world.client(n1, 'alice').heard, ['connected #alice#n1']);
});

test('SpreadServer makes a name up when there is none', () => {
  const { world, n1 } = two();
  deepEqual(world.client(n1, '').heard, ['connected #r1#n1']);
  deepEqual(world.client(n1, 'r2').heard, ['connected #r2#n1']);
  deepEqual(world.client(n1, '').heard, ['connected #r3#n1']);
});

test('SpreadServer refuses whom the rules do not allow, and more sessions than there may be', () => {
  const world = new SpreadWorld(new Random(1));
  const n1 = world.start('n1', { ...DEFAULT_SPREAD_LIMITS, sessionsMax: 1 });
  const stranger = world.client(n1, 'a', { allowed: false });
  deepEqual(stranger.heard, ['lost -9']);
  equal(stranger.closed, '-9 the daemon does not let us in');
  world.client(n1, 'a');
  deepEqual(world.client(n1, 'b').heard, ['lost -3']);
});

test('SpreadServer has room for those it knows, however many strangers say nothing', () => {
  const world = new SpreadWorld(new Random(1));
  const n1 = world.start('n1', { ...DEFAULT_SPREAD_LIMITS, sessionsMax: 2 });
  const effects = [1, 2, 3].flatMap((session) => {
    const opened = { kind: 'opened', nowMs: 0, session: 1_000 + session, allowed: false } as const;
    return n1.server.step(opened).filter(({ kind }) => kind === 'close');
  });
  equal(effects.length, 1);
  deepEqual(world.client(n1, 'a').heard, ['connected #a#n1']);
});

test('SpreadServer tells members who joins, leaves and disconnects', () => {
  const { world, n1, n2 } = two();
  const [alice, bob] = [world.client(n1, 'alice'), world.client(n2, 'bob')];
  const mute = world.client(n2, 'mute', { membership: false });
  for (const client of [alice, bob, mute]) news(world, client);
  alice.join('chat');
  deepEqual(news(world, alice), ['join chat: #alice#n1']);
  bob.join('chat');
  deepEqual(news(world, alice), ['join chat: #alice#n1 #bob#n2']);
  mute.join('chat');
  const three = '#alice#n1 #bob#n2 #mute#n2';
  deepEqual(news(world, bob), ['join chat: #alice#n1 #bob#n2', `join chat: ${three}`]);
  deepEqual(news(world, mute), []);
  const [event] = alice.events;
  ok(event?.kind === 'membership');
  deepEqual([event.selfIndex, event.sets, event.ownSet], [0, [['#mute#n2']], 0]);
  alice.events.length = 0;
  bob.join('chat');
  mute.leave('elsewhere');
  deepEqual(news(world, alice), []);
  mute.leave('chat');
  deepEqual(news(world, mute), []);
  bob.leave('chat');
  deepEqual(news(world, bob), ['leave chat: #alice#n1 #bob#n2', 'left chat']);
  deepEqual(news(world, alice), ['leave chat: #alice#n1 #bob#n2', 'leave chat: #alice#n1']);
  bob.join('chat');
  news(world, alice);
  bob.quit();
  deepEqual(news(world, alice), ['disconnect chat: #alice#n1']);
});

test('SpreadServer gives each receiver one copy, of whatever service and to however many', () => {
  const { world, n1, n2 } = two();
  const [alice, bob] = [world.client(n1, 'alice'), world.client(n2, 'bob')];
  const carol = world.client(n2, 'carol', { membership: false });
  for (const group of ['a', 'b']) {
    alice.join(group);
    bob.join(group);
  }
  carol.join('b');
  for (const client of [alice, bob, carol]) news(world, client);
  for (const service of [1, 2, 4, 8, 0x10, 0x20]) {
    alice.say('a', 'x', { service });
    deepEqual(news(world, alice), ['#alice#n1 a: x'], `${service}`);
    deepEqual(news(world, bob), ['#alice#n1 a: x']);
  }
  carol.say(['a', 'b', '#bob#n2', '#alice#n1'], 'all');
  const all = ['#carol#n2 a,b,#bob#n2,#alice#n1: all'];
  for (const client of [alice, bob, carol]) deepEqual(news(world, client), all);
  bob.say(['a', 'b', 'nobody', '#carol#n2', '#nobody#n9'], 'no copy', { selfDiscard: true });
  deepEqual(news(world, bob), []);
  equal(news(world, carol).length, 1);
  equal(news(world, alice).length, 1);
  // No member, and still it may send.
  carol.say('a', 'from outside');
  deepEqual(news(world, alice), ['#carol#n2 a: from outside']);
});

test('SpreadServer carries what is longer than a message of the group', () => {
  const { world, n1, n2 } = two();
  const [alice, bob] = [world.client(n1, 'alice'), world.client(n2, 'bob')];
  bob.join('a');
  news(world, bob);
  const bytes = new Uint8Array(143_120).map((_, i) => i % 251);
  for (let i = 0; i < 3; i++) alice.say('a', '', { bytes, type: i });
  world.group.settle();
  deepEqual(
    bob.events.map((event) => event.kind === 'message' && [event.type, event.bytes.length]),
    [0, 1, 2].map((i) => [i, 143_120]),
  );
  const [first] = bob.events;
  ok(first?.kind === 'message');
  deepEqual(first.bytes, bytes);
});

test('SpreadServer gives its group no more messages than that keeps', () => {
  const { world, n1, n2 } = two();
  const [alice, bob] = [world.client(n1, 'alice'), world.client(n2, 'bob')];
  bob.join('a');
  news(world, bob);
  // Each in a turn of its own.
  for (let i = 0; i < 1_000; i++) alice.say('a', String(i));
  equal(n1.place.outbox.length, 256);
  world.group.settle();
  equal(bob.events.length, 1_000);
});

test('SpreadServer hands data on in the byte order it was written in', () => {
  const { world, n1, n2 } = two();
  const [alice, bob] = [world.client(n1, 'alice'), world.client(n2, 'bob')];
  bob.join('a');
  news(world, bob);
  n1.receive(alice, clientFrame({ order: 'big', dataOrder: 'big', messageType: 258 }));
  world.group.settle();
  const [event] = bob.events;
  ok(event?.kind === 'message');
  deepEqual([event.type, event.swapped], [258, true]);
});

test('SpreadServer says who is gone and who comes along when the network parts and heals', () => {
  const world = new SpreadWorld(new Random(3));
  const [n1, n2, n3] = [world.start('n1'), world.start('n2'), world.start('n3')];
  world.connect([n1, n2], [n3]);
  const [w1, w2] = [world.client(n1, 'w1'), world.client(n2, 'w2')];
  const w3 = world.client(n3, 'w3');
  for (const client of [w1, w2, w3]) {
    client.join('chat');
    world.group.settle();
    client.events.length = 0;
  }
  w1.events.length = 0;
  world.connect([n1, n2, n3]);
  const all = '#w1#n1 #w2#n2 #w3#n3';
  for (const client of [w1, w2, w3]) {
    deepEqual(news(world, client), [`network #w1#n1+#w2#n2 #w3#n3 chat: ${all}`]);
  }
  world.connect([n1], [n2, n3]);
  deepEqual(news(world, w1), ['transition chat', 'network #w1#n1 chat: #w1#n1']);
  const rest = ['transition chat', 'network #w2#n2+#w3#n3 chat: #w2#n2 #w3#n3'];
  deepEqual(news(world, w2), rest);
  deepEqual(news(world, w3), rest);
  w1.say('chat', 'alone');
  w3.say('chat', 'together');
  deepEqual(news(world, w1), ['#w1#n1 chat: alone']);
  deepEqual(news(world, w2), ['#w3#n3 chat: together']);
});

test('SpreadServer says the same gid to all members, and another one at each change', () => {
  const { world, n1, n2 } = two();
  const [alice, bob] = [world.client(n1, 'alice'), world.client(n2, 'bob')];
  alice.join('chat');
  world.group.settle();
  bob.join('chat');
  world.group.settle();
  world.connect([n1], [n2]);
  world.connect([n1, n2]);
  world.group.settle();
  const gids = [alice, bob].map((client) =>
    client.events.flatMap((event) =>
      event.kind === 'membership'
        ? [`${event.members} ${Buffer.from(event.gid).toString('hex')}`]
        : [],
    ),
  );
  equal(new Set(gids[0]).size, gids[0]!.length);
  equal(gids[0]!.at(-1), gids[1]!.at(-1));
  equal(gids[0]![1], gids[1]![0]);
  const transitions = alice.events.flatMap((event) => (event.kind === 'transition' ? [event] : []));
  equal(gids[0]![1]?.endsWith(Buffer.from(transitions[0]!.gid).toString('hex')), true);
});

test('SpreadServer ends the session of whoever sends what is not legal, and no other', () => {
  const table: [string, Uint8Array, number][] = [
    ['no service', clientFrame({ type: 0 }), -12],
    ['two services', clientFrame({ type: 0x30 }), -12],
    ['only the tag', clientFrame({ type: 0x40 }), -12],
    ['a membership', clientFrame({ type: 0x1000 }), -12],
    ['beyond all bits', clientFrame({ type: 0x100000 }), -12],
    ['join and leave', clientFrame({ type: 0x30000 }), -12],
    ['a join with a service', clientFrame({ type: 0x10010 }), -12],
    ['a reject', clientFrame({ type: 0x400010, rejected: 0x10 }), -12],
    ['somebody else', clientFrame({ sender: '#bob#n2' }), -11],
    ['nobody', clientFrame({ sender: '' }), -11],
    ['an empty group', clientFrame({ groups: [''] }), -14],
    ['to join a session', clientFrame({ type: 0x10000, groups: ['#bob#n2'] }), -14],
    ['to join two groups', clientFrame({ type: 0x10000, groups: ['a', 'b'] }), -14],
    ['to join none', clientFrame({ type: 0x10000, groups: [] }), -14],
    ['a join with data', clientFrame({ type: 0x10000, data: new Uint8Array(1) }), -13],
    ['to kill another', clientFrame({ type: 0x40000, groups: ['#bob#n2'] }), -14],
    ['half a private name', clientFrame({ groups: ['#bob'] }), -14],
  ];
  for (const [what, bytes, code] of table) {
    const { world, n1, n2 } = two();
    const [alice, bob] = [world.client(n1, 'alice'), world.client(n2, 'bob')];
    const carol = world.client(n1, 'carol');
    for (const client of [alice, bob, carol]) client.join('a');
    world.group.settle();
    n1.receive(alice, bytes);
    equal(alice.closed?.split(' ')[0], String(code), `${what}: ${alice.closed}`);
    deepEqual(news(world, bob).at(-1), 'disconnect a: #carol#n1 #bob#n2', what);
    carol.say('a', 'on');
    deepEqual(news(world, bob), ['#carol#n1 a: on'], what);
  }
});

test('SpreadServer speaks as older libraries want it', () => {
  const { world, n1 } = two();
  const old = world.client(n1, '');
  n1.cut(old);
  const written: number[] = [];
  n1.server.step({ kind: 'opened', nowMs: 0, session: 7, allowed: true });
  const hello = encodeHello({ version: [3, 14, 0], membership: true, priority: 0, user: 'old' });
  for (const effect of n1.server.step({ kind: 'received', session: 7, bytes: hello })) {
    if (effect.kind === 'write') written.push(...effect.bytes);
  }
  equal(Buffer.from(written).toString('latin1'), '\x01\x04\x04\0\x07#old#n1');
});

test('SpreadServer ends what says nothing, and who does not read', () => {
  const world = new SpreadWorld(new Random(1));
  const n1 = world.start('n1', { ...DEFAULT_SPREAD_LIMITS, sessionMessagesMax: 10 });
  const [reader, sleeper] = [world.client(n1, 'reader'), world.client(n1, 'sleeper')];
  sleeper.join('a');
  world.group.settle();
  n1.reads = false;
  for (let i = 0; i < 12; i++) reader.say('a', 'x');
  world.group.settle();
  equal(sleeper.closed, null);
  n1.step({ kind: 'tick', nowMs: 0 });
  equal(sleeper.closed, null, 'it has just begun');
  n1.step({ kind: 'tick', nowMs: 1_000 });
  equal(sleeper.closed, '-8 it does not read: 12 messages wait');
  equal(reader.closed, null);
  n1.step({ kind: 'opened', nowMs: 0, session: 7, allowed: true });
  n1.step({ kind: 'tick', nowMs: 5_000 });
  equal(n1.server.step({ kind: 'tick', nowMs: 5_001 }).length, 1);
  equal(n1.server.step({ kind: 'tick', nowMs: 5_002 }).length, 0);
});

test('SpreadServer bounds the memory of all who do not read', () => {
  const world = new SpreadWorld(new Random(1));
  const limits = { sessionsMax: 9, sessionMessagesMax: 1_000, sessionBytesMax: 1_000_000 };
  const n1 = world.start('n1', { ...limits, bytesMax: 8_000 });
  const sleepers = ['s1', 's2', 's3'].map((user) => world.client(n1, user));
  const sender = world.client(n1, 'sender');
  sleepers[1]!.join('b');
  for (const sleeper of sleepers) sleeper.join('a');
  world.group.settle();
  n1.reads = false;
  sender.say('b', 'x'.repeat(3_000));
  for (let i = 0; i < 3; i++) sender.say('a', 'x'.repeat(1_000));
  world.group.settle();
  deepEqual(
    sleepers.map(({ closed }) => closed?.slice(0, 2) ?? null),
    [null, '-8', null],
  );
});

test('SpreadServer counts once what many are about to read', () => {
  const world = new SpreadWorld(new Random(1));
  const n1 = world.start('n1', { ...DEFAULT_SPREAD_LIMITS, bytesMax: 30_000 });
  const clients = Array.from({ length: 20 }, (_, i) => world.client(n1, `c${i}`));
  for (const client of clients) client.join('a');
  world.group.settle();
  n1.reads = false;
  for (let i = 0; i < 4; i++) clients[0]!.say('a', 'x'.repeat(1_000));
  world.group.settle();
  equal(n1.server.status().sessions.length, 20);
  // And all of it until the last one has read it.
  for (const { id } of clients.slice(1)) n1.step({ kind: 'written', session: id, count: 4 });
  for (let i = 0; i < 20; i++) clients[1]!.say('#c0#n1', 'x'.repeat(1_000));
  world.group.settle();
  equal(clients[0]!.closed?.slice(0, 2), '-8');
});

test('SpreadServer gives a join back when there are too many already', () => {
  const { world, n1 } = two();
  const alice = world.client(n1, 'alice');
  for (let i = 0; i < 8_001; i++) alice.join(`g${i}`);
  deepEqual(
    news(world, alice).filter((line) => line.startsWith('rejected')),
    ['rejected 256 g8000'],
  );
  alice.leave('g0');
  world.group.settle();
  alice.join('again');
  deepEqual(news(world, alice).at(-1), 'join again: #alice#n1');
  // It takes several messages to say all that to somebody new.
  const n3 = world.start('n3');
  world.connect(world.nodes);
  world.group.settle();
  equal(n3.server.status().groups.length, 8_000);
  deepEqual(n3.server.status().daemons, ['n1', 'n2', 'n3']);
});

test('SpreadServer stops reading while the group takes nothing', () => {
  const { world, n1 } = two();
  const alice = world.client(n1, 'alice');
  const bytes = new Uint8Array(100_000);
  for (let i = 0; i < 20; i++) alice.say('a', '', { bytes });
  equal(n1.reading, false);
  world.group.settle();
  equal(n1.reading, true);
});

function clientFrame(changed: Partial<Frame>): Uint8Array {
  return encodeFrame({
    type: 0x10,
    sender: '#alice#n1',
    groups: ['a'],
    messageType: 0,
    dataOrder: 'little',
    data: new Uint8Array(0),
    rejected: null,
    order: 'little',
    ...changed,
  });
}
