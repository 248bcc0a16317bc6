/**
 * What is wrong with a configuration as a whole, though each of its lines is right.
 *
 * Runs on the finished value, so it is the same for every dialect. What a newcomer gets wrong:
 * these are mostly warnings, as a node on its own, or a file checked on a laptop, is legitimate; an
 * error is only what cannot start.
 */
import type { ClusterConfig, ListenAddress, Zone, ZoneScope } from '../core/cluster/config.ts';
import { checkAddresses } from './address-checks.ts';
import type { Diagnostics } from './diagnostic.ts';
import type { PlacedConfig, Placement } from './draft.ts';
import type { FileSystem } from './environment.ts';
import { checkSpread } from './spread-checks.ts';
import { networksContain, writeHost } from './values.ts';

export type CheckParts = {
  readonly diagnostics: Diagnostics;
  /** IP literals of this machine's interfaces. */
  readonly addresses: readonly string[];
  readonly interfaces: readonly string[] | null;
  readonly list: FileSystem['list'];
};

export function checkConfig({ config, placement }: PlacedConfig, parts: CheckParts): void {
  const { diagnostics, interfaces } = parts;
  if (config.addresses !== null && placement.addresses !== null) {
    const { owned } = placement;
    checkAddresses(config.addresses, placement.addresses, { diagnostics, interfaces, owned });
  }
  checkSpread(config, placement.spread, diagnostics);
  // A node that only holds addresses relays nothing, and so has nothing to announce.
  if (config.listen.length === 0) return;
  checkListen(config.listen, placement, diagnostics);
  checkAnnouncing(config, placement, diagnostics);
  checkAccept(config, placement, parts);
  checkDocumentRoot(config, placement, parts);
  config.zones.forEach((zone, index) => {
    checkChain(zone, { config, placement, index, diagnostics });
    checkHandler(zone, { config, placement, index, diagnostics });
  });
}

function checkListen(
  listen: readonly ListenAddress[],
  placement: Placement,
  diagnostics: Diagnostics,
): void {
  const byPort = new Map<number, ListenAddress[]>();
  listen.forEach((address, index) => {
    const onPort = byPort.get(address.port) ?? [];
    const earlier = onPort.find((other) => overlap(address, other));
    byPort.set(address.port, onPort);
    if (earlier === undefined) {
      onPort.push(address);
      return;
    }
    const own = `${writeHost(address.host)}:${address.port}`;
    const other = `${writeHost(earlier.host)}:${earlier.port}`;
    const relation = isEveryHost(address.host) ? 'includes' : 'is part of';
    const message =
      own === other
        ? `"${own}" is listened on twice`
        : `"${own}" ${relation} "${other}", which is listened on already`;
    const place = placement.listen[index] ?? placement.whole;
    diagnostics.add({ code: 'CONFIG_LISTEN_DUPLICATE', place, message });
  });
}

/** For two on one port. */
function overlap(a: ListenAddress, b: ListenAddress): boolean {
  return a.host === b.host || isEveryHost(a.host) || isEveryHost(b.host);
}

function isEveryHost(host: string | null): boolean {
  return host === null || host === '0.0.0.0' || host === '::';
}

function checkAnnouncing(
  { announce }: ClusterConfig,
  placement: Placement,
  diagnostics: Diagnostics,
): void {
  if (announce.destinations.length === 0) {
    const message = 'there is nowhere to announce to: this node stays alone';
    const hint = 'for example MulticastStats 192.168.10.255:4445 (native: announce.to)';
    diagnostics.add({ code: 'CONFIG_NO_DESTINATION', place: placement.whole, message, hint });
  } else if (announce.secret === null) {
    const message = 'announcements are not signed: anybody in the accepted networks is believed';
    const hint =
      'for example ForehandSecretFile /etc/forehand.secret (native: announce.secretFile)';
    diagnostics.add({ code: 'CONFIG_SECRET_MISSING', place: placement.whole, message, hint });
  }
}

function checkAccept(
  { accept, announce, contact }: ClusterConfig,
  placement: Placement,
  { addresses, diagnostics }: CheckParts,
): void {
  if (accept.length === 0) {
    if (announce.destinations.length === 0) return;
    const place = placement.destinations[0] ?? placement.whole;
    const message = 'the node announces itself, but hears nobody: no network is accepted';
    const hint = 'for example AcceptStats 192.168.10.0/24 (native: accept)';
    diagnostics.add({ code: 'CONFIG_ACCEPT_MISSING', place, message, hint });
    return;
  }
  const own = contact.host === null ? addresses : [contact.host];
  if (own.some((address) => networksContain(accept, address))) return;
  const place = placement.accept[0] ?? placement.whole;
  const message = 'none of the accepted networks contains an address of this machine';
  const shown = own.length === 0 ? undefined : `its addresses: ${own.slice(0, 6).join(', ')}`;
  diagnostics.add({ code: 'CONFIG_ACCEPT_EXCLUDES_SELF', place, message, hint: shown });
}

