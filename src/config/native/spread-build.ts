/**
 * The Spread daemon of a checked native configuration, for one node.
 *
 * What a newcomer gets wrong: its daemons are a group of their own, of all nodes, whether or not
 * they share addresses, and whoever carries what is said about those.
 */
import type { AddressesConfig, SpreadConfig } from '../../core/cluster/config.ts';
import { socketPath } from '../../core/spread/daemon-address.ts';
import { daemonNameOf } from '../../core/spread/names.ts';
import { DEFAULT_ACCESS } from '../../core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../../core/spread/server/server-events.ts';
import { SPREAD_DEFAULTS } from '../spread-checks.ts';
import type { BuildParts } from './build.ts';
import type { ParsedCluster } from './schema.ts';
import type { ParsedSpread } from './spread-schema.ts';

export type SpreadBuildParts = BuildParts & {
  readonly nodeName: string;
  /** What the nodes share, and its keys; null: nothing. */
  readonly addresses: AddressesConfig | null;
  /** What signs announcements. */
  readonly announceSecret: string | null;
};

/** @returns null when this node has no Spread daemon */
export function buildSpread(
  written: ParsedSpread | undefined,
  { nodes }: ParsedCluster,
  parts: SpreadBuildParts,
): SpreadConfig | null {
  if (written?.serve !== true) return null;
  const { nodeName, addresses, announceSecret } = parts;
  checkNames(Object.keys(nodes), parts);
  const listen = written.listen ?? SPREAD_DEFAULTS.listen;
  const own = nodes[nodeName]?.address?.host ?? null;
  const announced = announceSecret === null ? [] : [announceSecret];
  return {
    listen,
    path: listen[0] === undefined ? null : socketPath(listen[0].port),
    access: written.accept?.flat() ?? DEFAULT_ACCESS,
    user: written.user ?? null,
    messagesMax: written.messagesMax ?? DEFAULT_SPREAD_LIMITS.sessionMessagesMax,
    group: {
      name: `${addresses?.group.name ?? SPREAD_DEFAULTS.groupName} spread`,
      port: written.port ?? SPREAD_DEFAULTS.port,
      profile: addresses?.group.profile ?? SPREAD_DEFAULTS.profile,
      // Nodes of one machine have the same port.
      host: own?.startsWith('127.') === true ? own : null,
      peers: peersOf(nodes, parts),
      secrets: addresses?.group.secrets ?? announced,
    },
  };
}

function peersOf(
  nodes: ParsedCluster['nodes'],
  { nodeName, diagnostics, placeOf }: SpreadBuildParts,
): readonly string[] {
  return Object.entries(nodes).flatMap(([name, { address }]) => {
    if (address !== undefined) return [address.host];
    if (name === nodeName) return [];
    const message = `node "${name}" has no address at which its Spread daemon is found`;
    diagnostics.add({ code: 'CONFIG_MISSING_KEY', place: placeOf(['nodes', name]), message });
    return [];
  });
}

/** Clients are known by their daemon's name everywhere: two of one name would be one. */
function checkNames(names: readonly string[], { diagnostics, placeOf }: SpreadBuildParts): void {
  const known = new Map<string, string>();
  for (const name of names) {
    const daemon = daemonNameOf(name);
    const other = known.get(daemon);
    known.set(daemon, name);
    if (other === undefined) continue;
    const message = `the Spread daemons of "${other}" and "${name}" would both be called "${daemon}"`;
    const hint = 'a daemon has the first 19 characters of its node';
    diagnostics.add({ code: 'CONFIG_BAD_VALUE', place: placeOf(['nodes', name]), message, hint });
  }
}
