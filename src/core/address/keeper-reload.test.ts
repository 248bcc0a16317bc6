/**
 * A changed pool: nothing before all have loaded it, then everybody at one message, and whatever
 * has not changed is not touched.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONS, POOL, poolOf, World } from './keeper.fixture.ts';
import type { KeeperEffect } from './keeper-events.ts';
import type { AddressGroup, AddressOptions } from './pool.ts';

const NAMES = ['web1', 'web2', 'web3'];
const LARGER = poolOf([...POOL.map(({ name }) => name), '10.0.0.5']);

function load(world: World, name: string, options: Partial<AddressOptions>): void {
  world.step(name, { kind: 'reload', options: { ...OPTIONS, ...options } });
  world.settle();
}

/** What the drivers of all were told to do with groups, without repetitions of what is held. */
function acts(world: World): string[] {
  const told = (name: string) =>
    world
      .machine(name)
      .effects.flatMap((effect: KeeperEffect) =>
        effect.kind === 'hold' || effect.kind === 'release'
          ? [`${name} ${effect.kind} ${effect.group}`]
          : [],
      );
  return [...world.machines.keys()].flatMap(told).sort();
}

test('keeper: a group that is added is held once all have loaded it, and no other is touched', () => {
  const world = new World();
  world.mature(NAMES);
  const before = world.holdings();
  for (const [index, name] of NAMES.entries()) {
    deepEqual(acts(world), [], 'nothing before the last one');
    load(world, name, { pool: LARGER });
    const { pending } = world.machine('web1').keeper.status();
    const [loaded, rest] = [NAMES.slice(0, index + 1), NAMES.slice(index + 1)];
    if (rest.length === 0) equal(pending, null);
    else
      ok(
        pending?.includes(`${loaded.join(', ')} loaded, waits for ${rest.join(', ')}`),
        `${pending}`,
      );
  }
  equal(acts(world).length, 1);
  match(acts(world)[0]!, /^web\d hold 10\.0\.0\.5$/);
  equal(world.holders('10.0.0.5').length, 1);
  for (const { name } of POOL) {
    deepEqual(
      world.holders(name),
      NAMES.filter((one) => before[one]!.split(' ').includes(name)),
    );
  }
  world.agree(NAMES);
  const [adopted] = world.effects('web2', 'adopt').slice(-1);
  deepEqual(adopted?.options.pool, LARGER);
});

test('keeper: a group that is taken away is let go everywhere, and no other is touched', () => {
  const world = new World();
  world.mature(NAMES);
  const [holder] = world.holders('10.0.0.4');
  for (const name of NAMES) load(world, name, { pool: POOL.slice(0, 3) });
  deepEqual(acts(world), [`${holder} release 10.0.0.4`]);
  deepEqual(world.holders('10.0.0.4'), []);
  world.agree(NAMES);
});

test('keeper: a group of other addresses is let go before it is held again, and looked for first', () => {
  const world = new World();
  world.mature(NAMES);
  const [holder] = world.holders('10.0.0.4');
  const address = { ...POOL[3]!.addresses[0]!, address: '10.0.0.9' };
  const grown: AddressGroup = { name: '10.0.0.4', addresses: [...POOL[3]!.addresses, address] };
  for (const name of NAMES) load(world, name, { pool: [...POOL.slice(0, 3), grown] });
  const kinds = world.machine(holder!).effects.flatMap((effect) => {
    return 'group' in effect ? [`${effect.kind} ${effect.group}`] : [effect.kind];
  });
  const release = kinds.indexOf('release 10.0.0.4');
  ok(release >= 0 && release < kinds.lastIndexOf('adopt'), `${kinds}`);
  const [taker] = world.holders('10.0.0.4');
  const [hold] = world.effects(taker!, 'hold');
  deepEqual(hold, { kind: 'hold', group: '10.0.0.4', probeFirst: true });
});

test('keeper: a group of other addresses was nobody’s, whoever held it under its name before', () => {
  const world = new World();
  world.mature(NAMES);
  const [group] = world.holdings()['web3']!.split(' ');
  world.kill('web3');
  world.view(['web1', 'web2']);
  world.run(100);
  world.forget();
  // The second address may be up elsewhere a moment longer, in the group that it is taken from.
  const at = POOL.findIndex(({ name }) => name === group);
  const extra = { ...POOL[at]!.addresses[0]!, address: '10.0.0.9' };
  const pool = POOL.with(at, { name: group!, addresses: [...POOL[at]!.addresses, extra] });
  for (const name of ['web1', 'web2']) load(world, name, { pool });
  const holds = ['web1', 'web2'].flatMap((name) => world.effects(name, 'hold'));
  deepEqual(holds, [{ kind: 'hold', group, probeFirst: true }]);
});

test('keeper: weight, preferences and the pace of balancing count at once', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const [group] = world.holdings()['web1']!.split(' ');
  load(world, 'web2', { prefer: [group!] });
  world.run(100);
  deepEqual(world.holders(group!), ['web2']);
  load(world, 'web2', { weight: 3, prefer: [] });
  world.run(OPTIONS.balance.intervalMs + 100);
  equal(world.holdings()['web2']!.split(' ').length, 3);
  equal(world.machine('web1').keeper.status().pending, null);
});

