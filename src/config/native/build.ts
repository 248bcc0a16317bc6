/**
 * One node of a checked native configuration as a `ClusterConfig`.
 *
 * A setting of the node replaces the shared one whole. What a newcomer gets wrong: two defaults
 * come from the cluster and not from `DEFAULTS`. Nodes announce to each other's addresses and
 * accept each other's, so that a list of nodes is all that a small cluster has to say.
 */
import { dirname, resolve } from 'node:path';
import type {
  AccessLogConfig,
  ClusterConfig,
  Destination,
  Limits,
  Network,
  Zone,
  ZoneScope,
} from '../../core/cluster/config.ts';
import { DEFAULT_LIMITS } from '../../core/cluster/config.ts';
import type { Diagnostics, Place } from '../diagnostic.ts';
import {
  ANNOUNCE_INTERVAL_MS_DEFAULT,
  DEFAULTS,
  type PlacedConfig,
  type Placement,
} from '../draft.ts';
import { type Environment, reasonOf } from '../environment.ts';
import { limitKeys } from '../limits.ts';
import { buildAddresses } from './addresses-build.ts';
import type { Path } from './locate.ts';
import type { ParsedCluster, ParsedNode, ParsedZone } from './schema.ts';
import { buildSpread } from './spread-build.ts';

/** Where nodes announce to each other when nobody says otherwise: the article's port. */
const ANNOUNCE_PORT_DEFAULT = 4_445;

export type BuildParts = {
  readonly file: string;
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  readonly placeOf: (path: Path) => Place;
};

/** What may stand at the top as well as in a node, so not the address. */
type SharedKey = Exclude<keyof ParsedCluster, 'nodes' | 'addresses'>;

export function buildConfig(
  cluster: ParsedCluster,
  nodeName: string,
  parts: BuildParts,
): PlacedConfig {
  const node: ParsedNode = cluster.nodes[nodeName] ?? {};
  const settings = { ...cluster, ...withoutUndefined(node) };
  const directory = dirname(resolve(parts.file));
  const pathOf = pathsFrom(directory);
  const base = (key: SharedKey): Path =>
    node[key] === undefined ? [key] : ['nodes', nodeName, key];
  const destinations = settings.announce?.to ?? announceToNodes(cluster, nodeName, parts);
  const accept = settings.accept ?? acceptNodes(cluster);
  const zones = (settings.zones ?? []).map(zoneOf);
  const secret = secretOf(settings.announce, { ...parts, directory, path: base('announce') });
  const addresses = buildAddresses(cluster, {
    ...parts,
    nodeName,
    announceSecret: secret,
    readSecret: (file, path) => readSecret(file, { ...parts, directory, path }),
  });
  const spread = buildSpread(settings.spread, cluster, {
    ...parts,
    nodeName,
    addresses: addresses?.addresses ?? null,
    announceSecret: secret,
  });
  const config: ClusterConfig = {
    nodeName,
    listen: settings.listen ?? DEFAULTS.listen,
    contact: node.address ?? DEFAULTS.contact,
    announce: {
      destinations,
      intervalMs: settings.announce?.interval ?? ANNOUNCE_INTERVAL_MS_DEFAULT,
      secret,
    },
    accept,
    loadFrom: pathOf(settings.loadFrom),
    stateDirectory: pathOf(settings.stateDirectory),
    zones,
    application: settings.application ?? DEFAULTS.application,
    capacity: settings.capacity ?? DEFAULTS.capacity,
    documentRoot: pathOf(settings.documentRoot),
    directoryIndex: settings.directoryIndex ?? DEFAULTS.directoryIndex,
    onEmpty: settings.onEmpty ?? DEFAULTS.onEmpty,
    connectionPools: settings.connectionPools ?? DEFAULTS.connectionPools,
    workers: settings.workers ?? DEFAULTS.workers,
    reactor: settings.reactor ?? DEFAULTS.reactor,
    limits: limitsOf(settings.limits),
    addresses: addresses?.addresses ?? null,
    accessLog: accessLogOf(settings.accessLog, pathOf),
    record: settings.record ?? DEFAULTS.record,
    control: pathOf(settings.control),
    spread,
  };
  const placed = addresses?.placement ?? null;
  return { config, placement: placementOf(config, cluster, { ...parts, base, pathOf, placed }) };
}

type PlacementParts = BuildParts & {
  /** Where a setting that counts for this node is written. */
  readonly base: (key: SharedKey) => Path;
  readonly pathOf: (path: string | undefined) => string | null;
  readonly placed: Placement['addresses'];
};

