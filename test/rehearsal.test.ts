/**
 * Both rehearsals (core/ring, node/address) are there to have run what a death asks for, so that is
 * what is looked at: which functions were called.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { type Profiler, Session } from 'node:inspector';
import { test } from 'node:test';
import type { AddressesConfig } from '../src/core/cluster/config.ts';
import { rehearse as rehearseRing } from '../src/core/ring/rehearsal.ts';
import { ADDRESSES, vip } from '../src/node/address/addresses.fixture.ts';
import { rehearse as rehearsePool } from '../src/node/address/rehearsal.ts';
import { rehearsalProblem } from '../src/node/rehearsal-problem.ts';

const SOURCES = new URL('../src/', import.meta.url).href;

/** What a rehearsal has to replace, most of all: a pool that waits long, and asks a gateway. */
const CONFIG: AddressesConfig = {
  ...ADDRESSES,
  pool: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((name) => {
    return { name, addresses: [vip(name)] };
  }),
  matureMs: 60_000,
  balance: { rate: 1, intervalMs: 60_000, enabled: false },
  policy: { kind: 'gateway', addresses: ['10.0.0.254'] },
};

/** From the news of a death to the next view, at the leader and at the others. */
const RING = [
  'detector.ts died',
  'detector.ts #disconnect',
  'detector.ts #end',
  'clique.ts choose',
  'leader.ts wants',
  'situation.ts stayersOf',
  'agreement.ts propose',
  'agreement.ts takePropose',
  'agreement.ts takeAccept',
  'agreement.ts takeInstall',
  'views.ts freeze',
  'views.ts recover',
  'views.ts #install',
  'recovery.ts advance',
  'order.ts rest',
  'beside.ts enter',
  'codec.ts readInstall',
  // What only one of those who stay has heard.
  'views.ts takeFetch',
  'order.ts part',
];

/** From a new view to the first announcement; and of a move, at both ends. */
const NODE = [
  'core/address/keeper.ts #enter',
  'core/address/keeper.ts #reconcile',
  'core/address/keeper.ts #sayMoves',
  'core/address/keeper.ts #finishDrain',
  'core/address/allocation.ts allocate',
  'core/address/balance.ts balance',
  'core/address/keeper-message.ts decode',
  'node/address/address-driver.ts #hold',
  'node/address/address-driver.ts #raise',
  'node/address/address-driver.ts #release',
  'node/address/address-driver.ts #announceOnce',
  'node/address/guarded.ts begin',
  'node/address/bursts.ts start',
  'node/address/lingering.ts start',
];

test('rehearsal: all that a death asks of a ring is run', () => {
  const run = functionsRun(rehearseRing);
  const missing = RING.filter((name) => !run.has(`core/ring/${name}`));
  deepEqual(missing, []);
});

test('rehearsal: of four, two die, and two part and meet, part and meet, and part', () => {
  const [leader, silent, mourned, last] = rehearseRing();
  deepEqual(leader, ['a b c d']);
  deepEqual(mourned, ['a b c d', 'b c d']);
  deepEqual(silent, ['a b c d', 'b c d', 'b d', 'b', 'b d', 'b', 'b d']);
  deepEqual(last, ['a b c d', 'b c d', 'b d', 'd', 'b d', 'd', 'b d', 'd']);
});

test('rehearsal: all that a death and a drain ask of keeper and driver is run', () => {
  let ups = 0;
  const run = functionsRun(() => {
    ups = rehearsePool(CONFIG);
  });
  deepEqual(
    NODE.filter((name) => !run.has(name)),
    [],
  );
  // Each once, those of the one who died again, and those of the one who is drained once more.
  ok(ups > CONFIG.pool.length + 1, `${ups} times up`);
});

test('rehearsal: it is done in memory: no handle, no timer, no hook', async (t) => {
  const timers = ['setTimeout', 'setInterval', 'setImmediate'] as const;
  const asked = timers.map((name) => t.mock.method(globalThis, name));
  const before = process.getActiveResourcesInfo();
  let called = false;
  const call = (): void => {
    called = true;
  };
  const hooks = { up: [{ kind: 'call', call }], down: [{ kind: 'call', call }] } as const;
  rehearsePool({ ...CONFIG, hooks });
  rehearseRing();
  deepEqual(process.getActiveResourcesInfo(), before);
  equal(
    asked.reduce((sum, { mock }) => sum + mock.callCount(), 0),
    0,
  );
  // A hook is run a promise later.
  await new Promise((resolve) => process.nextTick(resolve));
  await Promise.resolve();
  equal(called, false);
});

test('rehearsal: of a large pool a part is enough, and a small one is rehearsed as a whole', () => {
  const addresses = (group: number) =>
    Array.from({ length: 64 }, (_, index) => vip(`10.1.${group}.${index}`));
  const many = Array.from({ length: 200 }, (_, index) => {
    return { name: `10.1.${index}.0`, addresses: addresses(index) };
  });
  const ups = rehearsePool({ ...CONFIG, pool: many });
  equal(ups, rehearsePool({ ...CONFIG, pool: many.slice(0, 12) }));
  equal(rehearsePool({ ...CONFIG, pool: [] }), 0);
  ok(rehearsePool({ ...CONFIG, pool: many.slice(0, 1) }) >= 2);
});

test('rehearsal: it ends whatever the configuration says of times', () => {
  for (const ms of [0, 1, 2 ** 31 - 1]) {
    const times = { matureMs: ms, arpCacheMs: ms, refreshMs: ms, validMs: ms };
    equal(rehearsePool({ ...CONFIG, ...times }), rehearsePool(CONFIG));
  }
});

test('rehearsal: one that fails is said, and stops nobody', () => {
  equal(
    rehearsalProblem(() => 7),
    null,
  );
  const fails = (): never => {
    throw new Error('the members of a view are at most 64');
  };
  match(rehearsalProblem(fails)!, /^the rehearsal failed, .*: Error: the members of a view/);
});

/** @returns `core/ring/views.ts recover`, for each function that was called, methods by name */
function functionsRun(run: () => void): ReadonlySet<string> {
  const session = new Session();
  session.connect();
  try {
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    run();
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error !== null) throw error;
      scripts = coverage.result;
    });
    return new Set(scripts.flatMap(namesOf));
  } finally {
    session.disconnect();
  }
}

function namesOf({ url, functions }: Profiler.ScriptCoverage): string[] {
  const file = url.startsWith(SOURCES) ? url.slice(SOURCES.length) : url;
  return functions
    .filter(({ ranges }) => ranges[0]!.count > 0)
    .map(({ functionName }) => `${file} ${functionName}`);
}
