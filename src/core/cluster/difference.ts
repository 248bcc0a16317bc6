/**
 * What a changed configuration changes, in words, and how much of it a running node can take on.
 *
 *     running, wanted ──► differences(): one line each, `listen 127.0.0.1:8081 added`
 *                    └──► applicable(): the wanted one, but for what needs a restart
 *
 * What a newcomer gets wrong: functions of the user's own are compared by their name and their
 * source text. Two functions of one text that differ in what they enclose (a variable of the file,
 * something imported) cannot be told apart: they are exchanged by every reload all the same, and
 * only the line that says so is missing.
 */
import type { AddressGroup, PartitionPolicy } from '../address/pool.ts';
import type { Candidacy } from '../candidacy/candidates.ts';
import type {
  AddressesConfig,
  ClusterConfig,
  GroupConfig,
  GroupEngine,
  Hook,
  ListenAddress,
  SpreadConfig,
  Zone,
} from './config.ts';

export type Change = {
  /** One line, without anything secret. */
  readonly text: string;
  /** The node goes on as it was in this one respect. */
  readonly needsRestart: boolean;
};

/** In the order of a configuration; empty where both are alike. */
export function differences(running: ClusterConfig, wanted: ClusterConfig): Change[] {
  const kept = applicable(running, wanted);
  const applied = changesOf(running, kept).map((text) => ({ text, needsRestart: false }));
  const rest = changesOf(kept, wanted).map((text) => {
    return { text: `${text}: needs a restart`, needsRestart: true };
  });
  return [...applied, ...rest];
}

/**
 * The wanted configuration as far as a running node can take it on.
 *
 * Its name and its ring's port are how the others know it; threads and the guard are set up once.
 */
export function applicable(running: ClusterConfig, wanted: ClusterConfig): ClusterConfig {
  // Without a door there is no proxy at all, and nothing to announce.
  const hadDoor = running.listen.length > 0;
  const keepsDoor = hadDoor === wanted.listen.length > 0;
  return {
    ...wanted,
    nodeName: running.nodeName,
    workers: running.workers,
    reactor: running.reactor,
    listen: keepsDoor ? wanted.listen : running.listen,
    addresses: applicableAddresses(running.addresses, wanted.addresses),
    // A process of its own, whose clients would all be disconnected.
    spread: running.spread,
  };
}

function applicableAddresses(
  running: AddressesConfig | null,
  wanted: AddressesConfig | null,
): AddressesConfig | null {
  if (running === null || wanted === null) return running;
  const { engine, name, host, port, profile, multicast } = running.group;
  const sameFamily = hasIpv6(running.group) === hasIpv6(wanted.group);
  const peers = sameFamily ? wanted.group.peers : running.group.peers;
  const { secrets } = wanted.group;
  const group = { engine, name, host, port, profile, multicast, peers, secrets };
  // The guard, the kernel's watch and the lock are for interfaces, and were opened at the start.
  const pool = staysOnInterfaces(running.pool, wanted.pool) ? wanted.pool : running.pool;
  const { compatibility } = running;
  // In an old group nobody can agree on another pool while it runs.
  if (compatibility !== null) return { ...wanted, group, compatibility, pool: running.pool };
  return { ...wanted, group, compatibility, pool };
}

/** One socket carries all that the ring says, of one family. */
function hasIpv6({ peers }: GroupConfig): boolean {
  return peers.some((peer) => peer.includes(':'));
}

/** No interface is new, and no address has gone from one to another. */
function staysOnInterfaces(
  running: readonly AddressGroup[],
  wanted: readonly AddressGroup[],
): boolean {
  const placed = new Map(
    running.flatMap(({ addresses }) => addresses.map((one) => [one.address, one.interface])),
  );
  const known = new Set(placed.values());
  return wanted.every(({ addresses }) =>
    addresses.every((one) => {
      return (
        (placed.get(one.address) ?? one.interface) === one.interface && known.has(one.interface)
      );
    }),
  );
}

/** Equal for configurations between which there is nothing to tell: for threads to compare. */
export function fingerprint(config: ClusterConfig): string {
  const zones = config.zones.map((zone) => ({ ...zone, chain: zone.chain?.map(stepKey) }));
  return JSON.stringify({ ...config, zones }, (_, value: unknown) => {
    return typeof value === 'function' ? Function.prototype.toString.call(value) : value;
  });
}

