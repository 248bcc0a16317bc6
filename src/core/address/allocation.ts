/**
 * Who owns what, after something has changed. Wackamole's Priority_claim and Claim_unclaimed
 * (`wackamole.c`), with weights, and with moves that leave no gap.
 *
 * Every member computes this from the same rows and the same candidates in the same order, and so
 * without a message. Hence no clock, no randomness and no set whose order is not the view's.
 */
import { bestOf, type Candidate } from './eligibility.ts';
import { Shares } from './shares.ts';
import {
  Claim,
  futureOwner,
  type Heir,
  orphaned,
  ownedBy,
  type Row,
  unclaimed,
  type Why,
  withHeir,
} from './table.ts';

/**
 * @param candidates everybody who has spoken, in the order of the view; an owner that is not among
 *   them is gone
 */
export function allocate(rows: readonly Row[], candidates: readonly Candidate[]): Row[] {
  const fits = rows.map((row) => fittestFor(row, candidates));
  const table = rows.map((row, index) => withoutUnable(row, candidates, fits[index]!));
  const shares = new Shares(table);
  const put = (index: number, row: Row): void => {
    shares.move(futureOwner(table[index]!), futureOwner(row));
    table[index] = row;
  };
  // First those who want something, so that the others are counted with what they will have.
  table.forEach((row, index) => {
    put(index, toPreferrer(row, fits[index]!));
  });
  table.forEach((row, index) => {
    if (row.owner !== null) return;
    const taker = shares.leastOf(fits[index]!);
    if (taker !== null) put(index, ownedBy(row, taker.name, Claim.claimed, row.why));
  });
  table.forEach((row, index) => {
    const heir = heirOfUnfit(row, fits[index]!, shares);
    if (heir !== null) put(index, withHeir(row, heir));
  });
  return table;
}

/**
 * The move that was planned has not come about in time: to somebody else, or asked for again.
 * The owner goes on holding whatever comes out.
 */
export function replan(rows: readonly Row[], row: Row, candidates: readonly Candidate[]): Row {
  const { heir, owner } = row;
  if (heir === null) return row;
  const again = { ...row, tries: row.tries + 1 };
  if (heir.why.cause === 'prefers') return again;
  // The next round of balancing looks afresh; an operator sees that it has not come about.
  if (heir.why.cause === 'balanced' || heir.why.cause === 'asked') return withHeir(row, null);
  const others = fittestFor(row, candidates).filter(({ name }) => {
    return name !== heir.name && name !== owner;
  });
  const other = new Shares(rows).leastOf(others);
  return other === null ? again : { ...again, heir: { name: other.name, why: heir.why } };
}

/** @returns why the group is not planned to move there, or null: it may */
export function whyNoMove(row: Row, to: string, candidates: readonly Candidate[]): string | null {
  const { group, owner } = row;
  if (owner === null) return `nobody may hold ${group}`;
  if (owner === to) return `${to} holds it already`;
  if (!candidates.some(({ name }) => name === to)) return `${to} is no member of this view`;
  const fit = fittestFor(row, candidates);
  if (row.claim === Claim.stranger || !includes(fit, to)) return `others are fitter than ${to}`;
  const preferring = fit.filter(({ prefers }) => prefers.has(group));
  if (preferring.length === 0 || includes(preferring, to)) return null;
  return `${preferring.map(({ name }) => name).join(', ')} has a preference for it`;
}

/** Not while it sees a stranger answer, or has just failed to put it up. */
export function canTake({ strangers, failing }: Candidate, { group }: Row): boolean {
  return !strangers.has(group) && !failing.has(group);
}

/**
 * Those among whom the group is given away: the best of all that can take it. When nobody can put
 * it up, whoever has failed may try again; beside a stranger nobody may.
 */
function fittestFor(row: Row, candidates: readonly Candidate[]): readonly Candidate[] {
  const able = bestOf(candidates.filter((candidate) => canTake(candidate, row)));
  if (able.length > 0) return able;
  return bestOf(candidates.filter(({ strangers }) => !strangers.has(row.group)));
}

/** Takes a row from an owner, and from an heir, that must not have it. */
function withoutUnable(row: Row, candidates: readonly Candidate[], fit: readonly Candidate[]): Row {
  const { owner, heir } = row;
  if (heir !== null && !includes(fit, heir.name)) row = withHeir(row, null);
  if (owner === null) return row;
  const holder = candidates.find(({ name }) => name === owner);
  if (holder?.strangers.has(row.group)) {
    // Nothing is held, so there is nothing to hand over; and the next one has to look for itself.
    if (!bestOf(candidates).includes(holder)) return unclaimed(row.group, null);
    return { ...withHeir(row, null), claim: Claim.stranger };
  }
  if (holder !== undefined && holder.rank !== null) {
    return row.claim < Claim.claimed ? { ...row, claim: Claim.claimed } : row;
  }
  if (row.claim === Claim.stranger) return unclaimed(row.group, null);
  if (row.heir === null) return orphaned(row);
  // Gone in the middle of a move: the heir has it already, or is about to.
  return ownedBy(row, row.heir.name, Claim.claimed, { cause: 'took-over', from: owner });
}

/** Of several who prefer a group, the one that has it keeps it, else the first of the view. */
function toPreferrer(row: Row, fit: readonly Candidate[]): Row {
  if (row.claim === Claim.stranger) return row;
  const preferring = fit.filter((candidate) => candidate.prefers.has(row.group));
  if (includes(preferring, row.owner)) return { ...withHeir(row, null), claim: Claim.preferred };
  const [first] = preferring;
  const claim = row.claim === Claim.preferred ? Claim.claimed : row.claim;
  if (first === undefined) return { ...row, claim };
  if (row.owner === null) {
    const why: Why = { cause: 'prefers', from: row.why.from };
    return ownedBy(row, first.name, Claim.preferred, why);
  }
  if (includes(preferring, row.heir?.name ?? null)) return { ...row, claim };
  const why: Why = { cause: 'prefers', from: row.owner };
  return { ...withHeir(row, { name: first.name, why }), claim };
}

/** A planned move away from somebody who may hold it, but less well than others. */
function heirOfUnfit(row: Row, fit: readonly Candidate[], shares: Shares): Heir | null {
  const { owner, heir, claim } = row;
  if (owner === null || heir !== null || claim === Claim.stranger) return null;
  if (includes(fit, owner)) return null;
  const taker = shares.leastOf(fit);
  if (taker === null) return null;
  return { name: taker.name, why: { cause: 'relieved', from: owner } };
}

function includes(candidates: readonly Candidate[], name: string | null): boolean {
  return candidates.some((candidate) => candidate.name === name);
}
