/** The keeper on a perfect group: one test for each sentence of what it promises. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { because, OPTIONS, POOL, poolOf, World } from './keeper.fixture.ts';
import { HOLD_LIMIT_MS, STATE_LIMIT_MS } from './keeper.ts';
import type { KeeperEffect } from './keeper-events.ts';
import { encode } from './keeper-message.ts';
import { MOVE_LIMIT_MS } from './move-watch.ts';

const THREE = ['web1', 'web2', 'web3'];

function kinds(effects: readonly KeeperEffect[]): string[] {
  return effects.map((effect) => `${effect.kind} ${'group' in effect ? effect.group : ''}`.trim());
}

test('keeper: a fresh node alone waits matureMs and then takes everything, probing first', () => {
  const world = new World();
  world.start('web1');
  world.view(['web1']);
  world.run(OPTIONS.matureMs - 1);
  deepEqual(world.holdings(), { web1: '' });
  equal(world.machine('web1').keeper.status().phase, 'boot');
  world.run(1);
  deepEqual(world.holdings(), { web1: '10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4' });
  ok(world.effects('web1', 'hold').every(({ probeFirst }) => probeFirst));
  equal(world.machine('web1').keeper.status().phase, 'run');
});

test("keeper: one member's timer matures the whole group, which shares evenly", () => {
  const world = new World();
  world.start('web1');
  world.run(2_000);
  for (const name of ['web2', 'web3']) world.start(name);
  world.view(THREE);
  world.run(OPTIONS.matureMs - 2_000);
  deepEqual(world.holdings(), { web1: '10.0.0.1 10.0.0.4', web2: '10.0.0.2', web3: '10.0.0.3' });
  world.agree(THREE);
});

test('keeper: a mature member in the view matures a newcomer at once', () => {
  const world = new World();
  world.mature(['web1']);
  world.start('web2');
  world.view(['web1', 'web2']);
  world.settle();
  equal(world.machine('web2').keeper.status().mature, true);
  equal(world.machine('web2').keeper.status().phase, 'run');
  deepEqual(world.holdings(), { web1: '10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4', web2: '' });
});

test('keeper: when nobody new is here, lost addresses are taken in the same step', () => {
  const world = new World();
  world.mature(THREE);
  world.kill('web2');
  world.view(['web1', 'web3']);
  // Not a single message is read: the view alone is enough.
  deepEqual(kinds(world.machine('web3').effects), ['hold 10.0.0.2', 'wake', 'report', 'report']);
  equal(world.effects('web3', 'hold')[0]?.probeFirst, false);
  equal(world.effects('web1', 'send').length, 0);
  match(world.reports('web3').join(), /10\.0\.0\.2: held here, took it over from web2/);
});

test('keeper: with somebody new, holders keep holding while states are exchanged', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3');
  world.view(THREE);
  equal(world.machine('web1').keeper.status().phase, 'gather');
  deepEqual(world.holders('10.0.0.1'), ['web1']);
  world.run(10);
  equal(world.effects('web1', 'release').length, 0);
  equal(world.machine('web1').keeper.status().phase, 'run');
});

test('keeper: a member that sends no state is gone on without, until it speaks', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3');
  world.view(THREE);
  // The states of web3 are held back: nobody has it in the room yet.
  const room = world.machine('web3').room!;
  const late = room.said.splice(
    room.said.findIndex(({ sender }) => sender === 'web3'),
    1,
  );
  world.run(STATE_LIMIT_MS - 1);
  equal(world.machine('web1').keeper.status().phase, 'gather');
  world.run(2);
  equal(world.machine('web2').keeper.status().phase, 'run');
  match(world.reports('web1').join(), /web3: silent for 1000 ms/);
  const silent = world.machine('web1').keeper.status().groups[0]?.others.at(-1);
  deepEqual(silent, { name: 'web3', why: 'has not said yet what it holds' });
  room.said.push(...late);
  world.run(OPTIONS.balance.intervalMs + 10);
  world.agree(THREE);
  deepEqual(
    Object.values(world.holdings()).map((groups) => groups.split(' ').length),
    [1, 2, 1],
  );
});

test('keeper: after a conflict the first in order keeps, the other lets go, the winner announces', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.view(['web1'], ['web2']);
  world.settle();
  deepEqual(world.holders('10.0.0.1'), ['web1', 'web2']);
  world.forget();
  world.view(['web1', 'web2']);
  world.settle();
  deepEqual(world.holders('10.0.0.1').length, 1);
  const [winner = ''] = world.holders('10.0.0.1');
  const loser = winner === 'web1' ? 'web2' : 'web1';
  const released = world.effects(loser, 'release');
  deepEqual(kinds(released).length, 4);
  const handedOver = released.filter((effect) => effect.kind === 'release' && effect.handedOver);
  deepEqual(handedOver, [], 'lost in a conflict');
  deepEqual(
    new Set(kinds(world.effects(winner, 'announce'))),
    new Set(POOL.map(({ name }) => `announce ${name}`)),
  );
  match(world.reports(loser).join(), /10\.0\.0\.1: held by web1 and web2; web1 keeps it/);
});

test('keeper: the loser of a conflict lets go before all have spoken', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.view(['web1'], ['web2']);
  world.settle();
  world.start('web3');
  world.view(THREE);
  for (const name of ['web1', 'web2']) while (world.deliver(name));
  equal(world.machine('web1').keeper.status().phase, 'run');
  world.forget();
  world.view(['web1'], ['web2'], ['web3']);
  world.run(10);
  world.freeze('web3');
  world.view(THREE);
  world.settle();
  equal(world.machine('web1').keeper.status().phase, 'gather');
  for (const { name } of POOL) equal(world.holders(name, ['web1', 'web2']).length, 1);
});

test('keeper: who was gone on without lets go as soon as it reads so', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3');
  world.freeze('web2');
  world.view(THREE);
  world.run(STATE_LIMIT_MS + 10);
  equal(world.holders('10.0.0.2').length, 2, 'as nobody can reach a node that hangs');
  world.thaw();
  while (world.effects('web2', 'release').length === 0) ok(world.deliver('web2'));
  world.run(10);
  for (const { name } of POOL) equal(world.holders(name).length, 1);
});

test('keeper: what was meant for another view is of no effect', () => {
  const world = new World();
  world.mature(THREE);
  world.step('web2', { kind: 'drain', on: true });
  const bytes = world.effects('web2', 'send')[0]!.bytes;
  world.settle();
  world.step('web2', { kind: 'drain', on: false });
  world.view(['web1', 'web2']);
  world.run(10);
  const before = JSON.stringify(world.machine('web1').keeper.status());
  const event = { kind: 'message', senderIndex: 1, bytes } as const;
  deepEqual(world.step('web1', { kind: 'group', event }), []);
  equal(JSON.stringify(world.machine('web1').keeper.status()), before);
});

test('keeper: only the heir can say UP, and nobody speaks twice of what it holds', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const before = JSON.stringify(world.machine('web1').keeper.status());
  const { view, said } = world.machine('web1').room!;
  const up = encode({ view: view.id, message: { kind: 'up', group: '10.0.0.1' } });
  const state = said.find(({ sender }) => sender === 'web2')!.bytes;
  for (const bytes of [up, state]) {
    const event = { kind: 'message', senderIndex: 1, bytes } as const;
    world.step('web1', { kind: 'group', event });
  }
  equal(JSON.stringify(world.machine('web1').keeper.status()), before);
});

test('keeper: after every merge each holder announces again what it keeps', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3');
  world.view(THREE);
  world.settle();
  deepEqual(kinds(world.effects('web1', 'announce')).sort(), [
    'announce 10.0.0.1',
    'announce 10.0.0.3',
  ]);
});

test('keeper: a preference moves the address to its preferrer, which holds before it is let go', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3', { prefer: ['10.0.0.1'] }).holdMs = 20;
  world.view(THREE);
  world.run(10, () => ok(world.holders('10.0.0.1').length >= 1));
  deepEqual(world.machine('web1').keeper.status().groups[0]?.heir, 'web3');
  world.run(20, () => ok(world.holders('10.0.0.1').length >= 1));
  deepEqual(world.holders('10.0.0.1'), ['web3']);
  // Balancing never takes it from there.
  world.run(60_000);
  deepEqual(world.holders('10.0.0.1'), ['web3']);
  world.kill('web3');
  world.view(['web1', 'web2']);
  world.settle();
  equal(world.holders('10.0.0.1').length, 1);
});

test('keeper: the old owner lets go only when the message of the new one is read', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3', { prefer: ['10.0.0.1'] });
  world.view(THREE);
  const readAll = (name: string) => {
    while (world.deliver(name));
  };
  for (const name of THREE) readAll(name);
  deepEqual(world.effects('web1', 'release'), []);
  world.confirmDue('web3');
  // web3 has said UP, and nobody has read it.
  deepEqual(world.holders('10.0.0.1'), ['web1', 'web3']);
  readAll('web3');
  deepEqual(world.effects('web1', 'release'), []);
  readAll('web1');
  const released = world.effects('web1', 'release');
  deepEqual(released, [{ kind: 'release', group: '10.0.0.1', handedOver: true }]);
});

test('keeper: an heir that does not come up is asked again, and the address never goes dark', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3', { prefer: ['10.0.0.1'] }).holdMs = Number.POSITIVE_INFINITY;
  world.view(THREE);
  world.run(MOVE_LIMIT_MS * 8, () => ok(world.holders('10.0.0.1').includes('web1')));
  const asked = world.effects('web3', 'hold').filter(({ group }) => group === '10.0.0.1');
  // At 0, 1 and 3 s; then it says itself that it cannot.
  equal(asked.length, 3);
  match(world.reports('web1').join(), /10\.0\.0\.1: web3 does not hold it yet; it stays here/);
});

test('keeper: what a drained node gives away goes to the next when the first does not come up', () => {
  const world = new World();
  world.mature(THREE);
  world.machine('web2').holdMs = Number.POSITIVE_INFINITY;
  world.step('web1', { kind: 'drain', on: true });
  world.run(MOVE_LIMIT_MS * 8);
  deepEqual(world.holdings()['web1'], '');
  equal(world.effects('web1', 'drained').length, 1);
});

test('keeper: a drained node gives all away without a gap and is told that it may end', () => {
  const world = new World();
  world.mature(THREE);
  for (const machine of world.machines.values()) machine.holdMs = 30;
  world.step('web1', { kind: 'drain', on: true });
  world.run(29, () => {
    for (const { name } of POOL) equal(world.holders(name).length, 1);
  });
  equal(world.effects('web1', 'drained').length, 0);
  world.run(5, () => {
    for (const { name } of POOL) ok(world.holders(name).length >= 1);
  });
  deepEqual(world.holdings()['web1'], '');
  equal(world.effects('web1', 'drained').length, 1);
  world.run(60_000);
  deepEqual(world.holdings()['web1'], '', 'balancing gives a draining node nothing');
  world.step('web1', { kind: 'drain', on: false });
  world.run(OPTIONS.balance.intervalMs + 50);
  equal(world.holdings()['web1']?.split(' ').length, 1);
});

test('keeper: a drained node that nobody can follow keeps its addresses and may end', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.step('web2', { kind: 'eligibility', reasons: [because('link-down')] });
  world.step('web1', { kind: 'drain', on: true });
  world.settle();
  equal(world.holdings()['web1'], '10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4');
  equal(world.effects('web1', 'drained').length, 1);
  match(world.reports('web1').join('\n'), /10\.0\.0\.4.*: nobody else may hold it/);
});

test('keeper: shares follow weights', () => {
  const names = Array.from({ length: 8 }, (_, i) => `10.0.0.${i + 1}`);
  const world = new World();
  world.start('web1', { pool: poolOf(names), weight: 3 });
  world.start('web2', { pool: poolOf(names), weight: 1 });
  world.view(['web1', 'web2']);
  world.run(60_000);
  deepEqual(
    Object.values(world.holdings()).map((groups) => groups.split(' ').length),
    [6, 2],
  );
});

test('keeper: balancing moves `rate` groups for each interval, and none when it is off', () => {
  for (const [balance, after] of [
    [{ rate: 1, intervalMs: 1_000, enabled: true }, [0, 1, 2, 2]],
    [{ rate: 'all', intervalMs: 1_000, enabled: true }, [0, 2, 2, 2]],
    [{ rate: 'all', intervalMs: 1_000, enabled: false }, [0, 0, 0, 0]],
  ] as const) {
    const world = new World();
    world.mature(['web1'], { balance });
    world.start('web2', { balance });
    world.view(['web1', 'web2']);
    world.run(5);
    const counts = after.map(() => {
      const count = world.holdings()['web2']!.split(' ').filter(Boolean).length;
      world.run(balance.intervalMs);
      return count;
    });
    deepEqual(counts, after);
  }
});

test('keeper: what is sent in the instant before a view is of no effect in the next, and said again', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.block(['web1', 'web2']);
  world.step('web1', { kind: 'drain', on: true });
  equal(world.effects('web1', 'send').length, 0);
  world.start('web3');
  world.view(THREE);
  world.run(10);
  equal(world.holdings()['web1'], '');
  equal(world.effects('web1', 'drained').length, 1);
});

test('keeper: what an owner cannot put up goes to somebody who can, and comes back when mended', () => {
  const world = new World();
  for (const name of ['web1', 'web2']) world.start(name);
  const broken = world.machine('web1');
  broken.holdMs = Number.POSITIVE_INFINITY;
  world.view(['web1', 'web2']);
  world.run(OPTIONS.matureMs + HOLD_LIMIT_MS + 10);
  deepEqual(Object.values(world.holdings()), ['', '10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4']);
  match(world.reports('web1').join('\n'), /10\.0\.0\.1: could not be put up here for 3000 ms/);
  const [group] = world.machine('web2').keeper.status().groups;
  deepEqual(group?.others, [{ name: 'web1', why: 'could not put it up' }]);
  broken.holdMs = 0;
  world.run(70_000, () => ok(world.holders('10.0.0.1').length > 0));
  equal(world.holdings()['web1']?.split(' ').length, 2);
});

test('keeper: what nobody can put up stays with its owner, who goes on trying', () => {
  const world = new World();
  world.start('web1').holdMs = HOLD_LIMIT_MS * 2;
  world.view(['web1']);
  world.run(OPTIONS.matureMs + HOLD_LIMIT_MS * 2 + 10);
  equal(world.holders('10.0.0.1').length, 1);
  equal(world.effects('web1', 'release').length, 0);
});

test('keeper: a view that another one goes before leaves the addresses to it, all members do', () => {
  const world = new World();
  world.mature(THREE);
  world.view(['web1'], ['web2', 'web3']);
  world.settle();
  equal(world.holders('10.0.0.1').length, 2);
  // Only web3 hears web1, which does not hear web2.
  const beside = (member: string | null) =>
    world.step('web3', { kind: 'group', event: { kind: 'beside', member } });
  const effects = beside('web1');
  ok(kinds(effects)[0]?.startsWith('release'), 'it does not wait for the others');
  world.run(10);
  deepEqual(Object.values(world.holdings()), ['10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4', '', '']);
  const [group] = world.machine('web2').keeper.status().groups;
  match(group?.others[0]?.why ?? '', /beside/);
  beside(null);
  world.run(10);
  equal(world.holders('10.0.0.1').length, 2);
});

test('keeper: a view that begins beside another one takes nothing up', () => {
  const world = new World();
  world.mature(THREE);
  const held = world.holders('10.0.0.1').length;
  equal(held, 1);
  const { view } = world.machine('web3').room!;
  const members = view.members.filter(({ name }) => name === 'web3');
  const alone = { id: { epoch: 99, proposer: 'web3' }, members, selfIndex: 0, together: [0] };
  const effects = world.step('web3', {
    kind: 'group',
    event: { kind: 'view', view: alone, beside: 'web1' },
  });
  deepEqual(
    effects.filter(({ kind }) => kind === 'hold'),
    [],
  );
  const status = world.machine('web3').keeper.status();
  deepEqual(
    status.groups.map(({ here }) => here),
    ['no', 'no', 'no', 'no'],
  );
});

test('causeOf() says why a group is held here, comes, goes, or has gone', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const cause = (name: string, group = '10.0.0.1') => world.machine(name).keeper.causeOf(group);
  equal(cause('web1'), 'nobody held it before');
  equal(cause('web2'), 'now at web1: nobody held it before');
  world.machine('web2').holdMs = 50;
  world.step('web1', { kind: 'drain', on: true });
  world.settle();
  equal(cause('web2'), 'relieved web1 of it');
  world.run(60);
  equal(cause('web1'), 'now at web2: relieved web1 of it');
  world.step('web2', { kind: 'eligibility', reasons: [because('link-down')] });
  equal(cause('web2'), 'link-down (says the test)');
  const mac = '02:ff:ff:ff:ff:ff';
  world.settle();
  world.step('web1', { kind: 'inUse', group: '10.0.0.1', address: '10.0.0.1', mac });
  equal(cause('web1'), 'in use by 02:ff:ff:ff:ff:ff');
  world.stall('web1');
  equal(cause('web1'), 'this node is in no view that shares it');
});

test('keeper: a node that is cut off does not claim to hold what it may not', () => {
  const world = new World();
  world.mature(THREE);
  world.step('web2', { kind: 'eligibility', reasons: [because('link-down')] });
  world.view(['web2'], ['web1', 'web3']);
  world.run(10);
  const said = world.reports('web2').filter((text) => text.includes('held here'));
  deepEqual(said, []);
});

test('keeper: bytes that are not understood change nothing and are counted', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const before = JSON.stringify(world.machine('web1').keeper.status());
  const event = { kind: 'message', senderIndex: 1, bytes: new Uint8Array([9, 9, 9]) } as const;
  deepEqual(world.step('web1', { kind: 'group', event }), []);
  equal(world.machine('web1').keeper.refused, 1);
  equal(JSON.stringify(world.machine('web1').keeper.status()), before);
});

test('keeper: the status says why each other node does not hold an address', () => {
  const world = new World();
  world.mature(THREE);
  world.step('web2', { kind: 'eligibility', reasons: [because('proxy-sick')] });
  world.settle();
  const group = world
    .machine('web1')
    .keeper.status()
    .groups.find(({ owner }) => owner === 'web3');
  deepEqual(group?.others, [
    { name: 'web1', why: 'holds 2 already, web3 2' },
    { name: 'web2', why: 'proxy-sick (says the test)' },
  ]);
});
