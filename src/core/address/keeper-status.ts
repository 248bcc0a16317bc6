/**
 * Who holds what, why, and why each other member does not: what `forehand status` prints.
 *
 * What a newcomer gets wrong: this is one node's picture. It is the same at all members of a view,
 * but for `here`; two nodes that show different ones are in different views.
 */
import { bestOf, type Candidate, rankOf } from './eligibility.ts';
import type { Ineligibility } from './keeper-events.ts';
import type { Replica } from './replica.ts';
import { pendingText, reasonsText } from './reports.ts';
import { Claim, countOf, type Row, whyText } from './table.ts';

/** `joining`: in no view yet. */
export type KeeperPhase = 'joining' | 'gather' | 'boot' | 'run';

export type KeeperStatus = {
  readonly phase: KeeperPhase;
  readonly mature: boolean;
  /** When this node alone is mature, on the clock of the events; null once it is. */
  readonly matureAtMs: number | null;
  /** As text, `12@web1`; null in no view. */
  readonly view: string | null;
  /** What a pool that was loaded waits for; null: nothing is waiting. */
  readonly pending: string | null;
  readonly members: readonly MemberStatus[];
  readonly groups: readonly GroupStatus[];
};

export type MemberStatus = {
  readonly name: string;
  /** Has not said what it holds, in this view. */
  readonly silent: boolean;
  readonly eligible: boolean;
  readonly reasons: readonly Ineligibility[];
  readonly weight: number;
  /** Groups it owns, or is about to. */
  readonly count: number;
};

export type GroupStatus = {
  readonly group: string;
  readonly owner: string | null;
  readonly heir: string | null;
  readonly preferred: boolean;
  /** Somebody outside the cluster answers for it. */
  readonly stranger: boolean;
  /** What this node's kernel should have: `up` has been confirmed by the driver. */
  readonly here: 'no' | 'coming' | 'up';
  /** `took it over from web2`. */
  readonly why: string;
  /** For every other member: `holds 2, web1 only 1`, `proxy-sick (...)`. */
  readonly others: readonly { readonly name: string; readonly why: string }[];
};

export function statusOf(
  replica: Replica | null,
  own: {
    readonly mature: boolean;
    readonly matureAtMs: number;
    readonly here: (group: string) => GroupStatus['here'];
  },
): KeeperStatus {
  const maturity = { mature: own.mature, matureAtMs: own.mature ? null : own.matureAtMs };
  if (replica === null) {
    return { phase: 'joining', ...maturity, view: null, pending: null, members: [], groups: [] };
  }
  const { id } = replica.view;
  const best = bestOf(replica.candidates);
  return {
    phase: replica.phase,
    ...maturity,
    view: `${id.epoch}@${id.proposer}`,
    pending: pendingText(replica),
    members: replica.names.map((name) => memberStatus(replica, name)),
    groups: replica.rows.map((row) =>
      groupStatus(replica, row, { best, here: own.here(row.group) }),
    ),
  };
}

function memberStatus(replica: Replica, name: string): MemberStatus {
  const facts = replica.facts.get(name);
  const candidate = replica.candidates.find((other) => other.name === name);
  const reasons = candidate?.reasons ?? facts?.condition.reasons ?? [];
  return {
    name,
    silent: facts === undefined,
    eligible: facts !== undefined && rankOf(reasons) === 0,
    reasons,
    weight: facts?.weight ?? 0,
    count: countOf(replica.rows, name),
  };
}

function groupStatus(
  replica: Replica,
  row: Row,
  known: { readonly best: readonly Candidate[]; readonly here: GroupStatus['here'] },
): GroupStatus {
  const { best, here } = known;
  const owner = replica.candidates.find(({ name }) => name === row.owner) ?? null;
  const others = replica.names
    .filter((name) => name !== row.owner)
    .map((name) => ({ name, why: whyNot(replica, row, name, { owner, best }) }));
  return {
    group: row.group,
    owner: row.owner,
    heir: row.heir?.name ?? null,
    preferred: row.claim === Claim.preferred,
    stranger: row.claim === Claim.stranger,
    here,
    why: row.owner === null ? nobodyText(replica) : whyText(row.why),
    others,
  };
}

function nobodyText(replica: Replica): string {
  return replica.phase === 'boot' ? 'waiting for others to come' : 'nobody may hold it';
}

function whyNot(
  replica: Replica,
  row: Row,
  name: string,
  known: { readonly owner: Candidate | null; readonly best: readonly Candidate[] },
): string {
  const { owner, best } = known;
  const candidate = replica.candidates.find((other) => other.name === name);
  if (candidate === undefined) return 'has not said yet what it holds';
  if (row.heir?.name === name) return `about to take it: ${whyText(row.heir.why)}`;
  if (candidate.rank === null) return reasonsText(candidate.reasons);
  if (candidate.strangers.has(row.group)) return 'sees a stranger answer for it';
  if (candidate.failing.has(row.group)) return 'could not put it up';
  if (!best.includes(candidate)) return reasonsText(candidate.reasons);
  if (owner === null) return nobodyText(replica);
  if (row.claim === Claim.preferred) return `${owner.name} prefers it`;
  const count = countOf(replica.rows, name);
  const ownerCount = countOf(replica.rows, owner.name);
  const uneven = (count + 1) * owner.weight < ownerCount * candidate.weight;
  const shares = `holds ${count} already, ${owner.name} ${ownerCount}`;
  return uneven ? `${shares}: a round of balancing may move it` : shares;
}
