/**
 * A configuration in the making: what the Apache dialect has gathered so far, with places.
 *
 * Single values are null until somebody sets them and the last one wins; lists grow. `finish` fills
 * in the defaults, which stand here and nowhere else. The native dialect uses the same defaults.
 */
import type {
  AccessLogConfig,
  Application,
  ClusterConfig,
  Destination,
  Limits,
  ListenAddress,
  Network,
  Zone,
} from '../core/cluster/config.ts';
import { DEFAULT_LIMITS } from '../core/cluster/config.ts';
import type { AddressPlacement } from './address-pool.ts';
import type { Place } from './diagnostic.ts';

export type Placed<T> = { readonly value: T; readonly place: Place };

/** A zone, and where it and each step of its chain is written. */
export type PlacedZone = Placed<Zone> & { readonly steps: readonly Place[] };

export const ANNOUNCE_INTERVAL_MS_DEFAULT = 1_000;
export const LISTEN_PORT_DEFAULT = 80;

/** What a file that says nothing means, but for the node's name. */
export const DEFAULTS = {
  listen: [{ host: null, port: LISTEN_PORT_DEFAULT }],
  contact: { host: null, port: null },
  announce: { destinations: [], intervalMs: ANNOUNCE_INTERVAL_MS_DEFAULT, secret: null },
  accept: [],
  loadFrom: null,
  stateDirectory: null,
  zones: [],
  application: null,
  capacity: 0,
  documentRoot: null,
  directoryIndex: ['index.html'],
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
} as const satisfies Omit<ClusterConfig, 'nodeName'>;

export class Draft {
  nodeName: string | null = null;
  serverName: string | null = null;
  serverRoot: string | null = null;
  readonly listen: Placed<ListenAddress>[] = [];
  /** Apache 1.3's `Port` and `BindAddress`: they count where there is no `Listen`. */
  port: number | null = null;
  bindAddress: string | null = null;
  contactHost: string | null = null;
  contactPort: number | null = null;
  readonly destinations: Placed<Destination>[] = [];
  intervalMs: number | null = null;
  secret: string | null = null;
  /** Where the secret was read from; null when it is written in the configuration itself. */
  secretFile: string | null = null;
  readonly accept: Placed<Network>[] = [];
  loadFrom: string | null = null;
  stateDirectory: string | null = null;
  readonly zones: PlacedZone[] = [];
  application: Application | null = null;
  capacity: number | null = null;
  documentRoot: Placed<string> | null = null;
  directoryIndex: readonly string[] | null = null;
  onEmpty: ClusterConfig['onEmpty'] | null = null;
  connectionPools: boolean | null = null;
  workers: number | null = null;
  reactor: ClusterConfig['reactor'] | null = null;
  accessLog: AccessLogConfig | null = null;
  record: boolean | null = null;
  readonly limits: { -readonly [K in keyof Limits]?: Limits[K] } = {};
  accessFileNames: readonly string[] = ['.htaccess'];
  /** Where `AllowOverride` was said, '' being the server; the longest directory counts. */
  readonly overrides: { readonly directory: string; readonly allowed: boolean }[] = [];
}

/** What `checks.ts` looks at: the configuration, and where its parts are written. */
export type Placement = {
  /** For what has no spot of its own. */
  readonly whole: Place;
  readonly listen: readonly Place[];
  readonly accept: readonly Place[];
  readonly destinations: readonly Place[];
  readonly documentRoot: Place;
  /** The file that the secret is from, so that it need not be copied into another one. */
  readonly secretFile: string | null;
  readonly zones: readonly { readonly place: Place; readonly steps: readonly Place[] }[];
  /** Null when the node has no part in a pool. */
  readonly addresses: AddressPlacement | null;
  readonly spread: Place;
  /** Own addresses of nodes, by name, as far as the configuration tells. */
  readonly owned: ReadonlyMap<string, string>;
};

export type PlacedConfig = { readonly config: ClusterConfig; readonly placement: Placement };

export function finishDraft(
  draft: Draft,
  { nodeName, whole }: { readonly nodeName: string; readonly whole: Place },
): PlacedConfig {
  const listen =
    draft.listen.length > 0
      ? draft.listen.map(({ value }) => value)
      : [{ host: draft.bindAddress, port: draft.port ?? LISTEN_PORT_DEFAULT }];
  const config: ClusterConfig = {
    nodeName,
    listen,
    contact: { host: draft.contactHost, port: draft.contactPort },
    announce: {
      destinations: draft.destinations.map(({ value }) => value),
      intervalMs: draft.intervalMs ?? DEFAULTS.announce.intervalMs,
      secret: draft.secret,
    },
    accept: draft.accept.map(({ value }) => value),
    loadFrom: draft.loadFrom,
    stateDirectory: draft.stateDirectory,
    zones: draft.zones.map(({ value }) => value),
    application: draft.application,
    capacity: draft.capacity ?? DEFAULTS.capacity,
    documentRoot: draft.documentRoot?.value ?? null,
    directoryIndex: draft.directoryIndex ?? DEFAULTS.directoryIndex,
    onEmpty: draft.onEmpty ?? DEFAULTS.onEmpty,
    connectionPools: draft.connectionPools ?? DEFAULTS.connectionPools,
    workers: draft.workers ?? DEFAULTS.workers,
    reactor: draft.reactor ?? DEFAULTS.reactor,
    limits: { ...DEFAULT_LIMITS, ...draft.limits },
    addresses: null,
    spread: null,
    accessLog: draft.accessLog,
    record: draft.record ?? DEFAULTS.record,
    control: null,
  };
  const placement: Placement = {
    whole,
    listen: draft.listen.map(({ place }) => place),
    accept: draft.accept.map(({ place }) => place),
    destinations: draft.destinations.map(({ place }) => place),
    documentRoot: draft.documentRoot?.place ?? whole,
    secretFile: draft.secretFile,
    zones: draft.zones.map(({ place, steps }) => ({ place, steps })),
    addresses: null,
    spread: whole,
    owned: new Map(draft.contactHost === null ? [] : [[nodeName, draft.contactHost]]),
  };
  return { config, placement };
}
