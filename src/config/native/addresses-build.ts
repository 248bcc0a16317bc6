/**
 * The pool of a checked native configuration, for one node.
 *
 * What a newcomer gets wrong: here a node's keys replace the shared ones one by one, unlike
 * everywhere else. A node that prefers an address does not have to repeat the pool.
 */

import { isLoopbackPool } from '../../core/address/loopback.ts';
import type { AddressGroup, PartitionPolicy } from '../../core/address/pool.ts';
import type { AddressesConfig, GroupConfig } from '../../core/cluster/config.ts';
import { PROFILES } from '../../core/ring/timing.ts';
import { ADDRESS_DEFAULTS, type PlacedAddresses, resolvePrefer } from '../address-pool.ts';
import { didYouMean } from '../suggest.ts';
import type { ParsedAddresses } from './addresses-schema.ts';
import type { BuildParts } from './build.ts';
import type { Path } from './locate.ts';
import type { ParsedCluster } from './schema.ts';

export type AddressBuildParts = BuildParts & {
  readonly nodeName: string;
  /** Of a file named in the configuration; null when it cannot be read, which has been said. */
  readonly readSecret: (path: string, at: Path) => string | null;
  /** What signs announcements. */
  readonly announceSecret: string | null;
};

/** @returns null when this node has no part in a pool */
export function buildAddresses(
  cluster: ParsedCluster,
  parts: AddressBuildParts,
): PlacedAddresses | null {
  const { addresses: shared } = cluster;
  const { nodeName, diagnostics, placeOf } = parts;
  const node = cluster.nodes[nodeName]?.addresses ?? {};
  if (shared === undefined) {
    if (Object.keys(node).length === 0) return null;
    const place = placeOf(['nodes', nodeName, 'addresses']);
    const message = 'there is no pool of addresses to have a part in';
    const hint = 'the pool stands at the top: addresses: { pool: [...] }';
    diagnostics.add({ code: 'CONFIG_POOL_EMPTY', place, message, hint });
    return null;
  }
  const members = membersOf(cluster, shared, parts);
  if (!members.includes(nodeName)) return null;
  const poolPath: Path =
    node.pool === undefined ? ['addresses', 'pool'] : ['nodes', nodeName, 'addresses', 'pool'];
  const pool = (node.pool ?? shared.pool).flatMap((addresses): AddressGroup[] => {
    return addresses[0] === undefined ? [] : [{ name: addresses[0].address, addresses }];
  });
  if (pool.length === 0) {
    const place = placeOf(poolPath);
    diagnostics.add({ code: 'CONFIG_POOL_EMPTY', place, message: 'the pool has no addresses' });
    return null;
  }
  return {
    addresses: configOf(cluster, { shared, members, pool, parts }),
    placement: {
      whole: { file: parts.file, span: null },
      pool: pool.map(({ addresses }, index) =>
        addresses.map((_, at) =>
          placeOf(addresses.length === 1 ? [...poolPath, index] : [...poolPath, index, at]),
        ),
      ),
      policy: placeOf(['addresses', 'policy']),
      group: placeOf(['addresses', 'group']),
      secretFile: shared.group?.secretFile ?? null,
    },
  };
}

type Ingredients = {
  readonly shared: ParsedAddresses;
  readonly members: readonly string[];
  readonly pool: readonly AddressGroup[];
  readonly parts: AddressBuildParts;
};

function configOf(
  cluster: ParsedCluster,
  { shared, members, pool, parts }: Ingredients,
): AddressesConfig {
  const { nodeName, placeOf, diagnostics } = parts;
  const node = cluster.nodes[nodeName]?.addresses ?? {};
  const group = groupOf(cluster, { shared, members, pool, parts });
  const preferPath: Path =
    node.prefer === undefined
      ? ['addresses', 'prefer']
      : ['nodes', nodeName, 'addresses', 'prefer'];
  const wishes = (node.prefer ?? shared.prefer ?? []).map((value, index) => {
    return { value, place: placeOf([...preferPath, index]) };
  });
  const hooks = node.hooks ?? shared.hooks;
  return {
    pool,
    matureMs: shared.mature ?? ADDRESS_DEFAULTS.matureMs,
    balance: balanceOf(shared.balance),
    prefer: resolvePrefer(wishes, pool, diagnostics),
    weight: node.weight ?? shared.weight ?? ADDRESS_DEFAULTS.weight,
    policy: policyOf(shared.policy, members.length, group),
    group,
    compatibility: shared.compatibility ?? null,
    notify: shared.notify ?? [],
    arpCacheMs: shared.arpCache ?? ADDRESS_DEFAULTS.arpCacheMs,
    refreshMs: shared.refresh ?? ADDRESS_DEFAULTS.refreshMs,
    validMs: validOf(shared.valid, parts),
    hooks: { up: hooks?.up ?? [], down: hooks?.down ?? [] },
  };
}