function placementOf(
  { nodeName, listen, accept, announce, zones }: ClusterConfig,
  cluster: ParsedCluster,
  { file, placeOf, base, pathOf, placed }: PlacementParts,
): Placement {
  const settings = { ...cluster, ...withoutUndefined(cluster.nodes[nodeName] ?? {}) };
  const placesOf = (list: readonly unknown[], path: Path) =>
    list.map((_, index) => placeOf([...path, index]));
  return {
    whole: { file, span: null },
    listen: placesOf(listen, base('listen')),
    accept: placesOf(accept, base('accept')),
    destinations: placesOf(announce.destinations, [...base('announce'), 'to']),
    documentRoot: placeOf(base('documentRoot')),
    secretFile: pathOf(settings.announce?.secretFile),
    zones: zones.map((zone, index) => {
      const path = [...base('zones'), index];
      return { place: placeOf(path), steps: placesOf(zone.chain ?? [], [...path, 'chain']) };
    }),
    addresses: placed,
    spread: placeOf(base('spread')),
    owned: ownedBy(cluster),
  };
}

function accessLogOf(
  written: ParsedCluster['accessLog'],
  pathOf: (path: string | undefined) => string | null,
): AccessLogConfig | null {
  if (written === undefined) return DEFAULTS.accessLog;
  return { path: pathOf(written.path)!, format: written.format ?? 'combined' };
}

function pathsFrom(directory: string) {
  return (path: string | undefined) => (path === undefined ? null : resolve(directory, path));
}

/** A key written with the value `undefined` counts as not written. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

function announceToNodes(
  { nodes }: ParsedCluster,
  nodeName: string,
  { diagnostics, placeOf }: BuildParts,
): Destination[] {
  const destinations: Destination[] = [];
  for (const [name, { address }] of Object.entries(nodes)) {
    if (name === nodeName) continue;
    if (address === undefined) {
      const message = `node "${name}" has no address to announce to`;
      const hint = 'give it one, or say where to announce: announce: { to: ... }';
      const place = placeOf(['nodes', name]);
      diagnostics.add({ code: 'CONFIG_MISSING_KEY', place, message, hint });
    } else {
      destinations.push({ host: address.host, port: ANNOUNCE_PORT_DEFAULT, ttl: 1 });
    }
  }
  return destinations;
}

function ownedBy({ nodes }: ParsedCluster): Map<string, string> {
  return new Map(
    Object.entries(nodes).flatMap(([name, { address }]) => {
      return address === undefined ? [] : [[name, address.host] as const];
    }),
  );
}

function acceptNodes({ nodes }: ParsedCluster): Network[] {
  return Object.values(nodes).flatMap(({ address }) => {
    if (address === undefined) return [];
    return [{ address: address.host, prefixLength: address.host.includes(':') ? 128 : 32 }];
  });
}

type SecretParts = BuildParts & { readonly directory: string; readonly path: Path };

function secretOf(announce: ParsedCluster['announce'], parts: SecretParts): string | null {
  const { secret, secretFile } = announce ?? {};
  if (secretFile === undefined) return secret ?? null;
  return readSecret(secretFile, { ...parts, path: [...parts.path, 'secretFile'] });
}

/** @param parts with the path of the key that names the file */
function readSecret(secretFile: string, parts: SecretParts): string | null {
  const place = parts.placeOf(parts.path);
  try {
    const text = parts.environment.readFile(resolve(parts.directory, secretFile));
    // One newline at the end is the editor's, not the secret's.
    const read = text.replace(/\r?\n$/, '');
    if (read !== '') return read;
    parts.diagnostics.add({ code: 'CONFIG_BAD_VALUE', place, message: 'the secret is empty' });
  } catch (error) {
    const message = `cannot read the secret in "${secretFile}": ${reasonOf(error)}`;
    parts.diagnostics.add({ code: 'CONFIG_FILE_UNREADABLE', place, message });
  }
  return null;
}

function limitsOf(limits: ParsedCluster['limits']): Limits {
  const written: Readonly<Record<string, number | undefined>> = limits ?? {};
  const merged: { -readonly [K in keyof Limits]: number } = { ...DEFAULT_LIMITS };
  for (const key of limitKeys()) {
    // `headTimeout` is `headTimeoutMs`: a duration carries its unit itself.
    merged[key] = written[key.replace(/Ms$/, '')] ?? merged[key];
  }
  return merged;
}

function zoneOf(zone: ParsedZone): Zone {
  // As sections nest: files lie in directories and below locations, never the other way round.
  const scopes = (['directory', 'location', 'files'] as const).flatMap((kind): ZoneScope[] => {
    const match = zone[kind];
    if (match === undefined) return [];
    const isMatch = kind === 'directory' && match.kind === 'regex';
    return [{ kind: isMatch ? 'directoryMatch' : kind, match }];
  });
  return {
    name: zone.name ?? (scopes.length === 0 ? 'the server' : scopes.map(scopeName).join(' ')),
    scopes,
    chain: zone.chain ?? null,
    handler: zone.handler ?? null,
    selfRedirect: zone.selfRedirect ?? null,
  };
}

function scopeName({ kind, match }: ZoneScope): string {
  const word = kind === 'directoryMatch' ? 'directory' : kind;
  switch (match.kind) {
    case 'everything':
      return `${word} *`;
    case 'prefix':
      return `${word} ${match.path}`;
    case 'glob':
      return `${word} ${match.pattern}`;
    case 'regex':
      return `${word} /${match.source}/`;
  }
}
