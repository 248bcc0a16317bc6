/**
 * Goal: nodes that hear each other know each other; nobody else is believed; the dead are seen to
 * age.
 *
 * Method: real announcers in the simulated world of `announcing.ts`. Judged by what a worker of a
 * node would read, and by the counts of what was ignored.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../src/core/announce/announcement.ts';
import { seeded } from '../src/core/candidacy/candidacy.fixture.ts';
import { NodeState } from '../src/core/candidacy/candidates.ts';
import { hmacSigner } from '../src/node/hmac.ts';
import {
  AnnouncingWorld,
  DESTINATION,
  type NodeOptions,
  type SimulatedNode,
} from './announcing.ts';

async function started(
  world: AnnouncingWorld,
  numbers: readonly number[],
  options: NodeOptions = {},
): Promise<SimulatedNode[]> {
  const nodes = numbers.map((number) => world.node(number, options));
  for (const node of nodes) {
    await node.announcer.start();
    // They do not all start in the same instant.
    world.run(130);
  }
  return nodes;
}

const namesOf = (node: SimulatedNode) => node.known().map(({ name }) => name);
const count = (node: SimulatedNode, what: string) =>
  (node.announcer.counts as ReadonlyMap<string, number>).get(what) ?? 0;

test('five nodes know each other within an interval, themselves first', async () => {
  const world = new AnnouncingWorld();
  const nodes = await started(world, [1, 2, 3, 4, 5]);
  world.run(1_000);
  for (const [index, node] of nodes.entries()) {
    equal(namesOf(node)[0], `web${index + 1}`);
    deepEqual(namesOf(node).toSorted(), ['web1', 'web2', 'web3', 'web4', 'web5']);
    equal(count(node, 'own'), count(nodes[0]!, 'own'), 'the own ones come back and are known');
  }
  const [, web2] = nodes[0]!.known();
  deepEqual([web2?.loadMilli, web2?.address, web2?.cpuCount], [200, '10.0.0.2', 2]);
});

test('a node that dies grows old with the others, and is fresh again when it returns', async () => {
  const world = new AnnouncingWorld();
  const nodes = await started(world, [1, 2, 3, 4, 5]);
  world.run(10_000);
  const ages = () => nodes[0]!.known().map(({ heardMs }) => world.nowMs - heardMs);
  ok(
    ages().every((ageMs) => ageMs <= 1_000),
    `${ages()}`,
  );
  nodes[4]!.announcer.stop();
  world.run(30_000);
  ok(ages()[4]! > 29_000, `the dead one: ${ages()}`);
  ok(
    ages()
      .slice(0, 4)
      .every((ageMs) => ageMs <= 1_000),
    `the others: ${ages()}`,
  );
  await started(world, [5]);
  ok(ages()[4]! <= 1_000, `back: ${ages()}`);
  equal(nodes[0]!.known().length, 5, 'in the same slot');
});

test('a change of state is announced at once, but at most ten times a second', async () => {
  const world = new AnnouncingWorld();
  const [one, other] = (await started(world, [1, 2])) as [SimulatedNode, SimulatedNode];
  world.run(500);
  one.announcer.state = NodeState.draining;
  world.run(0);
  equal(other.known()[1]?.state, NodeState.draining);
  const before = count(other, 'heard');
  for (let i = 0; i < 1_000; i++) {
    one.announcer.state = i % 2 === 0 ? NodeState.up : NodeState.sick;
    world.run(1);
  }
  const announced = count(other, 'heard') - before;
  ok(announced >= 9 && announced <= 11, `${announced} in a second`);
  world.run(1_000);
  equal(other.known()[1]?.state, NodeState.sick);
});

test('what is in flight here is announced, and load peaks reach every node', async () => {
  const world = new AnnouncingWorld();
  const [one, other] = (await started(world, [1, 2])) as [SimulatedNode, SimulatedNode];
  for (const node of [one, other]) node.announcer.arriba = 1_000;
  one.known();
  one.reader.sent(0);
  one.reader.sent(0);
  one.loadMilli = 5_000;
  world.run(2_000);
  equal(other.known()[1]?.inFlight, 2);
  equal(other.known()[0]?.loadHwmMilli, 8_000);
  equal(one.known()[1]?.loadHwmMilli, 8_000);
});

test('a wrong secret, or none, is not believed; the right one is', async () => {
  const world = new AnnouncingWorld();
  const [one, two] = (await started(world, [1, 2], { secret: 'right' })) as SimulatedNode[];
  await started(world, [3], { secret: 'wrong' });
  await started(world, [4], { secret: null });
  world.run(3_000);
  deepEqual(namesOf(one!), ['web1', 'web2']);
  deepEqual(namesOf(two!), ['web2', 'web1']);
  ok(count(one!, 'bad-signature') >= 3 && count(one!, 'unsigned') >= 3);
});

test('a secret can be introduced machine by machine: who has none believes who has', async () => {
  const world = new AnnouncingWorld();
  const [old] = (await started(world, [1])) as [SimulatedNode];
  await started(world, [2], { secret: 'new' });
  world.run(2_000);
  deepEqual(namesOf(old), ['web1', 'web2']);
});

test('what was recorded and is played again changes nothing', async () => {
  const world = new AnnouncingWorld();
  const recorded: Uint8Array[] = [];
  await world.network.host('10.0.0.66')(
    { destinations: [DESTINATION], interfaceAddress: null },
    { onDatagram: (bytes) => recorded.push(bytes.slice()), onProblem: () => undefined },
  );
  const [one, two] = (await started(world, [1, 2], { secret: 'right' })) as SimulatedNode[];
  world.run(5_000);
  two!.announcer.stop();
  world.run(20_000);
  const heardMs = one!.known()[1]?.heardMs;
  const former = recorded.slice();
  ok(former.length >= 10);
  for (const bytes of former) world.network.inject(bytes, '10.0.0.66', '10.0.0.255', 4_445);
  world.run(100);
  equal(one!.known()[1]?.heardMs, heardMs);
  ok(count(one!, 'replayed') >= 5);
  // Restarted, and then all its former life is played again.
  await started(world, [2], { secret: 'right' });
  const bootId = one!.known()[1]?.bootId;
  for (const bytes of former) world.network.inject(bytes, '10.0.0.66', '10.0.0.255', 4_445);
  world.run(100);
  equal(one!.known()[1]?.bootId, bootId);
  ok(count(one!, 'stale-boot') >= 5);
  // A minute later even a node that never heard them is not taken in.
  const fresh = world.node(3, { secret: 'right' });
  world.run(60_000);
  await fresh.announcer.start();
  for (const bytes of former) world.network.inject(bytes, '10.0.0.66', '10.0.0.255', 4_445);
  world.run(0);
  deepEqual(namesOf(fresh), ['web3']);
  ok(count(fresh, 'clock') >= 5);
});

test('a sender outside accept is not believed, whatever it knows', async () => {
  const world = new AnnouncingWorld();
  const [one] = (await started(world, [1], { secret: 'right' })) as [SimulatedNode];
  const sample = sampleOf('right');
  world.network.inject(sample, '192.0.2.9', '10.0.0.1', 4_445);
  world.network.inject(sample, 'not an address', '10.0.0.1', 4_445);
  world.run(10);
  equal(count(one, 'outside'), 2);
  deepEqual(namesOf(one), ['web1']);
});

test('another node with our contact address is refused, and counted as that', async () => {
  const world = new AnnouncingWorld();
  const [one] = (await started(world, [1])) as [SimulatedNode];
  await started(world, [2], { contact: { address: '10.0.0.1', port: 80 } });
  world.run(1_000);
  ok(count(one, 'own-contact') >= 1);
  deepEqual(namesOf(one), ['web1']);
});

test('a flood of garbage is counted, and the cluster goes on', async () => {
  const world = new AnnouncingWorld();
  const [one] = (await started(world, [1, 2, 3], { secret: 'right' })) as [SimulatedNode];
  const random = seeded(3);
  const sample = sampleOf('right');
  for (let i = 0; i < 5_000; i++) {
    const bytes = sample.slice(0, Math.floor(random() * sample.length));
    for (let n = 0; n < 4; n++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
    world.network.inject(bytes, '10.0.0.66', '10.0.0.1', 4_445);
    world.run(1);
  }
  equal(one.known().length, 3);
  ok(one.known().every(({ heardMs }) => world.nowMs - heardMs <= 1_000));
  const refused = ['malformed', 'not-ours', 'version', 'unsigned', 'bad-signature'];
  equal(
    refused.reduce((sum, reason) => sum + count(one, reason), 0),
    5_000,
  );
});

test('more senders than the table holds are refused, and the known ones stay', async () => {
  const world = new AnnouncingWorld();
  const [one] = (await started(world, [1])) as [SimulatedNode];
  for (let port = 1; port <= 100; port++) {
    const sample = sampleOf(null, { port, bootId: 1_000 + port });
    world.network.inject(sample, '10.0.0.66', '10.0.0.1', 4_445);
  }
  world.run(10);
  equal(one.known().length, 64);
  equal(count(one, 'full'), 37);
});

test('half of all lost, the rest late and out of order: nobody looks dead', async () => {
  const world = new AnnouncingWorld();
  const random = seeded(5);
  const nodes = await started(world, [1, 2, 3, 4, 5], { secret: 'right' });
  world.network.faults = {
    loses: (from, to) => from !== to && random() < 0.5,
    delayMs: () => Math.floor(random() * 3_000),
  };
  world.run(60_000);
  let late = 0;
  for (const node of nodes) {
    equal(node.known().length, 5);
    ok(node.known().every(({ heardMs }) => world.nowMs - heardMs < 20_000));
    late += count(node, 'late');
  }
  ok(late > 10, `${late} were late: the faults must have been on`);
});

test('clocks that differ do no harm without a secret', async () => {
  const world = new AnnouncingWorld();
  const [one] = (await started(world, [1])) as [SimulatedNode];
  await started(world, [2], { clockMs: -86_400_000 });
  await started(world, [3], { clockMs: 86_400_000 });
  world.run(5_000);
  ok(one.known().every(({ heardMs }) => world.nowMs - heardMs <= 1_000));
  equal(one.known().length, 3);
});

/** An announcement of a node that is not in the world, as its bytes. */
function sampleOf(
  secret: string | null,
  other: { port?: number; bootId?: number } = {},
): Uint8Array {
  const announcement = {
    name: 'stranger',
    address: '10.0.0.99',
    port: 80,
    bootId: 999,
    sequence: 1,
    sentMs: 1_000_000,
    intervalMs: 1_000,
    state: NodeState.up,
    loadMilli: 0,
    loadPeakMilli: 0,
    cpuIdleMilli: 1_000,
    cpuCount: 1,
    arriba: 0,
    memoryTotalMb: 0,
    memoryAvailableMb: 0,
    capacity: 0,
    inFlight: 0,
    ...other,
  };
  return encode(announcement, hmacSigner(secret));
}
