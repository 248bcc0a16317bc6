/**
 * How long an address is not answered for, at most, by what has happened: the sum, term by term.
 *
 * "How do I calculate total failure detection time?" is asked again and again of others; here
 * `forehand check` prints it. What a newcomer gets wrong: a bound is not what is measured. Half of
 * the silence has passed, on average, when the next heartbeat would have been due; the view is
 * agreed in a millisecond when no datagram is lost.
 */
import { PROFILES, type Profile } from '../ring/timing.ts';
import type { PartitionPolicy } from './pool.ts';

export type BudgetTerm = { readonly name: string; readonly ms: number };

export type Budget = {
  readonly event: string;
  readonly terms: readonly BudgetTerm[];
  readonly totalMs: number;
};

/** Proposal, consent, installation: three datagrams on a local network with a busy scheduler. */
const VIEW_MS = 5;
/** One address through netlink takes 0.04 to 0.24 ms (docs/architecture.md). */
const HOLD_MS_EACH = 0.25;
/** Below, what a main thread may be busy with counts for more. */
const HOLD_MS_MIN = 10;
/** From the kernel's closing of a dead process' sockets to the reset at the peer. */
const RESET_MS = 1;
/** The guard's patience with a daemon that gives no sign (node/guard/). */
const GUARD_MS = 1_000;
/** The kernel looks for what has expired now and then (docs/operating/kernel-versions.md). */
const EXPIRY_MS = 1_250;

export function budgets(options: {
  readonly profile: Profile;
  readonly policy: PartitionPolicy;
  readonly addressCount: number;
}): readonly Budget[] {
  const { silenceMs, repeatMs } = PROFILES[options.profile];
  const { policy, addressCount } = options;
  const margin = policy.kind === 'quorum' ? [{ name: 'margin', ms: policy.marginMs }] : [];
  const takeOver: readonly BudgetTerm[] = [
    // One datagram of it may be lost and repeated.
    { name: 'view', ms: VIEW_MS + repeatMs },
    ...margin,
    { name: 'take-over', ms: Math.max(HOLD_MS_MIN, Math.ceil(addressCount * HOLD_MS_EACH)) },
    // In the same step: the first frame of the burst leaves before anything else is done.
    { name: 'announcement', ms: 0 },
  ];
  const silence = { name: 'silence', ms: silenceMs };
  return [
    budget('machine without power or network', [silence, ...takeOver]),
    budget('daemon killed', [{ name: 'reset', ms: RESET_MS }, ...takeOver]),
    budget('daemon frozen', [silence, ...takeOver]),
  ];
}

/** How long a frozen daemon may still answer beside the one that has taken over. */
export function fenceMs(validMs: number): { readonly guardMs: number; readonly kernelMs: number } {
  return { guardMs: GUARD_MS, kernelMs: validMs + EXPIRY_MS };
}

function budget(event: string, terms: readonly BudgetTerm[]): Budget {
  return { event, terms, totalMs: terms.reduce((sum, { ms }) => sum + ms, 0) };
}
