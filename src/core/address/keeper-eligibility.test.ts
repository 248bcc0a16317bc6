/** The keeper on a perfect group: who may hold, what a policy forbids, strangers, stalls. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { because, OPTIONS, POOL, World } from './keeper.fixture.ts';
import type { KeeperEffect } from './keeper-events.ts';

const THREE = ['web1', 'web2', 'web3'];

function kinds(effects: readonly KeeperEffect[]): string[] {
  return effects.map((effect) => `${effect.kind} ${'group' in effect ? effect.group : ''}`.trim());
}

test('keeper: a reason that rules out releases at once, and others take over at once', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const effects = world.step('web1', { kind: 'eligibility', reasons: [because('link-down')] });
  deepEqual(kinds(effects).slice(0, 3), ['release 10.0.0.1', 'release 10.0.0.3', 'send']);
  world.settle();
  deepEqual(world.holdings(), { web1: '', web2: '10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4' });
  const first = world.machine('web2').keeper.status().groups[0];
  deepEqual(first?.others, [{ name: 'web1', why: 'link-down (says the test)' }]);
  // It recovers, and gets its share back by balancing.
  world.step('web1', { kind: 'eligibility', reasons: [] });
  world.run(OPTIONS.balance.intervalMs + 10);
  equal(world.holdings()['web1']?.split(' ').length, 2);
});

test('keeper: a sick node gives up its addresses only when somebody better is there', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.step('web1', { kind: 'eligibility', reasons: [because('proxy-sick')] });
  world.settle();
  deepEqual(world.holdings(), { web1: '', web2: '10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4' });
  world.step('web2', { kind: 'eligibility', reasons: [because('proxy-sick')] });
  world.run(OPTIONS.balance.intervalMs + 10);
  equal(world.holdings()['web1']?.split(' ').length, 2, 'all sick is as good as all well');
});

test('keeper: when nobody at all may hold, nobody does, and it is said once with the reasons', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  for (const name of ['web1', 'web2']) {
    world.step(name, { kind: 'eligibility', reasons: [because('gateway-unreachable')] });
  }
  world.run(1_000);
  deepEqual(world.holdings(), { web1: '', web2: '' });
  const said = world.reports('web1').filter((text) => text.startsWith('nobody may hold'));
  deepEqual(said, [
    'nobody may hold 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4: ' +
      'web1: gateway-unreachable (says the test); web2: gateway-unreachable (says the test)',
  ]);
});

test('keeper: a differing pool is named on both sides, holds nothing, and blocks nobody', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  world.start('web3', { pool: POOL.slice(0, 3) });
  world.view(THREE);
  world.run(60_000);
  const text = 'config-differs: web3 lacks 10.0.0.4, which web1, web2 have';
  for (const name of THREE) ok(world.reports(name).includes(text), world.reports(name).join('\n'));
  const expected = {
    web1: '10.0.0.1 10.0.0.3',
    web2: '10.0.0.2 10.0.0.4',
    web3: '',
  };
  deepEqual(world.holdings(), expected);
});

test('keeper: under quorum the smaller part lets go at its view, the larger waits the margin', () => {
  const world = new World();
  world.mature(THREE, { policy: { kind: 'quorum', nodes: 3, marginMs: 200 } });
  world.view(['web1'], ['web2', 'web3']);
  deepEqual(world.holdings()['web1'], '');
  const waiting = world.holders('10.0.0.1');
  deepEqual(waiting, []);
  world.run(199);
  deepEqual(world.holders('10.0.0.1'), []);
  world.run(2);
  equal(world.holders('10.0.0.1').length, 1);
  deepEqual(world.machine('web1').keeper.status().members[0]?.reasons, [
    { reason: 'no-quorum', detail: '1 of 3 nodes reachable' },
  ]);
});

test('keeper: without quorum it lets go before anybody has said what it holds', () => {
  const world = new World();
  const policy = { kind: 'quorum', nodes: 5, marginMs: 200 } as const;
  world.mature(THREE, { policy });
  world.start('web4', { policy });
  world.view(['web1', 'web4']);
  equal(world.machine('web1').keeper.status().phase, 'gather');
  deepEqual(world.holdings()['web1'], '');
});

test('keeper: half is no quorum', () => {
  const world = new World();
  world.mature(['web1', 'web2'], { policy: { kind: 'quorum', nodes: 2, marginMs: 10 } });
  world.view(['web1'], ['web2']);
  world.run(10_000);
  deepEqual(world.holdings(), { web1: '', web2: '' });
  world.view(['web1', 'web2']);
  world.run(100);
  equal(world.holders('10.0.0.1').length, 1);
});

test('keeper: stopped for too long, it lets everything go and is matured by the others', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const effects = world.step('web1', { kind: 'group', event: { kind: 'stalled' } });
  deepEqual(kinds(effects), ['serving', 'release 10.0.0.1', 'release 10.0.0.3', 'report']);
  equal(world.machine('web1').keeper.status().phase, 'joining');
  equal(world.machine('web1').keeper.status().mature, false);
  world.machine('web1').room = null;
  world.view(['web2']);
  world.view(['web1', 'web2']);
  world.settle();
  equal(world.machine('web1').keeper.status().mature, true);
});

test('keeper: stopped for too long and then alone, it waits like a fresh one', () => {
  const world = new World();
  world.mature(['web1']);
  world.step('web1', { kind: 'group', event: { kind: 'stalled' } });
  world.machine('web1').room = null;
  world.view(['web1']);
  world.run(OPTIONS.matureMs - 10);
  deepEqual(world.holdings(), { web1: '' });
  world.run(20);
  equal(world.holders('10.0.0.4').length, 1);
});

test('keeper: an address that a stranger uses is let go, told, and taken by nobody until free', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const mac = '02:ff:ff:ff:ff:ff';
  const inUse = { kind: 'inUse', group: '10.0.0.1', address: '10.0.0.1', mac } as const;
  const effects = world.step('web1', inUse);
  ok(kinds(effects).includes('release 10.0.0.1'));
  world.run(60_000);
  deepEqual(world.holders('10.0.0.1'), []);
  const [row] = world.machine('web2').keeper.status().groups;
  equal(row?.stranger, true);
  match(world.reports('web1').join('\n'), /10\.0\.0\.1: in use by 02:ff:ff:ff:ff:ff/);
  world.forget();
  world.step('web1', { kind: 'free', group: '10.0.0.1' });
  world.settle();
  deepEqual(world.holders('10.0.0.1'), ['web1']);
});

test("keeper: a member's hardware is no stranger's", () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const mac = '02:00:00:00:00:web2';
  const effects = world.step('web1', {
    kind: 'inUse',
    group: '10.0.0.1',
    address: '10.0.0.1',
    mac,
  });
  deepEqual(effects, []);
  ok(world.machine('web1').keeper.knows(mac));
});

test('keeper: who follows somebody that found a stranger looks for itself first', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const mac = '02:ff:ff:ff:ff:ff';
  world.step('web1', { kind: 'inUse', group: '10.0.0.1', address: '10.0.0.1', mac });
  world.settle();
  world.kill('web1');
  world.view(['web2']);
  world.settle();
  const holds = new Map(
    world.effects('web2', 'hold').map(({ group, probeFirst }) => [group, probeFirst]),
  );
  equal(holds.get('10.0.0.1'), true);
  equal(holds.get('10.0.0.3'), false);
});