test('keeper: a member that is gone is not waited for, and one that comes back follows', () => {
  const world = new World();
  world.mature(NAMES);
  for (const name of ['web1', 'web2']) load(world, name, { pool: LARGER });
  world.view(['web1', 'web2'], ['web3']);
  world.run(100);
  deepEqual(world.holders('10.0.0.5', ['web1', 'web2']).length, 1);
  world.view(NAMES);
  world.run(100);
  equal(world.holdings()['web3'], '', 'it differs, and lets go');
  load(world, 'web3', { pool: LARGER });
  world.run(OPTIONS.balance.intervalMs * 2 + 100);
  for (const { name } of LARGER) equal(world.holders(name).length, 1, name);
  ok(world.holdings()['web3'] !== '');
  world.agree(NAMES);
});

test('keeper: what was loaded is said again in the next view, with newcomers too', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  load(world, 'web1', { pool: LARGER });
  world.start('web3', { pool: LARGER });
  world.view(NAMES);
  world.run(100);
  match(world.machine('web2').keeper.status().pending!, /waits for web2 to load it$/);
  load(world, 'web2', { pool: LARGER });
  equal(world.holders('10.0.0.5').length, 1);
  world.agree(NAMES);
});

test('keeper: whoever loads the old pool again waits for nothing', () => {
  const world = new World();
  world.mature(NAMES);
  load(world, 'web1', { pool: LARGER });
  load(world, 'web1', {});
  equal(world.machine('web2').keeper.status().pending, null);
  for (const name of ['web2', 'web3']) load(world, name, { pool: LARGER });
  match(world.machine('web2').keeper.status().pending!, /waits for web1/);
  deepEqual(acts(world), []);
});

test('keeper: a pool that is agreed on after the next one was loaded counts, and then the next', () => {
  const world = new World();
  world.mature(['web1', 'web2']);
  const last = poolOf([...LARGER.map(({ name }) => name), '10.0.0.6']);
  world.step('web1', { kind: 'reload', options: { ...OPTIONS, pool: LARGER } });
  world.step('web2', { kind: 'reload', options: { ...OPTIONS, pool: LARGER } });
  world.step('web1', { kind: 'reload', options: { ...OPTIONS, pool: last } });
  world.settle();
  equal(world.holders('10.0.0.5').length, 1, 'the first is in force everywhere');
  for (const name of ['web1', 'web2']) {
    deepEqual(world.effects(name, 'adopt').at(-1)?.options.pool, LARGER, name);
  }
  world.step('web2', { kind: 'reload', options: { ...OPTIONS, pool: last } });
  world.settle();
  equal(world.holders('10.0.0.6').length, 1);
  world.agree(['web1', 'web2']);
});

test('keeper: a part without quorum cannot vote itself a smaller one', () => {
  const world = new World();
  const policy = { kind: 'quorum', nodes: 3, marginMs: 200 } as const;
  world.mature(NAMES, { policy });
  world.view(['web1'], ['web2', 'web3']);
  load(world, 'web1', { policy: { ...policy, nodes: 1 } });
  world.run(1_000);
  equal(world.holdings()['web1'], '');
  equal(world.machine('web1').keeper.status().pending, 'the new pool waits for a quorum');
  for (const name of ['web2', 'web3']) load(world, name, { policy: { ...policy, nodes: 2 } });
  world.run(1_000);
  for (const { name } of POOL) equal(world.holders(name).length, 1, name);
});

test('keeper: alone and in no view it goes by what it has loaded', () => {
  const world = new World();
  world.start('web1');
  load(world, 'web1', { pool: LARGER });
  world.view(['web1']);
  world.run(OPTIONS.matureMs + 10);
  equal(world.holdings()['web1'], LARGER.map(({ name }) => name).join(' '));
});

test('keeper: whatever is loaded where, in the end all have one pool, and each of it once', () => {
  const pools = [POOL, LARGER, LARGER.slice(1), poolOf(['10.0.0.7', '10.0.0.1', '10.0.0.2'])];
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomFrom(seed);
    const world = new World();
    world.mature(NAMES);
    for (let round = 0; round < 40; round++) {
      const name = NAMES[random(3)]!;
      const pool = pools[random(pools.length)]!;
      if (random(3) > 0) world.step(name, { kind: 'reload', options: { ...OPTIONS, pool } });
      for (let i = random(6); i > 0; i--) world.deliver(NAMES[random(3)]!);
      if (random(8) === 0) world.part([NAMES[0]!, NAMES[1]!], () => random(2) === 0);
      if (random(8) === 0) world.view(NAMES);
      if (random(4) === 0) world.run(random(1_500));
    }
    world.view(NAMES);
    const pool = pools[random(pools.length)]!;
    for (const name of NAMES) world.step(name, { kind: 'reload', options: { ...OPTIONS, pool } });
    world.run(STEADY_MS);
    world.agree(NAMES);
    for (const name of new Set(pools.flat().map((group) => group.name))) {
      const wanted = pool.some((group) => group.name === name) ? 1 : 0;
      equal(world.holders(name).length, wanted, `seed ${seed}: ${name}`);
    }
    for (const name of NAMES) {
      deepEqual(world.effects(name, 'adopt').at(-1)?.options.pool, pool, `seed ${seed}: ${name}`);
    }
  }
});

/** Long enough for an exclusion, a move that is asked for twice, and some balancing. */
const STEADY_MS = OPTIONS.matureMs + 2 * OPTIONS.balance.intervalMs;

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
