/** Goal: what is not known is null, and a server's state is the worst thing to say of it. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { server, servers } from '../core/candidacy/candidacy.fixture.ts';
import type { Server } from '../core/candidacy/candidates.ts';
import type { State } from '../core/report/server-status.ts';
import { NOW_MS, statusParts } from './admin.fixture.ts';
import { statusOf } from './status.ts';

const states: readonly [other: Partial<Server>, state: State][] = [
  [{}, 'up'],
  [{ heardMs: NOW_MS + 5_000 }, 'up'],
  [{ heardMs: NOW_MS - 3_500 }, 'up'],
  [{ heardMs: NOW_MS - 3_501 }, 'stale'],
  [{ heardMs: NOW_MS - 20_000 }, 'stale'],
  [{ heardMs: NOW_MS - 20_001 }, 'silent'],
  [{ state: 1 }, 'draining'],
  [{ state: 2 }, 'sick'],
  [{ state: 3 }, 'relaying'],
  [{ suspect: true }, 'suspect'],
  [{ suspect: true, state: 1, heardMs: NOW_MS - 4_000 }, 'stale'],
];

test('statusOf() names the worst state of a server', () => {
  for (const [other, state] of states) {
    const status = statusOf(statusParts([server(0), server(1, other)]));
    equal(status.servers[1]?.state, state, JSON.stringify(other));
  }
});

test('statusOf() says null for what is not known, and never 0', () => {
  const unknown = { capacity: 0, arriba: 0, memoryTotalMb: 0, memoryAvailableMb: 0 };
  const [status] = statusOf(statusParts([server(0, unknown)])).servers;
  equal(status?.serversTotal, null);
  equal(status?.serversReady, null);
  equal(status?.arriba, null);
  equal(status?.memoryTotalBytes, null);
  equal(status?.memoryAvailableBytes, null);
  equal(status?.turnaroundMs, null);
});

test('statusOf() gives figures in plain units', () => {
  const known = servers({}, { loadMilli: 250, cpuIdleMilli: 125, inFlight: 120, backhanded: 3 });
  const [self, other] = statusOf(statusParts(known)).servers;
  deepEqual([self?.self, other?.self], [true, false]);
  equal(other?.load, 0.25);
  equal(other?.cpuIdleRatio, 0.125);
  equal(other?.serversReady, 0, 'more under way than there is room for leaves no room');
  equal(other?.turnaroundMs, 0);
  equal(other?.memoryTotalBytes, 1_000 * 1_048_576);
});

test('statusOf() sums over all workers and shows chains as written', () => {
  const status = statusOf(statusParts());
  equal(status.counters.single.requests, 3);
  equal(status.node.workers, 2);
  deepEqual(
    status.zones.map(({ chain }) => chain),
    [null, ['byAge']],
  );
});
