/**
 * Whose configuration counts when members differ, and how to say what differs.
 *
 * The terms of most mature members, then of most members, then of the lowest name: the ones that
 * serve already are not stopped by a newcomer with a typing error. Wackamole demands the same list
 * everywhere and never looks; with a line missing on one host it gives an address to nobody.
 */
import type { GroupShape, Terms } from './member-facts.ts';

type Party = {
  readonly key: string;
  readonly terms: Terms;
  readonly names: string[];
  mature: number;
};

export type Reference = {
  readonly terms: Terms;
  /** The same for all who agree. */
  readonly key: string;
  readonly names: readonly string[];
};

/** Made once: they are compared at every message. */
const keys = new WeakMap<Terms, string>();

export function termsKey(terms: Terms): string {
  const known = keys.get(terms);
  if (known !== undefined) return known;
  const { pool, policy, nodes } = terms;
  const groups = pool.map((group) => [group.name, group.addresses.map(addressText)]);
  const key = JSON.stringify([groups, policy, nodes]);
  keys.set(terms, key);
  return key;
}

/** The same addresses under the same name, in the same order. */
export function sameShape(a: GroupShape, b: GroupShape): boolean {
  return a.name === b.name && shapeText(a) === shapeText(b);
}

function shapeText({ addresses }: GroupShape): string {
  return addresses.map(addressText).join();
}

/** @param members at least one, in the order of the view, which is by name */
export function referenceOf(
  members: readonly { readonly name: string; readonly mature: boolean; readonly terms: Terms }[],
): Reference {
  const parties = new Map<string, Party>();
  for (const { name, mature, terms } of members) {
    const key = termsKey(terms);
    const party = parties.get(key) ?? { key, terms, names: [], mature: 0 };
    parties.set(key, party);
    party.names.push(name);
    if (mature) party.mature++;
  }
  // Stable: of equal parties the one with the lowest name came first.
  const [first] = [...parties.values()].sort(
    (a, b) => b.mature - a.mature || b.names.length - a.names.length,
  );
  return first!;
}

/** One line that names what differs: `web3 lacks 10.0.0.4, which web1, web2 have`. */
export function describeDifference(name: string, own: Terms, reference: Reference): string {
  const others = reference.names.join(', ');
  const has = reference.names.length === 1 ? 'has' : 'have';
  const wanted = reference.terms;
  const ownAddresses = new Set(own.pool.flatMap(addressesOf));
  const wantedAddresses = new Set(wanted.pool.flatMap(addressesOf));
  const lacks = [...wantedAddresses].filter((address) => !ownAddresses.has(address));
  if (lacks.length > 0) return `${name} lacks ${some(lacks)}, which ${others} ${has}`;
  const adds = [...ownAddresses].filter((address) => !wantedAddresses.has(address));
  if (adds.length > 0) {
    return `${name} has ${some(adds)}, which ${others} ${has === 'has' ? 'lacks' : 'lack'}`;
  }
  const regrouped = wanted.pool.find((group) => {
    const same = own.pool.find(({ name: other }) => other === group.name);
    return same === undefined || addressesOf(same).join() !== addressesOf(group).join();
  });
  if (regrouped !== undefined) {
    return `${name} groups the addresses around ${regrouped.name} otherwise than ${others}`;
  }
  if (own.policy !== wanted.policy || own.nodes !== wanted.nodes) {
    return `${name} goes by policy ${policyText(own)}, ${others} by ${policyText(wanted)}`;
  }
  const index = wanted.pool.findIndex((group, at) => own.pool[at]?.name !== group.name);
  if (index >= 0) {
    const where = `where ${others} ${has} ${wanted.pool[index]!.name}`;
    return `${name} lists ${own.pool[index]?.name ?? 'nothing'} ${where}`;
  }
  return `${name} gives other prefix lengths than ${others}`;
}

function addressesOf(group: GroupShape): string[] {
  return group.addresses.map(({ address }) => address);
}

function addressText(item: { readonly address: string; readonly prefixLength: number }): string {
  return `${item.address}/${item.prefixLength}`;
}

function policyText({ policy, nodes }: Terms): string {
  return policy === 'quorum' ? `quorum of ${nodes}` : policy;
}

/** A few of them: a log line is read by people. */
function some(items: readonly string[]): string {
  const shown = items.slice(0, 3).join(', ');
  return items.length > 3 ? `${shown} and ${items.length - 3} more` : shown;
}
