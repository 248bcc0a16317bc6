/**
 * What is wrong with a pool of addresses as a whole, though each of its lines is right.
 *
 * What a newcomer gets wrong: an address of the pool may well be on this machine right now, since
 * a running node holds some. Only what is configured as a node's own is compared.
 */
import { ADDRESSES_MAX, GROUPS_MAX } from '../core/address/pool.ts';
import type { AddressesConfig } from '../core/cluster/config.ts';
import type { AddressPlacement } from './address-pool.ts';
import { compatibilityProblem } from './compatibility.ts';
import type { Diagnostics } from './diagnostic.ts';

export type AddressCheckParts = {
  readonly diagnostics: Diagnostics;
  /** Names of this machine's interfaces; null: not known. */
  readonly interfaces: readonly string[] | null;
  /** Addresses that nodes have for themselves, by the node's name. */
  readonly owned: ReadonlyMap<string, string>;
};

export function checkAddresses(
  config: AddressesConfig,
  placement: AddressPlacement,
  parts: AddressCheckParts,
): void {
  checkPool(config, placement, parts);
  checkInterfaces(config, placement, parts);
  checkPolicy(config, placement, parts.diagnostics);
  const problem = compatibilityProblem(config);
  if (problem !== null) {
    const place = problem.of === 'group' ? placement.group : placement.policy;
    parts.diagnostics.add({ code: 'CONFIG_BAD_VALUE', place, message: problem.message });
  }
  // What an old group says is signed by nobody, whatever is configured.
  if (config.group.secrets.length === 0 && config.compatibility === null) {
    const message = 'the group is not signed: whoever sends to its port can take addresses away';
    const hint =
      'for example SecretFile = /etc/forehand.secret (native: addresses.group.secretFile)';
    const place = placement.group;
    parts.diagnostics.add({ code: 'CONFIG_GROUP_UNSIGNED', place, message, hint });
  }
}

function checkPool(
  { pool }: AddressesConfig,
  placement: AddressPlacement,
  { diagnostics, owned }: AddressCheckParts,
): void {
  const count = pool.reduce((sum, { addresses }) => sum + addresses.length, 0);
  if (pool.length > GROUPS_MAX || count > ADDRESSES_MAX) {
    const message = `the pool has ${pool.length} groups with ${count} addresses: ${GROUPS_MAX} and ${ADDRESSES_MAX} are the most`;
    diagnostics.add({ code: 'CONFIG_POOL_LIMIT', place: placement.policy, message });
    return;
  }
  const known = new Set<string>();
  pool.forEach(({ addresses }, group) => {
    addresses.forEach(({ address }, index) => {
      const place = placement.pool[group]?.[index] ?? placement.whole;
      if (known.has(address)) {
        const message = `"${address}" is in the pool twice`;
        diagnostics.add({ code: 'CONFIG_ADDRESS_DUPLICATE', place, message });
      }
      known.add(address);
      const owner = [...owned].find(([, own]) => own === address)?.[0];
      if (owner === undefined) return;
      const message = `"${address}" is the own address of node "${owner}": it cannot be shared`;
      diagnostics.add({ code: 'CONFIG_ADDRESS_OWNED', place, message });
    });
  });
}

function checkInterfaces(
  { pool }: AddressesConfig,
  placement: AddressPlacement,
  { diagnostics, interfaces }: AddressCheckParts,
): void {
  if (interfaces === null) return;
  pool.forEach(({ addresses }, group) => {
    addresses.forEach(({ interface: name }, index) => {
      if (interfaces.includes(name)) return;
      const place = placement.pool[group]?.[index] ?? placement.whole;
      const message = `this machine has no interface "${name}"`;
      const hint = `it has ${interfaces.slice(0, 6).join(', ')}`;
      diagnostics.addOnce(name, { code: 'CONFIG_UNKNOWN_INTERFACE', place, message, hint });
    });
  });
}

function checkPolicy(
  { policy }: AddressesConfig,
  placement: AddressPlacement,
  diagnostics: Diagnostics,
): void {
  if (policy.kind !== 'quorum') return;
  const place = placement.policy;
  if (policy.nodes < 2) {
    const message = 'a quorum of one node is no protection: name the other nodes';
    diagnostics.add({ code: 'CONFIG_QUORUM_ALONE', place, message });
  } else if (policy.nodes === 2) {
    const message = 'with two nodes, "quorum" means that neither serves without the other';
    const hint = 'policy: { gateway: ... } lets the one go on that still reaches the network';
    diagnostics.add({ code: 'CONFIG_QUORUM_OF_TWO', place, message, hint });
  }
}
