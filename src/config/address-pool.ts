/**
 * What both dialects need for a pool of virtual addresses: defaults, places, and preferences.
 *
 * The defaults are Wackamole's manual page, where it has one, and not its code, which waits 300 s
 * where the manual says 5 s (docs/reference/wackamole-deviations.md).
 */
import type { AddressGroup } from '../core/address/pool.ts';
import { GROUPS_MAX, WEIGHT_MAX } from '../core/address/pool.ts';
import type { AddressesConfig, GroupEngine } from '../core/cluster/config.ts';
import { ipOctets, networkContains } from '../core/util/ip.ts';
import type { Diagnostics, Place } from './diagnostic.ts';
import type { Placed } from './draft.ts';
import { didYouMean } from './suggest.ts';
import { type Range, writeHost } from './values.ts';

export const ADDRESS_DEFAULTS = {
  matureMs: 5_000,
  balance: { rate: 'all', intervalMs: 4_000, enabled: true },
  arpCacheMs: 60_000,
  refreshMs: 60_000,
  validMs: 2_000,
  weight: 1,
  port: 4_803,
  profile: 'lan',
  groupName: 'forehand',
} as const;

/** What a Spread daemon listens on by default, as SP_connect takes it. */
const SPREAD_DAEMON_DEFAULT = '4803';
/** The original's `SpreadRetryInterval`. */
const SPREAD_RETRY_MS_DEFAULT = 5_000;

export type SpreadEngine = Extract<GroupEngine, { readonly kind: 'spread' }>;

/** A Spread daemon, with what was said of it; undefined: not said. */
export function spreadEngine(said: {
  readonly daemon?: string | undefined;
  readonly user?: string | undefined;
  readonly retryMs?: number | undefined;
  readonly otherwise?: SpreadEngine['otherwise'] | undefined;
}): SpreadEngine {
  return {
    kind: 'spread',
    daemon: said.daemon ?? SPREAD_DAEMON_DEFAULT,
    user: said.user ?? null,
    retryMs: said.retryMs ?? SPREAD_RETRY_MS_DEFAULT,
    otherwise: said.otherwise ?? 'ring',
  };
}

/** Bits of an address within which neighbours are told of a change (`NET` of wackamole.conf). */
export const NOTIFY_PREFIX_LENGTH_DEFAULT = 24;
export const NOTIFY_PREFIX_LENGTH_DEFAULT_V6 = 64;

export const WEIGHT: Range = { min: 1, max: WEIGHT_MAX };
export const RATE: Range = { min: 1, max: GROUPS_MAX };
/** Addresses told in one second; 0 is all of them at once. */
export const THROTTLE: Range = { min: 0, max: 65_535 };

/** Linux' IFNAMSIZ is 16, with the zero at the end. */
export const INTERFACE_NAME_MAX = 15;

export type AddressPlacement = {
  readonly whole: Place;
  /** As the pool: by group, then by address. */
  readonly pool: readonly (readonly Place[])[];
  readonly policy: Place;
  /** Where the group's name and port are said. */
  readonly group: Place;
  /** The file of the group's own secret, if it has one. */
  readonly secretFile: string | null;
};

export type PlacedAddresses = {
  readonly addresses: AddressesConfig;
  readonly placement: AddressPlacement;
};

/** An address, or a network that stands for all addresses of the pool inside of it. */
export type Wish = Placed<{ readonly address: string; readonly prefixLength: number }>;

/** The groups meant, by their names; a wish that means none is said so. */
export function resolvePrefer(
  wishes: readonly Wish[],
  pool: readonly AddressGroup[],
  diagnostics: Diagnostics,
): string[] {
  const names = new Set<string>();
  for (const { value, place } of wishes) {
    const meant = pool.filter(({ addresses }) =>
      addresses.some(({ address }) => networkContains(value, ipOctets(address)!)),
    );
    for (const { name } of meant) names.add(name);
    if (meant.length > 0) continue;
    const known = pool.flatMap(({ addresses }) => addresses.map(({ address }) => address));
    const written = `${writeHost(value.address)}`;
    const message = `"${written}" is preferred, but no address of the pool`;
    const hint = didYouMean(value.address, known) ?? 'its addresses are those to choose from';
    diagnostics.add({ code: 'CONFIG_PREFER_UNKNOWN', place, message, hint });
  }
  // In the order of the pool, so that equal wishes are equal configurations.
  return pool.map(({ name }) => name).filter((name) => names.has(name));
}
