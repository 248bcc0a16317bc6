/**
 * Who may hold addresses, and who had better not.
 *
 * What a newcomer gets wrong: "sick" is relative. When every member is sick, all are as good as
 * healthy, since an answer "sick" is better than silence. Only the reasons of `NEVER` are absolute.
 * A member that drains comes behind a sick one: it is about to be gone altogether.
 */
import { type Ineligibility, NEVER, RELUCTANT } from './keeper-events.ts';
import type { MemberFacts, Terms } from './member-facts.ts';
import { describeDifference, type Reference, termsKey } from './reference.ts';

/** 0 is best; null may hold nothing. */
export type Rank = number | null;

/** A member as the table's arithmetic sees it. */
export type Candidate = {
  readonly name: string;
  readonly weight: number;
  readonly rank: Rank;
  readonly prefers: ReadonlySet<string>;
  /** Groups for which it sees somebody outside the cluster answer. */
  readonly strangers: ReadonlySet<string>;
  /** Groups that it cannot put up. */
  readonly failing: ReadonlySet<string>;
  /** All that speak against it, for people. */
  readonly reasons: readonly Ineligibility[];
};

export function isNever({ reason }: Ineligibility): boolean {
  return (NEVER as readonly string[]).includes(reason);
}

export function rankOf(reasons: readonly Ineligibility[]): Rank {
  if (reasons.some(isNever)) return null;
  return RELUCTANT.reduce(
    (rank, word, index) =>
      reasons.some(({ reason }) => reason === word) ? rank + 2 ** index : rank,
    0,
  );
}

/** Those among whom addresses are shared: everyone of the best rank there is. */
export function bestOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const ranks = candidates.flatMap(({ rank }) => (rank === null ? [] : [rank]));
  const best = Math.min(...ranks);
  return candidates.filter(({ rank }) => rank === best);
}

/** More than half. Half is not enough: the other half could think the same (decision 0011). */
export function hasQuorum(reachable: number, nodes: number): boolean {
  return reachable * 2 > nodes;
}

export function quorumReason(reachable: number, nodes: number): Ineligibility {
  return { reason: 'no-quorum', detail: `${reachable} of ${nodes} nodes reachable` };
}

/**
 * @param names all members of the view, in its order
 * @param facts of those that have spoken; the others hold nothing
 */
export function candidatesOf(
  names: readonly string[],
  facts: ReadonlyMap<string, MemberFacts>,
  reference: Reference,
): Candidate[] {
  const known = new Set([...facts.values()].flatMap(({ condition }) => condition.macs));
  const common = [...commonReasons(names.length, reference.terms), ...besideReasons(facts)];
  return names.flatMap((name) => {
    const own = facts.get(name);
    if (own === undefined) return [];
    const reasons = [...own.condition.reasons, ...common.filter(isNews(own.condition.reasons))];
    if (termsKey(own.terms) !== reference.key) {
      const detail = describeDifference(name, own.terms, reference);
      reasons.push({ reason: 'config-differs', detail });
    }
    const strangers = own.condition.strangers.filter(({ mac }) => !known.has(mac));
    return {
      name,
      weight: own.weight,
      rank: rankOf(reasons),
      prefers: new Set(own.prefer),
      strangers: new Set(strangers.map(({ group }) => group)),
      failing: new Set(own.condition.failing),
      reasons,
    };
  });
}

/** One member that sees a view which goes first speaks for all of its own view. */
function besideReasons(facts: ReadonlyMap<string, MemberFacts>): readonly Ineligibility[] {
  for (const [name, { condition }] of facts) {
    const beside = condition.reasons.find(({ reason }) => reason === 'beside');
    if (beside !== undefined) return [{ reason: 'beside', detail: `${name}: ${beside.detail}` }];
  }
  return [];
}

function isNews(said: readonly Ineligibility[]): (reason: Ineligibility) => boolean {
  return ({ reason }) => !said.some((other) => other.reason === reason);
}

/** What a policy holds against everybody in the view. */
function commonReasons(reachable: number, { policy, nodes }: Terms): readonly Ineligibility[] {
  const lost = policy === 'quorum' && !hasQuorum(reachable, nodes);
  return lost ? [quorumReason(reachable, nodes)] : [];
}