function checkDocumentRoot(
  { application, documentRoot }: ClusterConfig,
  placement: Placement,
  { diagnostics, list }: CheckParts,
): void {
  // With an application, it only tells which zone a path is in.
  if (documentRoot === null || application !== null || list(documentRoot) !== null) return;
  const place = placement.documentRoot;
  const message = `there is no directory "${documentRoot}" here that can be read`;
  const hint = 'DocumentRoot (native: documentRoot) is the directory that files are served from';
  diagnostics.add({ code: 'CONFIG_NO_DOCUMENT_ROOT', place, message, hint });
}

type ZoneParts = {
  readonly config: ClusterConfig;
  readonly placement: Placement;
  readonly index: number;
  readonly diagnostics: Diagnostics;
};

function checkChain(zone: Zone, { config, placement, index, diagnostics }: ZoneParts): void {
  const names = (zone.chain ?? []).map(({ name }) => name.split(' ')[0]);
  const spot = placement.zones[index];
  const placeOf = (step: number) => spot?.steps[step] ?? spot?.place ?? placement.whole;

  // Nobody is heard without a port to hear on, which is that of a destination, or a network.
  const alone = config.announce.destinations.length === 0 || config.accept.length === 0;
  const removed = names.lastIndexOf('removeSelf');
  if (alone && removed !== -1 && !names.includes('addSelf', removed)) {
    const message = `the chain of ${zone.name} always ends with nobody: no other node is ever heard`;
    diagnostics.add({ code: 'CONFIG_CHAIN_LEAVES_NOBODY', place: placeOf(removed), message });
  }
  const session = names.indexOf('bySession');
  if (session !== -1 && names.includes('byAge', session)) {
    const message =
      '"bySession" before "byAge" is fine here: it narrows only to a node that is alive';
    const place = placeOf(session);
    diagnostics.addOnce('session', { code: 'CONFIG_SESSION_BEFORE_AGE', place, message });
  }
}

function checkHandler(zone: Zone, { config, placement, index, diagnostics }: ZoneParts): void {
  if (zone.handler !== 'status') return;
  const shadow = config.zones.find((other, at) => {
    return other.handler === 'none' && covers(other, zone) && isMergedAfter(other, at, zone, index);
  });
  if (shadow === undefined) return;
  const place = placement.zones[index]?.place ?? placement.whole;
  const message = `the status page of ${zone.name} is never reached: ${shadow.name} takes it away`;
  diagnostics.add({ code: 'CONFIG_HANDLER_SHADOWED', place, message });
}

/** Whether every request of `inner` is one of `outer` too, as far as can be told without trying. */
function covers(outer: Zone, inner: Zone): boolean {
  return outer.scopes.every((scope) => inner.scopes.some((other) => scopeCovers(scope, other)));
}

function scopeCovers(outer: ZoneScope, inner: ZoneScope): boolean {
  if (outer.match.kind === 'everything') return true;
  if (outer.kind !== inner.kind || outer.match.kind !== inner.match.kind) return false;
  if (outer.match.kind !== 'prefix' || inner.match.kind !== 'prefix') {
    return JSON.stringify(outer.match) === JSON.stringify(inner.match);
  }
  const path = outer.match.path.replace(/\/$/, '');
  return inner.match.path === outer.match.path || inner.match.path.startsWith(`${path}/`);
}

/** Apache's order of merging: by kind of section, then as in the file. */
const MERGE_RANK = { directory: 0, htaccess: 0, directoryMatch: 1, files: 2, location: 3 } as const;

function isMergedAfter(zone: Zone, at: number, other: Zone, otherAt: number): boolean {
  const rank = rankOf(zone);
  if (rank !== rankOf(other)) return rank > rankOf(other);
  // Directories are merged shortest first, so among them a wider one is never the later one.
  return at > otherAt && (rank !== MERGE_RANK.directory || covers(other, zone));
}

function rankOf({ scopes }: Zone): number {
  const kind = scopes.at(-1)?.kind;
  return kind === undefined ? -1 : MERGE_RANK[kind];
}
