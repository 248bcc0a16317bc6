import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { clusterPicture, FRESH_MS, type Heard } from './cluster-picture.ts';
import { group, keeperStatus, NOW_MS, nodeReport, server } from './report.fixture.ts';

const VIP = '10.0.0.101';

function heard(name: string, other: Partial<Heard> = {}): Heard {
  const known = { report: nodeReport(name), ageMs: 100, aheadMs: 0, problem: null };
  return { name, ...known, ...other };
}

function holder(name: string, holding: readonly string[], members: readonly string[]) {
  const keeper = keeperStatus('3@a', members, [group(VIP, members[0]!)]);
  return nodeReport(name, { addresses: { keeper, holding } });
}

test('clusterPicture() says nothing is wrong when all is known and well', () => {
  const own = nodeReport('a', { servers: [server('a', { self: true }), server('b')] });
  const picture = clusterPicture(own, [heard('b')]);
  deepEqual(
    picture.nodes.map(({ name, state, self, clientsOpen }) => [name, state, self, clientsOpen]),
    [
      ['a', 'up', true, 1],
      ['b', 'up', false, 1],
    ],
  );
  deepEqual(picture.warnings, []);
});

test('clusterPicture() never passes an old report off as news', () => {
  const own = nodeReport('a', { servers: [server('a'), server('b', { state: 'silent' })] });
  const old = heard('b', { ageMs: FRESH_MS + 1, problem: 'ECONNREFUSED' });
  const [, b] = clusterPicture(own, [old]).nodes;
  deepEqual([b!.state, b!.clientsOpen, b!.inFlight, b!.holding], ['silent', null, null, null]);
  equal(b!.reportAgeMs, FRESH_MS + 1);
  match(clusterPicture(own, [old]).warnings.join('\n'), /^b is silent: not heard for so long .*$/);
});

test('clusterPicture() calls unknown who is only named by others, and who cannot be asked', () => {
  const picture = clusterPicture(holder('a', [VIP], ['a', 'c']), [
    heard('b', { report: null, ageMs: null, problem: 'it answers 404' }),
  ]);
  deepEqual(
    picture.nodes.map(({ name, state }) => `${name} ${state}`),
    ['a up', 'b unknown', 'c unknown'],
  );
  deepEqual(picture.warnings, ['b is unknown: it answers 404', 'c is unknown: it is not heard']);
});

test('clusterPicture() warns of a node that announces itself and cannot be asked', () => {
  const own = nodeReport('a', { servers: [server('b')] });
  const { warnings } = clusterPicture(own, [heard('b', { problem: 'it answers 404' })]);
  deepEqual(warnings, ['b cannot be asked: it answers 404']);
});

test('clusterPicture() names holders by their kernels, and who may hold unknown to us', () => {
  const members = ['a', 'b', 'c'];
  const [address] = clusterPicture(holder('a', [VIP], members), [
    heard('b', { report: holder('b', [], members) }),
  ]).addresses;
  deepEqual([address!.holders, address!.unknown], [['a'], ['c']]);
});

test('clusterPicture() warns of what is dark, held twice, and held by a stranger', () => {
  const members = ['a', 'b'];
  const warnings = (a: string[], b: string[]) =>
    clusterPicture(holder('a', a, members), [heard('b', { report: holder('b', b, members) })])
      .warnings;
  deepEqual(warnings([VIP], []), []);
  match(warnings([], [])[0]!, /10\.0\.0\.101 is dark/);
  match(warnings([VIP], [VIP])[0]!, /held by a and b/);
});

test('clusterPicture() bears two holders in a planned move', () => {
  const groups = [{ ...group(VIP, 'a'), heir: 'b' }];
  const addresses = { keeper: keeperStatus('3@a', ['a', 'b'], groups), holding: [VIP] };
  const both = [heard('b', { report: nodeReport('b', { addresses }) })];
  deepEqual(clusterPicture(nodeReport('a', { addresses }), both).warnings, []);
});

test('clusterPicture() warns when the nodes of the pool are in several views', () => {
  const one = { keeper: keeperStatus('3@a', ['a'], []), holding: [] };
  const other = { keeper: keeperStatus('4@b', ['b'], []), holding: [] };
  const picture = clusterPicture(nodeReport('a', { addresses: one }), [
    heard('b', { report: nodeReport('b', { addresses: other }) }),
  ]);
  match(picture.warnings[0]!, /do not all see each other: a \| b/);
});

test('clusterPicture() puts the events of all in the order of their times', () => {
  const event = (sequence: number, atMs: number) => {
    return { sequence, atMs, kind: 'note' as const, text: 't', subject: null, origin: null };
  };
  const own = nodeReport('a', { events: [event(1, 10), event(2, 30)] });
  const { events } = clusterPicture(own, [
    heard('b', { report: nodeReport('b', { events: [event(1, 20)] }) }),
  ]);
  deepEqual(
    events.map(({ node, atMs }) => [node, atMs]),
    [
      ['a', 10],
      ['b', 20],
      ['a', 30],
    ],
  );
});

test('clusterPicture() tells times by its own clock, and says whose clock differs', () => {
  const row = { requests: 1, failed: 0, p50Ms: null, p95Ms: null, p99Ms: null };
  const event = { sequence: 1, kind: 'note' as const, text: 't', subject: null, origin: null };
  const cases = [
    [2_400, 0, null],
    [-2_400, 0, null],
    [180_300, 180_000, /^the clock of b is 180 s ahead of ours$/],
    [-180_300, -180_000, /^the clock of b is 180 s behind ours$/],
    [4_000, 4_000, null],
  ] as const;
  for (const [aheadMs, moved, warning] of cases) {
    const atMs = NOW_MS + aheadMs;
    const report = nodeReport('b', { seconds: [{ ...row, atMs }], events: [{ ...event, atMs }] });
    const own = nodeReport('a', { servers: [server('a'), server('b')] });
    const picture = clusterPicture(own, [heard('b', { report, aheadMs })]);
    const b = picture.nodes[1]!;
    equal(b.clockAheadMs, moved);
    equal(b.seconds[0]!.atMs, atMs - moved);
    equal(b.startedMs, report.startedMs - moved);
    equal(picture.events[0]!.atMs, atMs - moved);
    if (warning === null) deepEqual(picture.warnings, []);
    else match(picture.warnings.join('\n'), warning);
  }
});

test('clusterPicture() names a state it does not know', () => {
  const report = nodeReport('b', { state: 'constructor' });
  const { warnings } = clusterPicture(nodeReport('a'), [heard('b', { report })]);
  deepEqual(warnings, ['b is constructor']);
});

test('clusterPicture() names the engine of each group, and what is wrong with it', () => {
  const keeper = keeperStatus('3@a', ['a'], [group('10.0.0.101', 'a')]);
  const engine = {
    kind: 'corosync',
    connected: false,
    trouble: 'it does not answer',
    strangers: [{ member: '7:12', why: 'it has said nothing' }],
  } as const;
  const own = nodeReport('a', { addresses: { keeper, holding: ['10.0.0.101'], engine } });
  const { engines, warnings } = clusterPicture(own, []);
  deepEqual(engines, [{ ...engine, node: 'a' }]);
  ok(warnings.includes('a is without Corosync: it does not answer'), warnings.join());
  ok(warnings.includes('Corosync at a counts 7:12, none of ours: it has said nothing'));
});