function changesOf(before: ClusterConfig, after: ClusterConfig): string[] {
  return [
    ...scalar('node name', before.nodeName, after.nodeName),
    ...membership('listen', before.listen.map(listenText), after.listen.map(listenText)),
    ...scalar('contact', contactText(before), contactText(after)),
    ...announceChanges(before, after),
    ...membership('accept', before.accept.map(networkText), after.accept.map(networkText)),
    ...scalar('load file', before.loadFrom, after.loadFrom),
    ...scalar('state directory', before.stateDirectory, after.stateDirectory),
    ...zoneChanges(before.zones, after.zones),
    ...scalar('application', applicationText(before), applicationText(after)),
    ...scalar('capacity', before.capacity, after.capacity),
    ...scalar('document root', before.documentRoot, after.documentRoot),
    ...scalar('directory index', before.directoryIndex.join(' '), after.directoryIndex.join(' ')),
    ...scalar('on empty', before.onEmpty, after.onEmpty),
    ...scalar('connection pools', before.connectionPools, after.connectionPools),
    ...limitChanges(before.limits, after.limits),
    ...scalar('workers', before.workers, after.workers),
    ...scalar('reactor', before.reactor, after.reactor),
    ...scalar('access log', accessLogText(before), accessLogText(after)),
    ...scalar('record', before.record, after.record),
    ...scalar('control', before.control, after.control),
    ...addressChanges(before.addresses, after.addresses),
    ...spreadChanges(before.spread, after.spread),
  ];
}

/** Keys of the group are no words for a log. */
function spreadChanges(before: SpreadConfig | null, after: SpreadConfig | null): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [was, is] = [spreadText(before), spreadText(after)];
  return was === is ? ['spread: its clients or its group changed'] : [`spread ${was} -> ${is}`];
}

function spreadText(spread: SpreadConfig | null): string {
  return spread === null ? 'none' : spread.listen.map(listenText).join(' ');
}

type Plain = string | number | boolean | null;

function scalar(what: string, before: Plain, after: Plain): string[] {
  if (before === after) return [];
  return [`${what} ${before ?? 'none'} -> ${after ?? 'none'}`];
}

/** Of a list whose order says nothing. */
function membership(what: string, before: readonly string[], after: readonly string[]): string[] {
  const removed = before.filter((item) => !after.includes(item));
  const added = after.filter((item) => !before.includes(item));
  return [
    ...removed.map((item) => `${what} ${item} removed`),
    ...added.map((item) => `${what} ${item} added`),
  ];
}

export function listenText({ host, port }: ListenAddress): string {
  const shown = host?.includes(':') === true ? `[${host}]` : (host ?? '*');
  return `${shown}:${port}`;
}

function networkText({ address, prefixLength }: ClusterConfig['accept'][number]): string {
  return `${address}/${prefixLength}`;
}

function contactText({ contact: { host, port } }: ClusterConfig): string {
  return `${host ?? 'by address'}:${port ?? 'by port'}`;
}

function applicationText({ application }: ClusterConfig): string | null {
  if (application === null) return null;
  if (application.kind === 'unix') return `unix:${application.path}`;
  return `http://${application.host}:${application.port}`;
}

function accessLogText({ accessLog }: ClusterConfig): string | null {
  return accessLog === null ? null : `${accessLog.path} (${accessLog.format})`;
}

function announceChanges({ announce: before }: ClusterConfig, { announce: after }: ClusterConfig) {
  const text = ({ host, port, ttl }: (typeof before.destinations)[number]) =>
    ttl === 1 ? `${host}:${port}` : `${host}:${port},${ttl}`;
  return [
    ...membership('announce to', before.destinations.map(text), after.destinations.map(text)),
    ...scalar('announce interval, ms', before.intervalMs, after.intervalMs),
    ...(before.secret === after.secret ? [] : ['secret of the announcements changed']),
  ];
}

function limitChanges(before: ClusterConfig['limits'], after: ClusterConfig['limits']): string[] {
  return (Object.keys(after) as (keyof typeof after)[]).flatMap((key) =>
    scalar(`limit ${key}`, before[key], after[key]),
  );
}

function zoneChanges(before: readonly Zone[], after: readonly Zone[]): string[] {
  const [old, now] = [named(before), named(after)];
  const changed = [...now].flatMap(([name, zone]) => {
    const was = old.get(name);
    return was === undefined ? [] : zoneChange(name, was, zone);
  });
  const stayed = [...old.keys()].filter((name) => now.has(name));
  const order = [...now.keys()].filter((name) => old.has(name));
  const moved = stayed.some((name, index) => order[index] !== name);
  return [
    ...membership('zone', [...old.keys()], [...now.keys()]),
    ...changed,
    ...(moved ? ['zones: order changed'] : []),
  ];
}