/** The names of the nodes that share the pool. */
function membersOf(
  { nodes }: ParsedCluster,
  shared: ParsedAddresses,
  { diagnostics, placeOf }: AddressBuildParts,
): readonly string[] {
  const names = Object.keys(nodes);
  shared.nodes?.forEach((name, index) => {
    if (names.includes(name)) return;
    const place = placeOf(['addresses', 'nodes', index]);
    const message = `there is no node "${name}"`;
    const hint = didYouMean(name, names) ?? `the nodes: ${names.join(', ')}`;
    diagnostics.add({ code: 'CONFIG_UNKNOWN_NODE', place, message, hint });
  });
  return shared.nodes ?? names;
}

function groupOf(
  { nodes }: ParsedCluster,
  { shared, members, pool, parts }: Ingredients,
): GroupConfig {
  const { group } = shared;
  // Our own name included: another machine may run under it by mistake, and is to hear of us.
  const addresses = members.flatMap((name) => nodes[name]?.address?.host ?? []);
  return {
    engine: group?.engine ?? { kind: 'ring' },
    name: group?.name ?? ADDRESS_DEFAULTS.groupName,
    port: group?.port ?? ADDRESS_DEFAULTS.port,
    profile: group?.profile ?? ADDRESS_DEFAULTS.profile,
    // On one machine, the others have the same port.
    host: isLoopbackPool(pool) ? (nodes[parts.nodeName]?.address?.host ?? null) : null,
    // With one that has no address, a list would leave it out: then all are looked for.
    peers: group?.peers ?? (addresses.length === members.length ? addresses : []),
    multicast: group?.multicast ?? null,
    secrets: secretsOf(group, parts),
  };
}

function secretsOf(group: ParsedAddresses['group'], parts: AddressBuildParts): string[] {
  const read = (path: string, ...at: Path) => parts.readSecret(path, ['addresses', 'group', ...at]);
  const first =
    group?.secretFile === undefined
      ? (group?.secret ?? parts.announceSecret)
      : read(group.secretFile, 'secretFile');
  const old = (group?.oldSecretFiles ?? []).map((path, index) =>
    read(path, 'oldSecretFiles', index),
  );
  return [first, ...old].filter((secret) => secret !== null);
}

function balanceOf(written: ParsedAddresses['balance']): AddressesConfig['balance'] {
  const byDefault = ADDRESS_DEFAULTS.balance;
  if (written === undefined || written === 'all') return byDefault;
  if (written === 'off') return { ...byDefault, enabled: false };
  return {
    rate: written.rate ?? byDefault.rate,
    intervalMs: written.interval ?? byDefault.intervalMs,
    enabled: true,
  };
}

function policyOf(
  written: ParsedAddresses['policy'],
  nodes: number,
  { profile }: GroupConfig,
): PartitionPolicy {
  if (written === undefined || written === 'serve') return { kind: 'serve' };
  // Decision 0011: what the larger part waits for is that the smaller one has noticed as well.
  if (written === 'quorum') return { kind: 'quorum', nodes, marginMs: PROFILES[profile].silenceMs };
  return { kind: 'gateway', addresses: written.gateway };
}

/** The kernel counts whole seconds, and what is renewed each third of it must not run out. */
const VALID_MS_MIN = 1_000;

function validOf(written: number | undefined, { diagnostics, placeOf }: AddressBuildParts): number {
  if (written === undefined) return ADDRESS_DEFAULTS.validMs;
  if (written >= VALID_MS_MIN) return written;
  const place = placeOf(['addresses', 'valid']);
  const message = 'an address is valid for at least 1 s: the kernel counts whole seconds';
  diagnostics.add({ code: 'CONFIG_BAD_DURATION', place, message });
  return ADDRESS_DEFAULTS.validMs;
}
