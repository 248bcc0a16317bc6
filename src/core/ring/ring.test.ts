/** Scenarios of a few rings: views, order, losses. `sim/ring/` tries what nobody thought of. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Codec } from './codec.ts';
import { MESSAGE_BYTES_MAX } from './group.ts';
import { MemoryNetwork, type MemoryNode, text } from './memory-network.ts';
import type { Packet } from './packet.ts';
import { PROFILES } from './timing.ts';

/** A network that cuts these two groups apart. */
function partition(network: MemoryNetwork, side: readonly MemoryNode[]): void {
  network.passes = (from, to) => side.includes(from) === side.includes(to);
}

function kindOf(bytes: Uint8Array): Packet['kind'] | undefined {
  const datagram = new Codec('site', 0).decode(bytes);
  return typeof datagram === 'string' ? undefined : datagram.packet.kind;
}

test('Ring makes one view of nodes that start together, whatever the profile', () => {
  for (const timing of Object.values(PROFILES)) {
    const network = new MemoryNetwork(timing);
    const nodes = network.gather(12);
    for (const node of nodes) deepEqual(node.viewNames, ['a b c d e f g h i j k l']);
    deepEqual(
      nodes.map(({ views }) => views[0]!.selfIndex),
      nodes.map((_, index) => index),
    );
    // Nobody comes from an old view, so nobody comes along.
    deepEqual(nodes[3]!.views[0]!.together, [3]);
  }
});

test('Ring is alone after a silence when nobody is there', () => {
  const network = new MemoryNetwork();
  const node = network.start('a');
  network.run(199);
  deepEqual(node.views, []);
  network.run(2);
  deepEqual(node.viewNames, ['a']);
});

test('Ring delivers to all in one order, to the sender too', () => {
  const network = new MemoryNetwork();
  const nodes = network.gather(4);
  for (let round = 0; round < 5; round++) {
    for (const node of nodes) network.send(node, `${node.member.name}${round}`);
    network.run(1);
  }
  network.run(20);
  equal(nodes[0]!.messages.length, 20);
  for (const node of nodes) deepEqual(node.messages, nodes[0]!.messages);
});

test('Ring delivers after two ways across the network when nothing is lost', () => {
  const network = new MemoryNetwork();
  const [a, b] = network.gather(2);
  network.send(a!, 'hello');
  network.run(3);
  deepEqual([a!.messages, b!.messages], [['0:hello'], ['0:hello']]);
});

test('Ring acknowledges in few rounds what many say at about the same time', () => {
  const network = new MemoryNetwork();
  const nodes = network.gather(12);
  for (const { effects } of nodes) effects.length = 0;
  for (const node of nodes) {
    network.send(node, 'hello');
    network.run(1);
  }
  network.run(20);
  for (const { messages } of nodes) equal(messages.length, 12);
  const sent = nodes.flatMap(({ effects }) => effects);
  const acks = sent.filter((one) => one.kind === 'transmit' && kindOf(one.bytes) === 'ack');
  ok(acks.length <= 5 * 12 * 11, `${acks.length}: five rounds, and not one for each message`);
});

test('Ring carries the longest message, and refuses a longer one', () => {
  const network = new MemoryNetwork();
  const [a, b] = network.gather(2);
  const long = new Uint8Array(MESSAGE_BYTES_MAX).map((_, i) => i % 251);
  network.send(a!, long);
  network.send(a!, new Uint8Array(MESSAGE_BYTES_MAX + 1));
  network.send(a!, new Uint8Array());
  network.run(50);
  const messages = b!.events.flatMap((e) => (e.kind === 'message' ? [e.bytes] : []));
  deepEqual(messages, [long, new Uint8Array()]);
  ok(a!.reports.includes('a message of 65537 bytes was refused: too long'));
});

test('Ring takes a silent member out after the silence and a few messages', () => {
  const network = new MemoryNetwork(PROFILES.fast);
  const [a, b, c] = network.gather(3);
  c!.running = false;
  network.run(PROFILES.fast.silenceMs + PROFILES.fast.heartbeatMs);
  for (const node of [a!, b!]) {
    deepEqual(node.viewNames, ['a b c', 'a b']);
    deepEqual(node.views[1]!.together, [0, 1]);
  }
});