/** Several zones may have one name; they are then told apart by their order. */
function named(zones: readonly Zone[]): Map<string, Zone> {
  const byName = new Map<string, Zone>();
  for (const zone of zones) {
    let name = zone.name;
    for (let count = 2; byName.has(name); count++) name = `${zone.name} (${count})`;
    byName.set(name, zone);
  }
  return byName;
}

function zoneChange(name: string, before: Zone, after: Zone): string[] {
  const parts = [
    ...(same(before.scopes, after.scopes) ? [] : ['scope changed']),
    ...(same(before.chain?.map(stepKey), after.chain?.map(stepKey)) ? [] : ['chain changed']),
    ...scalar('handler', before.handler, after.handler),
    ...scalar('self redirect', before.selfRedirect, after.selfRedirect),
  ];
  return parts.map((part) => `zone ${name}: ${part}`);
}

function stepKey({ name, source, apply }: Candidacy): string {
  return `${name} ${source ?? Function.prototype.toString.call(apply)}`;
}

function addressChanges(before: AddressesConfig | null, after: AddressesConfig | null): string[] {
  if (before === null || after === null) {
    if (before === after) return [];
    return [`addresses: this node ${after === null ? 'leaves' : 'joins'} the pool`];
  }
  const parts = [
    ...poolChanges(before.pool, after.pool),
    ...scalar('policy', policyText(before.policy), policyText(after.policy)),
    ...membership('preference for', before.prefer, after.prefer),
    ...scalar('weight', before.weight, after.weight),
    ...scalar('mature, ms', before.matureMs, after.matureMs),
    ...scalar('balance', balanceText(before), balanceText(after)),
    ...(same(before.notify, after.notify) ? [] : ['whom to notify changed']),
    ...scalar('ARP cache, ms', before.arpCacheMs, after.arpCacheMs),
    ...scalar('refresh, ms', before.refreshMs, after.refreshMs),
    ...scalar('valid, ms', before.validMs, after.validMs),
    ...(same(before.hooks.up.map(hookKey), after.hooks.up.map(hookKey)) ? [] : ['hook up changed']),
    ...(same(before.hooks.down.map(hookKey), after.hooks.down.map(hookKey))
      ? []
      : ['hook down changed']),
    ...scalar('compatibility', before.compatibility, after.compatibility),
    ...groupChanges(before.group, after.group),
  ];
  return parts.map((part) => `addresses: ${part}`);
}

function poolChanges(before: readonly AddressGroup[], after: readonly AddressGroup[]): string[] {
  const names = (pool: readonly AddressGroup[]) => pool.map(({ name }) => name);
  const changed = after.filter((group) => {
    const was = before.find(({ name }) => name === group.name);
    return was !== undefined && !same(was.addresses, group.addresses);
  });
  const lines = [
    ...membership('group', names(before), names(after)),
    ...changed.map(({ name }) => `group ${name} changed`),
  ];
  if (lines.length > 0 || same(names(before), names(after))) return lines;
  return ['order of the groups changed'];
}

function policyText(policy: PartitionPolicy): string {
  switch (policy.kind) {
    case 'serve':
      return 'serve';
    case 'quorum':
      return `quorum of ${policy.nodes} after ${policy.marginMs} ms`;
    case 'gateway':
      return `gateway ${policy.addresses.join(' ')}`;
  }
}

function balanceText({ balance }: AddressesConfig): string {
  const { enabled, rate, intervalMs } = balance;
  return enabled ? `${rate} each ${intervalMs} ms` : 'off';
}

function hookKey(hook: Hook): string {
  if (hook.kind === 'command') return JSON.stringify([hook.command, hook.args]);
  return Function.prototype.toString.call(hook.call);
}

function groupChanges(before: GroupConfig, after: GroupConfig): string[] {
  const multicastOf = ({ multicast }: GroupConfig) => {
    return multicast === null ? null : `${multicast.address},${multicast.ttl}`;
  };
  return [
    ...scalar('engine', engineText(before.engine), engineText(after.engine)),
    ...scalar('name of the ring', before.name, after.name),
    ...scalar('port of the ring', before.port, after.port),
    ...scalar('profile', before.profile, after.profile),
    ...scalar('multicast', multicastOf(before), multicastOf(after)),
    ...membership('peer', before.peers, after.peers),
    ...(same(before.secrets, after.secrets) ? [] : ['secrets of the ring changed']),
  ];
}

function engineText(engine: GroupEngine): string {
  if (engine.kind !== 'spread') return engine.kind;
  const { daemon, user, retryMs, otherwise } = engine;
  const as = user === null ? '' : ` as ${user}`;
  return `spread ${daemon}${as}, retry ${retryMs} ms, otherwise ${otherwise}`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
