/** A node with three servers for tests of the status: everything ordinary unless said otherwise. */
import { FIGURES_BYTES } from '../core/address/figures.ts';
import { DATAGRAM_COUNTS_BYTES } from '../core/announce/datagram-counts.ts';
import { byAge } from '../core/candidacy/by-age.ts';
import { NOW_MS, server } from '../core/candidacy/candidacy.fixture.ts';
import type { Server } from '../core/candidacy/candidates.ts';
import { type ClusterConfig, DEFAULT_LIMITS, type Zone } from '../core/cluster/config.ts';
import { outcomes } from '../core/relay/outcome.ts';
import { LOG_FIGURES_BYTES } from '../core/report/log-figures.ts';
import { At, COUNTERS_BYTES, Counters } from '../proxy/counters.ts';
import type { StatusParts } from './status.ts';

export { NOW_MS };

export const STATUS_ZONE: Zone = {
  name: '<Location "/backhand/">',
  scopes: [{ kind: 'location', match: { kind: 'prefix', path: '/backhand/' } }],
  chain: null,
  handler: 'status',
  selfRedirect: null,
};

export function config(zones: readonly Zone[]): ClusterConfig {
  return {
    nodeName: 'director',
    listen: [{ host: null, port: 80 }],
    contact: { host: null, port: null },
    announce: { destinations: [], intervalMs: 1_000, secret: null },
    accept: [],
    loadFrom: null,
    stateDirectory: null,
    zones,
    application: null,
    capacity: 0,
    documentRoot: null,
    directoryIndex: [],
    onEmpty: 'unavailable',
    connectionPools: true,
    workers: 0,
    reactor: 'auto',
    limits: DEFAULT_LIMITS,
    addresses: null,
    accessLog: null,
    record: false,
    control: null,
    spread: null,
  };
}

export function statusParts(known: readonly Server[] = [server(0)]): StatusParts {
  const counters = [1, 2].map(() => new SharedArrayBuffer(COUNTERS_BYTES));
  const worker = new Counters(counters[1]!);
  worker.add(At.requests, 3);
  worker.ended(outcomes.done);
  worker.answered(200, 7);
  worker.answered(503, 20_000);
  const balanced: Zone = {
    ...STATUS_ZONE,
    name: '<Files "*">',
    scopes: [],
    chain: [byAge()],
    handler: null,
  };
  return {
    known: () => known,
    counters,
    datagrams: new SharedArrayBuffer(DATAGRAM_COUNTS_BYTES),
    addresses: new SharedArrayBuffer(FIGURES_BYTES),
    accessLog: new SharedArrayBuffer(LOG_FIGURES_BYTES),
    startedMs: NOW_MS - 60_000,
    nowMs: () => NOW_MS,
    config: config([STATUS_ZONE, balanced]),
  };
}