test('Ring takes a member out at once when its kernel says it died', () => {
  const network = new MemoryNetwork();
  const nodes = network.gather(3);
  const [a, b, c] = nodes;
  c!.running = false;
  for (const node of [a!, b!]) network.step(node, { kind: 'died', member: c!.member });
  network.run(10);
  for (const node of [a!, b!]) deepEqual(node.viewNames, ['a b c', 'a b']);
});

test('Ring takes a member out at once when it leaves', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  network.step(a!, { kind: 'leave' });
  network.run(10);
  for (const node of [b!, c!]) deepEqual(node.viewNames, ['a b c', 'b c']);
  ok(b!.reports.includes('a is gone: it leaves'));
  deepEqual(a!.viewNames, ['a b c']);
});

test('Ring goes on when the leader is the one that is lost', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  a!.running = false;
  network.run(260);
  for (const node of [b!, c!]) deepEqual(node.viewNames, ['a b c', 'b c']);
});

test('Ring lets a restarted member in as another member of the same name', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  c!.running = false;
  network.run(20);
  const again = network.start('c');
  network.run(1_000);
  const members = a!.views.at(-1)!.members;
  deepEqual(members, [a!.member, b!.member, again.member]);
  deepEqual(again.views.at(-1)!.together, [2]);
  deepEqual(a!.views.at(-1)!.together, [0, 1]);
});

test('Ring lets in a member that was started again a hundred times', () => {
  const network = new MemoryNetwork(PROFILES.fast);
  const [a] = network.gather(2);
  for (let i = 0; i < 150; i++) {
    const b = network.nodes.at(-1)!;
    b.running = false;
    network.run(10);
    network.nodes.pop();
    network.start('b');
    network.run(100);
  }
  deepEqual(a!.views.at(-1)!.members, [a!.member, network.nodes.at(-1)!.member]);
  ok(a!.views.length >= 150);
});

test('Ring merges the two sides of a partition', () => {
  const network = new MemoryNetwork();
  const [a, b, c, d] = network.gather(4);
  partition(network, [a!, b!]);
  network.run(1_000);
  network.passes = () => true;
  network.run(1_000);
  deepEqual(a!.viewNames, ['a b c d', 'a b', 'a b c d']);
  deepEqual(d!.viewNames, ['a b c d', 'c d', 'a b c d']);
  deepEqual(b!.views[2]!.together, [0, 1]);
  deepEqual(c!.views[2]!.together, [2, 3]);
  deepEqual(a!.views[2]!.id, d!.views[2]!.id);
});

test('Ring has no view with two members that hear each other one way only', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  network.passes = (from, to) => !(from === b && to === c);
  network.run(2_000);
  deepEqual(a!.viewNames, ['a b c', 'a b']);
  deepEqual(b!.viewNames, ['a b c', 'a b']);
  deepEqual(c!.viewNames, ['a b c', 'c']);
  ok(b!.reports.includes('c is gone: it does not hear us'));
});

test('Ring settles when neighbours hear each other in a row', () => {
  const network = new MemoryNetwork();
  const order = 'abcd';
  const place = (node: MemoryNode): number => order.indexOf(node.member.name);
  network.passes = (from, to) => Math.abs(place(from) - place(to)) <= 1;
  const nodes = network.gather(4);
  network.run(3_000);
  const counts = nodes.map(({ views }) => views.length);
  network.run(3_000);
  deepEqual(
    nodes.map(({ viewNames }) => viewNames.at(-1)),
    ['a b', 'a b', 'c d', 'c d'],
  );
  deepEqual(
    nodes.map(({ views }) => views.length),
    counts,
    'and stays so',
  );
});

test('Ring asks those who follow a leader that it does not hear once, not each in its turn', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(8);
  const cut = new Set([a, c]);
  let refusals = 0;
  network.passes = (from, to, bytes) => {
    if (kindOf(bytes) === 'refuse') refusals++;
    return !(cut.has(from) && cut.has(to));
  };
  network.run(10_000);
  equal(b!.viewNames.at(-1), 'a b d e f g h');
  equal(c!.viewNames.at(-1), 'c');
  ok(refusals <= 5, `${refusals} refusals: one of each would do`);
});

