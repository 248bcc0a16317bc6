/**
 * The state of the cluster as this node sees it: the one value that page, JSON and metrics show.
 *
 * Its shape is a promise, documented field by field in docs/reference/status.md. What a newcomer
 * gets wrong: null means "not known", and never zero. A machine whose capacity nobody told is not a
 * machine without room.
 */
import { readFileSync } from 'node:fs';
import { type FigureName, readFigures } from '../core/address/figures.ts';
import { readDatagramCounts } from '../core/announce/datagram-counts.ts';
import { NodeState, type Server } from '../core/candidacy/candidates.ts';
import { SILENT_MS } from '../core/candidacy/chain.ts';
import type { ClusterConfig, Zone } from '../core/cluster/config.ts';
import { type LogFigures, readLogFigures } from '../core/report/log-figures.ts';
import type { ServerStatus, State } from '../core/report/server-status.ts';
import { type Totals, totals } from '../proxy/counters.ts';

export type StatusParts = {
  /** Every known server in slot order, this node first. */
  readonly known: () => readonly Server[];
  /** One for each worker (proxy/counters.ts). */
  readonly counters: readonly SharedArrayBuffer[];
  readonly datagrams: SharedArrayBuffer;
  /** What this node does for the pool (core/address/figures.ts). */
  readonly addresses: SharedArrayBuffer;
  /** What became of the access log (core/report/log-figures.ts). */
  readonly accessLog: SharedArrayBuffer;
  readonly startedMs: number;
  /** Wall clock in ms since the epoch. */
  readonly nowMs: () => number;
  readonly config: ClusterConfig;
};

export type ZoneStatus = {
  readonly name: string;
  /** Null: says nothing of balancing. Empty: balancing is off. */
  readonly chain: readonly string[] | null;
  readonly handler: Zone['handler'];
};

export type Status = {
  readonly version: 1;
  readonly nowMs: number;
  readonly node: {
    readonly name: string;
    readonly software: string;
    readonly startedMs: number;
    readonly listen: readonly string[];
    readonly workers: number;
  };
  readonly servers: readonly ServerStatus[];
  readonly zones: readonly ZoneStatus[];
  readonly counters: Totals;
  /** Announcements heard, by what became of them. */
  readonly announcements: Readonly<Record<string, number>>;
  /** Its part in a pool of addresses, in numbers; all 0 where there is no pool. */
  readonly addresses: Readonly<Record<FigureName, number>>;
  /** All 0 where none is written. */
  readonly accessLog: LogFigures;
};

/** So many announcements missed are no accident any more, though each may be lost alone. */
const MISSED_MAX = 3;

/** Below, the time between two looks at the page would make servers blink. */
const STALE_MS_MIN = 3_000;

const MANIFEST = new URL('../../package.json', import.meta.url);
const SOFTWARE = `forehand/${
  (JSON.parse(readFileSync(MANIFEST, 'utf8')) as { readonly version: string }).version
} node/${process.versions.node}`;

export function statusOf(parts: StatusParts): Status {
  const { config, counters, datagrams, startedMs } = parts;
  const nowMs = parts.nowMs();
  const staleMs = Math.max(STALE_MS_MIN, (MISSED_MAX + 0.5) * config.announce.intervalMs);
  return {
    version: 1,
    nowMs,
    node: {
      name: config.nodeName,
      software: SOFTWARE,
      startedMs,
      listen: config.listen.map(({ host, port }) => socketText(host ?? '*', port)),
      workers: counters.length,
    },
    servers: parts.known().map((server) => serverStatus(server, { nowMs, staleMs })),
    zones: config.zones.map(({ name, chain, handler }) => {
      return { name, chain: chain?.map((candidacy) => candidacy.name) ?? null, handler };
    }),
    counters: totals(counters),
    announcements: readDatagramCounts(datagrams),
    addresses: readFigures(parts.addresses),
    accessLog: readLogFigures(parts.accessLog),
  };
}

type Ages = { readonly nowMs: number; readonly staleMs: number };

function serverStatus(server: Server, ages: Ages): ServerStatus {
  const { memoryTotalMb, memoryAvailableMb, capacity, inFlight, turnaroundMs, arriba } = server;
  const knownMemory = memoryTotalMb > 0;
  return {
    entry: server.slot,
    name: server.name,
    self: server.slot === 0,
    address: server.address,
    port: server.port,
    state: stateOf(server, ages),
    ageMs: ageOf(server, ages),
    memoryTotalBytes: knownMemory ? memoryTotalMb * 1_048_576 : null,
    memoryAvailableBytes: knownMemory ? memoryAvailableMb * 1_048_576 : null,
    serversTotal: capacity === 0 ? null : capacity,
    serversReady: capacity === 0 ? null : Math.max(0, capacity - inFlight),
    inFlight,
    outstanding: server.outstanding,
    turnaroundMs: server.backhanded === 0 ? null : turnaroundMs,
    requests: server.backhanded,
    arriba: arriba === 0 ? null : arriba,
    cpuCount: server.cpuCount,
    load: server.loadMilli / 1_000,
    loadHwm: server.loadHwmMilli / 1_000,
    cpuIdleRatio: server.cpuIdleMilli / 1_000,
  };
}

/** Never negative, though the clock may have been set back since. */
function ageOf({ heardMs }: Server, { nowMs }: Ages): number {
  return Math.max(0, Math.round(nowMs - heardMs));
}

function stateOf(server: Server, ages: Ages): State {
  const ageMs = ageOf(server, ages);
  if (ageMs > SILENT_MS) return 'silent';
  if (ageMs > ages.staleMs) return 'stale';
  if (server.suspect) return 'suspect';
  if (server.state === NodeState.relaying) return 'relaying';
  if (server.state === NodeState.sick) return 'sick';
  return server.state === NodeState.draining ? 'draining' : 'up';
}

export function socketText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
