/**
 * Both rehearsals (core/ring, node/address) are there to have run what a death asks for, so that is
 * what is looked at: which functions were called.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { type Profiler, Session } from 'node:inspector';
import { test } from 'node:test';
import type { AddressesConfig } from '../src/core/cluster/config.ts';
import { rehearse as rehearseRing } from '../src/core/ring/rehearsal.ts';
import { rehearse as rehearsePool } from '../src/node/address/rehearsal.ts';

const CONFIG: AddressesConfig = {
  pool: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((name) => ({
    name,
    addresses: [{ interface: 'eth0', address: name, prefixLength: 24, notifyPrefixLength: 24 }],
  })),
  matureMs: 60_000,
  balance: { rate: 1, intervalMs: 60_000, enabled: false },
  prefer: [],
  weight: 1,
  policy: { kind: 'gateway', addresses: ['10.0.0.254'] },
  group: {
    engine: { kind: 'ring' },
    name: 'g',
    port: 1,
    profile: 'lan',
    peers: [],
    multicast: null,
    host: null,
    secrets: [],
  },
  notify: [],
  compatibility: null,
  arpCacheMs: 60_000,
  refreshMs: 60_000,
  validMs: 3_000,
  hooks: { up: [], down: [] },
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

test('rehearsal: all that a death asks of a ring is run, at leader and follower', () => {
  let views = 0;
  const run = functionsRun(() => {
    views = rehearseRing();
  });
  const missing = RING.filter((name) => !run.has(`core/ring/${name}`));
  deepEqual(missing, []);
  // All four in the first one; then three, and two, who part and meet.
  ok(views >= 4 + 3 + 2, `${views} views`);
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

test('rehearsal: no timer of it is left, and a pool of any size takes about as long', () => {
  const before = process.getActiveResourcesInfo().length;
  const many = Array.from({ length: 200 }, (_, index) => {
    const name = `10.1.0.${index}`;
    const address = { interface: 'eth0', address: name, prefixLength: 24, notifyPrefixLength: 24 };
    return { name, addresses: [address] };
  });
  const ups = rehearsePool({ ...CONFIG, pool: many });
  equal(ups, rehearsePool({ ...CONFIG, pool: many.slice(0, 12) }));
  equal(process.getActiveResourcesInfo().length, before);
});

test('rehearsal: hooks of the configuration are not run, and a pool of one is enough', () => {
  const hook = () => {
    throw new Error('a hook was run');
  };
  const ups = rehearsePool({
    ...CONFIG,
    pool: CONFIG.pool.slice(0, 1),
    hooks: { up: [hook], down: [hook] } as unknown as AddressesConfig['hooks'],
  });
  ok(ups >= 2, `${ups} times up`);
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
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      scripts = result;
    });
    return new Set(scripts.flatMap(namesOf));
  } finally {
    session.disconnect();
  }
}

function namesOf({ url, functions }: Profiler.ScriptCoverage): string[] {
  const file = url.split('/src/')[1] ?? url;
  return functions
    .filter(({ ranges }) => ranges[0]!.count > 0)
    .map(({ functionName }) => `${file} ${functionName}`);
}