test('Ring takes along who came into a view that it has not heard of before its leader died', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(4);
  network.passes = (from, to, bytes) => from !== a || to !== b || kindOf(bytes) !== 'install';
  network.start('e');
  while (c!.viewNames.at(-1) !== 'a b c d e') network.run(1);
  // Until the others have said where they are; b asks for its install in vain.
  network.run(2 * PROFILES.lan.heartbeatMs);
  equal(b!.viewNames.at(-1), 'a b c d');
  a!.running = false;
  for (const node of network.nodes) {
    if (node !== a) network.step(node, { kind: 'died', member: a!.member });
  }
  network.run(1_000);
  equal(b!.viewNames.at(-1), 'b c d e');
  deepEqual(c!.viewNames.slice(-2), ['a b c d e', 'b c d e'], 'nobody is left out on the way');
});

test('Ring delivers what a lost member had sent to all who go on, or to none', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  // c's message reaches b only, and then c is gone: a gets it from b.
  network.passes = (from, to) => !(from === c && to === a);
  network.send(c!, 'last words');
  network.run(2);
  c!.running = false;
  network.run(1_000);
  for (const node of [a!, b!]) deepEqual(node.messages, ['2:last words']);
  const kinds = a!.events.map(({ kind }) => kind);
  deepEqual(kinds, ['view', 'blocked', 'message', 'view']);
});

test('Ring delivers what was sent before blocked in that view, and the rest in the next', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  c!.running = false;
  for (let i = 0; i < 300; i++) network.send(a!, new Uint8Array(1_000).fill(i % 256));
  network.run(150);
  network.passes = (from, to, bytes) => from !== a || to !== b || kindOf(bytes) !== 'install';
  network.run(100);
  equal(a!.events.at(-1)!.kind, 'view', 'a is there');
  equal(b!.events.at(-1)!.kind, 'blocked', 'b is told nothing yet');
  network.send(b!, 'too late');
  network.passes = () => true;
  network.run(1_000);
  for (const node of [a!, b!]) {
    const kinds = node.events.map(({ kind }) => kind).join(' ');
    equal(kinds, `view blocked ${'message '.repeat(300)}view message`);
  }
});

test('Ring says that it stalled before anything else, and comes back', () => {
  const network = new MemoryNetwork();
  const [a, b] = network.gather(2);
  b!.running = false;
  network.run(5_000);
  b!.running = true;
  const before = b!.events.length;
  network.run(1_000);
  deepEqual(
    b!.events.slice(before).map(({ kind }) => kind),
    ['stalled', 'view'],
  );
  deepEqual(a!.viewNames, ['a b', 'a', 'a b']);
  deepEqual(b!.viewNames, ['a b', 'a b'], 'nobody saw it alone');
});

test('Ring is alone at once when its own link is down, and comes back', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  network.passes = (from, to) => from !== c && to !== c;
  network.step(c!, { kind: 'link', up: false });
  network.run(0);
  deepEqual(c!.viewNames, ['a b c', 'c']);
  network.run(500);
  network.passes = () => true;
  network.step(c!, { kind: 'link', up: true });
  network.run(1_000);
  for (const node of [a!, b!]) deepEqual(node.viewNames, ['a b c', 'a b', 'a b c']);
  deepEqual(c!.viewNames, ['a b c', 'c', 'a b c']);
});

test('Ring keeps the younger of two members of one name out until the older one is gone', () => {
  const network = new MemoryNetwork();
  const [a, b] = network.gather(2);
  network.run(2_000);
  const double = network.start('b', 'elsewhere:4803');
  network.run(2_000);
  deepEqual(a!.viewNames, ['a b']);
  deepEqual(double.views, []);
  ok(double.reports.includes('another b is in the group: we stay out'));
  b!.running = false;
  network.run(1_000);
  deepEqual(a!.views.at(-1)!.members, [a!.member, double.member]);
});

