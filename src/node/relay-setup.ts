/**
 * What a proxy worker's relay is given of the configuration: at the start, and by a reload.
 *
 * What a newcomer gets wrong: this may fail, and take its time (a host name is looked up, a
 * directory opened). So all of it is made before anything of a running relay is touched.
 */
import { StatusPages } from '../admin/status-pages.ts';
import type { ClusterReader } from '../core/announce/cluster-reader.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { ZoneMap } from '../core/zone/zone-of.ts';
import type { Reactor } from '../io/reactor.ts';
import type { RelayOptions, ReloadedParts } from '../proxy/parts.ts';
import { resolveApplication } from './application-address.ts';
import { fileMapper } from './file-mapper.ts';
import { openFiles } from './open-files.ts';
import { viaName } from './via-name.ts';
import type { WorkerStart } from './worker-protocol.ts';

/** Announcements that may be lost on their way before a node counts as silent. */
const SILENCE_INTERVALS = 3;
const SILENCE_MS_MIN = 3_000;

export type RelaySetup = { readonly options: RelayOptions; readonly parts: ReloadedParts };

export type SetupParts = {
  readonly start: WorkerStart;
  readonly cluster: ClusterReader;
  readonly reactor: Reactor;
};

/** Throws what is wrong with the document root, or what the resolver throws. */
export async function setUpRelay(
  config: ClusterConfig,
  { start, cluster, reactor }: SetupParts,
): Promise<RelaySetup> {
  const { documentRoot, directoryIndex, zones } = config;
  const files = openFiles(config);
  const status = new StatusPages({
    known: () => cluster.known(reactor.nowMs),
    counters: start.counters,
    datagrams: start.datagrams,
    addresses: start.addresses,
    accessLog: start.accessLog,
    startedMs: start.startedMs,
    nowMs: () => reactor.nowMs,
    config,
  });
  const fileOf = fileMapper(documentRoot, directoryIndex);
  const { accept, onEmpty, connectionPools, limits } = config;
  const application = await resolveApplication(config.application);
  const nodeName = viaName(config.nodeName);
  const silenceMs = Math.max(SILENCE_MS_MIN, SILENCE_INTERVALS * config.announce.intervalMs);
  const admin = start.admin === null ? null : ({ kind: 'unix', path: start.admin } as const);
  return {
    options: { nodeName, accept, application, admin, onEmpty, connectionPools, limits, silenceMs },
    parts: { zones: new ZoneMap({ zones, documentRoot, fileOf }), status, files },
  };
}
