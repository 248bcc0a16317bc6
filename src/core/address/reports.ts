/**
 * What is worth a line in the log when the table has changed, with what decided it.
 *
 * What a newcomer gets wrong: all members see every change, but each reports only what it gains or
 * loses itself, and what concerns everybody. Else one move would be a line on every machine.
 */
import { type Candidate, rankOf } from './eligibility.ts';
import type { Ineligibility } from './keeper-events.ts';
import type { Stranger } from './member-facts.ts';
import { termsKey } from './reference.ts';
import type { Replica } from './replica.ts';
import { type Row, whyText } from './table.ts';

export type Picture = {
  readonly rows: readonly Row[];
  readonly candidates: readonly Candidate[];
};

export const EMPTY_PICTURE: Picture = { rows: [], candidates: [] };

export function changes(self: string, before: Picture, after: Picture): string[] {
  const rows = new Map(before.rows.map((row) => [row.group, row]));
  const moved = after.rows.flatMap((row) => rowChange(self, rows.get(row.group) ?? null, row));
  const told = new Set(before.candidates.flatMap(differencesOf));
  const differences = after.candidates.flatMap(differencesOf).filter((text) => !told.has(text));
  return [...differences, ...moved, ...orphans(before, after)];
}

export function reasonsText(reasons: readonly Ineligibility[]): string {
  return reasons.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}

/** What terms that some members have loaded wait for; null: nothing is waiting. */
export function pendingText(replica: Replica): string | null {
  if (!replica.hasWishes) return null;
  const liked = new Map<string, string[]>();
  for (const [name, { terms }] of replica.facts) {
    const key = termsKey(replica.wishOf(name) ?? terms);
    if (key !== termsKey(terms)) liked.set(key, [...(liked.get(key) ?? []), name]);
  }
  // Of several, the one that most have loaded.
  const [first] = [...liked].sort(([, a], [, b]) => b.length - a.length);
  if (first === undefined) return null;
  const [key, names] = first;
  const others = replica.names.filter((name) => {
    const wish = replica.wishOf(name);
    return wish === null || termsKey(wish) !== key;
  });
  if (others.length === 0) return 'the new pool waits for a quorum';
  return `the new pool, which ${names.join(', ')} loaded, waits for ${others.join(', ')} to load it`;
}

/** @param never what rules this node out */
export function causeText(
  row: Row | null,
  { self, never }: { readonly self: string; readonly never: readonly Ineligibility[] },
): string {
  if (never.length > 0) return reasonsText(never);
  if (row === null) return 'this node is in no view that shares it';
  if (row.heir?.name === self) return whyText(row.heir.why);
  if (row.owner === null) return 'nobody may hold it';
  const why = whyText(row.why);
  return row.owner === self ? why : `now at ${row.owner}: ${why}`;
}

export function strangerText({ group, address, mac }: Stranger): string {
  const what = address === group ? group : `${address} of ${group}`;
  return `${what}: in use by ${mac}, which is no member: not held before it is free`;
}

function rowChange(self: string, before: Row | null, after: Row): string[] {
  const { group, owner, heir } = after;
  if (before?.owner === owner) {
    const news = heir?.name !== before.heir?.name && heir !== null;
    if (news && owner === self) return [`${group}: moves to ${heir.name}, ${whyText(heir.why)}`];
    return [];
  }
  if (owner === self) return [`${group}: held here, ${whyText(after.why)}`];
  if (before?.owner !== self || owner === null) return [];
  return [`${group}: now at ${owner}, ${whyText(after.why)}`];
}

function differencesOf({ reasons }: Candidate): string[] {
  return reasons
    .filter(({ reason }) => reason === 'config-differs')
    .map(({ reason, detail }) => `${reason}: ${detail}`);
}

/** Said once, of all groups that have come to be nobody's, with what speaks against each member. */
function orphans(before: Picture, after: Picture): string[] {
  const were = new Set(before.rows.filter(({ owner }) => owner === null).map(({ group }) => group));
  const groups = after.rows
    .filter(({ owner, group }) => owner === null && !(were.has(group) && before.rows.length > 0))
    .map(({ group }) => group);
  if (groups.length === 0) return [];
  const against = after.candidates
    .filter(({ reasons }) => rankOf(reasons) === null)
    .map(({ name, reasons }) => `${name}: ${reasonsText(reasons)}`);
  return [`nobody may hold ${groups.join(', ')}: ${against.join('; ')}`];
}