test('Ring looks for who is silent, ever more seldom, and for who does not hear it', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  const sought = (from: number): string[] => {
    return a!.effects.slice(from).flatMap((one) => (one.kind === 'seek' ? [one.at] : []));
  };
  deepEqual(sought(0), []);
  network.passes = (from, to) => from !== b && to !== b;
  network.run(1_100);
  const early = sought(0);
  ok(early.length >= 6 && early.length <= 10, `${early.length} in the first second`);
  ok(early.every((at) => at === b!.at));
  const before = a!.effects.length;
  network.run(5_000);
  const late = sought(before).length;
  ok(late >= 10 && late <= 25, `${late} in the next five`);

  network.passes = (from, to) => !(from === a && to === b);
  network.run(200);
  const oneWay = a!.effects.length;
  network.run(1_000);
  const now = sought(oneWay).length;
  ok(now >= 6 && now <= 10, `${now} while it hears ${b!.at} and is not heard`);
  network.run(58_000);
  const deaf = a!.effects.length;
  network.run(60_000);
  const still = sought(deaf).length;
  ok(still >= 4 && still <= 12, `${still} in its second minute`);
  network.passes = () => true;
  network.run(20_000);
  const whole = a!.effects.length;
  network.run(1_000);
  deepEqual(sought(whole), []);
  equal(c!.viewNames.at(-1), 'a b c');
});

test('Ring looks for all who are silent as soon as one of them is heard', () => {
  const network = new MemoryNetwork();
  const [a, b, c, d] = network.gather(4);
  partition(network, [a!]);
  network.run(9_000);
  network.passes = (from, to) => ![c, d].includes(from) && ![c, d].includes(to);
  const before = a!.effects.length;
  network.run(60);
  const at = a!.effects.slice(before).flatMap((one) => (one.kind === 'seek' ? [one.at] : []));
  ok(at.includes(c!.at) && at.includes(d!.at), `${at}`);
  ok(b!.effects.some((one) => one.kind === 'seek' && one.at === a!.at));
});

test('Ring asks a flapping member to be steady for longer each time', () => {
  const network = new MemoryNetwork();
  const [a, b] = network.gather(2);
  const backMs: number[] = [];
  for (let flap = 0; flap < 5; flap++) {
    network.passes = () => false;
    network.run(300);
    network.passes = () => true;
    const fromMs = network.nowMs;
    const views = a!.views.length;
    while (a!.views.length === views) network.run(5);
    backMs.push(network.nowMs - fromMs);
  }
  for (let i = 1; i < backMs.length; i++) ok(backMs[i]! > backMs[i - 1]!, `${backMs}`);
  ok(backMs[4]! >= 16 * PROFILES.lan.steadyMs, `${backMs}`);
  equal(b!.viewNames.at(-1), 'a b');
});

test('Ring tears no view apart when a member comes back that one of it does not trust yet', () => {
  const network = new MemoryNetwork();
  const [a, , c] = network.gather(3);
  // b sees a come and go, and c does not.
  for (let flap = 0; flap < 4; flap++) {
    network.passes = (from, to) => from === c || to === c || (from !== a && to !== a);
    network.run(300);
    network.passes = () => true;
    network.run(3_000);
  }
  partition(network, [a!]);
  network.run(300);
  network.passes = () => true;
  const [viewsOfA, viewsOfC] = [a!.views.length, c!.views.length];
  network.run(10_000);
  deepEqual(c!.viewNames.slice(viewsOfC - 1), ['b c', 'a b c']);
  deepEqual(a!.viewNames.slice(viewsOfA - 1), ['a', 'a b c']);
  const told = a!.events.flatMap((event) => (event.kind === 'beside' ? [event.member] : []));
  equal(told.at(-1), 'c', 'meanwhile it knows that the view of the others goes first');
});

test('Ring keeps its members when one comes back that not all of them trust yet', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  // c sees b come and go, and a does not.
  for (let flap = 0; flap < 4; flap++) {
    network.passes = (from, to) => from === a || to === a;
    network.run(300);
    network.passes = () => true;
    network.run(3_000);
  }
  partition(network, [b!]);
  network.run(300);
  network.passes = () => true;
  const [viewsOfA, viewsOfC] = [a!.views.length, c!.views.length];
  network.run(10_000);
  deepEqual(a!.viewNames.slice(viewsOfA - 1), ['a c', 'a b c'], 'not first a b, as the names go');
  deepEqual(c!.viewNames.slice(viewsOfC - 1), ['a c', 'a b c']);
});

