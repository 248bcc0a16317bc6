/**
 * What a node may not be asked for as a member of an old group: what the others know nothing of.
 *
 * What a newcomer gets wrong: this is asked twice. A file says it of itself; the command line says
 * it of a wackamole.conf, whose own language has no word for it.
 */
import type { AddressesConfig } from '../core/cluster/config.ts';
import { isLegalGroup } from '../core/spread/names.ts';
import { ipOctets } from '../core/util/ip.ts';

export type CompatibilityProblem = {
  readonly message: string;
  /** The setting that is to be another one. */
  readonly of: 'policy' | 'pool' | 'group';
};

/** @returns what stands against it, or null */
export function compatibilityProblem(config: AddressesConfig): CompatibilityProblem | null {
  const { compatibility, policy, pool, group } = config;
  if (compatibility === null) return null;
  if (policy.kind === 'quorum') {
    const message =
      'an old group has no quorum: every part of it holds all addresses (policy: "serve")';
    return { message, of: 'policy' };
  }
  const foreign = pool.find(({ name }) => ipOctets(name)?.length !== 4);
  if (foreign !== undefined) {
    const message = `an old group knows IPv4 only: "${foreign.name}" is no name for it`;
    return { message, of: 'pool' };
  }
  // The others are in the group of this very name: ours cannot be another one that is legal.
  if (!isLegalGroup(group.name)) {
    const message = `"${group.name}" is no group of Spread's: 1 to 31 characters, no blank, no #`;
    return { message, of: 'group' };
  }
  if (group.engine.kind !== 'corosync') return null;
  return { message: 'an old group speaks over Spread, not over Corosync', of: 'group' };
}