test('Ring goes on without a member that is heard but does not answer', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  // As where only small datagrams pass: c's heartbeats come, nothing else does.
  network.passes = (from, _, bytes) => from !== c || kindOf(bytes) === 'heartbeat';
  const d = network.start('d');
  network.run(6_000);
  equal(a!.viewNames.at(-1), 'a b d');
  equal(b!.viewNames.at(-1), 'a b d');
  equal(d.viewNames.at(-1), 'a b d');
});

test('Ring goes on at once without a member whose last word is cast for it', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  const word = c!.ring.lastWord();
  network.run(1_000);
  equal(a!.viewNames.at(-1), 'a b c');
  network.passes = (from) => from !== c;
  for (const node of [a!, b!]) {
    network.step(node, { kind: 'datagram', from: 'its guard', bytes: word });
  }
  network.run(10);
  deepEqual([a!.viewNames.at(-1), b!.viewNames.at(-1)], ['a b', 'a b']);
});

test('Ring goes beside a view that serves, not beside one that does nothing yet', () => {
  const network = new MemoryNetwork();
  const [a, b, c] = network.gather(3);
  // Its two neighbours are one view; c hears b alone, and b hears it.
  for (const node of [a!, b!]) network.step(node, { kind: 'serving', on: false });
  network.passes = (from, to) => !([from, to].includes(a!) && [from, to].includes(c!));
  network.run(2_000);
  deepEqual(
    [a!, b!, c!].map((node) => node.viewNames.at(-1)),
    ['a b', 'a b', 'c'],
  );
  const told = () => c!.events.flatMap((event) => (event.kind === 'beside' ? [event.member] : []));
  deepEqual(told(), []);
  network.step(b!, { kind: 'serving', on: true });
  network.run(2 * network.timing.heartbeatMs + 5);
  deepEqual(told(), ['b']);
});

test('Ring refuses messages when too many wait', () => {
  const network = new MemoryNetwork();
  const [a, b] = network.gather(2);
  network.passes = () => false;
  for (let i = 0; i < 2_000; i++) network.send(a!, `${i}`);
  equal(a!.reports.filter((report) => report.startsWith('messages are refused')).length, 1);
  network.passes = () => true;
  network.run(1_000);
  equal(a!.messages.length, 128 + 1_024);
  deepEqual(b!.messages, a!.messages);
});

test('Ring is quiet when nothing happens, and wakes for heartbeats only', () => {
  const network = new MemoryNetwork();
  const [a] = network.gather(3);
  network.send(a!, 'x');
  network.run(500);
  const before = a!.effects.length;
  network.run(4_000);
  const kinds = a!.effects.slice(before).map(({ kind }) => kind);
  equal(kinds.filter((kind) => kind === 'cast').length, 100);
  equal(kinds.filter((kind) => kind === 'transmit').length, 0);
  ok(kinds.length <= 400, `${kinds.length} effects in 100 heartbeats`);
});

test('Ring counts what it drops, and says who hears whom', () => {
  const network = new MemoryNetwork();
  const [a, b] = network.gather(2);
  network.step(a!, { kind: 'datagram', from: 'x:1', bytes: new Uint8Array(3) });
  const foreign = new Codec('other', 9).encode({ kind: 'propose', epoch: 9, members: [] }, 1);
  network.step(a!, { kind: 'datagram', from: 'x:1', bytes: foreign });
  deepEqual(a!.ring.dropped, { malformed: 1, 'other-group': 1 });
  const [hears, ...rest] = a!.ring.hears();
  deepEqual(rest, []);
  deepEqual([hears!.member, hears!.at], [b!.member, 'b:4803']);
  deepEqual([hears!.bothWays, hears!.inView], [true, true]);
  equal(text(new Uint8Array([104])), 'h');
});
