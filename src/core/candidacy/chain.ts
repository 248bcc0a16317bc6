/**
 * Who serves this request: a chain of candidacy functions.
 *
 *     byAge 20s   ->  byRandom     ->  byLogWindow  ->  byLoad
 *     17 fresh        17 shuffled      4 kept           the first wins
 *
 * A chain is given every known server, but not every known server may take a request. So it runs
 * over the *eligible* first, and over more only when that leaves nobody better:
 *
 *     1  eligible      announced itself up, heard within SILENT_MS
 *     2  sessionless   the same without `bySession`, if 1 leaves nobody for a session's sake
 *     3  unsuspected   the same as 1 without suspects, if a suspect would win in 1
 *     4  everyone      if all that leaves nobody, and without `bySession`; those that have nothing
 *                      to serve excepted
 *
 * Draining servers are in the list of 1 and 3 until the last function that finds sessions has run
 * and then only if that is where the session lives. Suspects always go to the end of the final
 * list: last rather than away. In 4 the order is: up, draining, sick, silent.
 *
 * A director says `relaying` of itself and is in no list. Where two hear each other, the other one
 * is often the least loaded machine of all, and `removeSelf` removes only one of them.
 *
 * What a newcomer gets wrong: filtering once, before or after the chain, is not the same. Before, a
 * session could not reach its draining server; after, `byLogWindow` may have kept just the sick
 * ones. After a failed connection, mark the server suspect and go on with the next of `candidates`;
 * when there is no next one, choose again.
 */
import { AGE_MS_DEFAULT } from './by-age.ts';
import {
  type Asking,
  type Candidacy,
  type Candidates,
  NodeState,
  type Server,
} from './candidates.ts';
import { describe } from './own.ts';

/** Twenty announcements lost in a row are no accident, so such a server is as good as dead. */
export const SILENT_MS = AGE_MS_DEFAULT;

/** Behind every announced state: a sick server at least still speaks. */
const SILENT = NodeState.relaying + 1;

export type PassName = 'eligible' | 'sessionless' | 'unsuspected' | 'everyone';

/** Looks on while a chain runs. Costs the hot path one comparison per function. */
export type Observer = {
  readonly began: (pass: PassName, candidates: Candidates) => void;
  readonly applied: (candidacy: Candidacy, candidates: Candidates) => void;
};

/**
 * @param candidates the worker's own; afterwards it holds the final list, best first, and the
 * delivery
 * @param known every server of the cluster table in slot order, self first
 * @returns the first of the final list, or null when the chain left nobody
 */
export function choose(
  chain: readonly Candidacy[],
  candidates: Candidates,
  known: readonly Server[],
  asking: Asking,
  observer: Observer | null = null,
): Server | null {
  candidates.reset(known);
  run(chain, candidates, asking, 'eligible', observer);
  if (candidates.count === 0 && candidates.session !== null) {
    candidates.reset(known);
    run(chain, candidates, asking, 'sessionless', observer);
  }
  if (candidates.count === 0) {
    candidates.reset(known);
    run(chain, candidates, asking, 'everyone', observer);
  } else if (candidates.servers[0]!.suspect) {
    candidates.reset(known);
    run(chain, candidates, asking, 'unsuspected', observer);
    if (candidates.count > 0) return candidates.servers[0]!;
    candidates.reset(known);
    run(chain, candidates, asking, 'eligible', observer);
  }
  return candidates.count === 0 ? null : candidates.servers[0]!;
}

function run(
  chain: readonly Candidacy[],
  candidates: Candidates,
  asking: Asking,
  pass: PassName,
  observer: Observer | null,
): void {
  const withSuspects = pass !== 'unsuspected';
  const withSessions = pass === 'eligible' || pass === 'unsuspected';
  const sessionsEnd = withSessions ? lastFinderOfSessions(chain) : -1;
  if (pass === 'everyone') admit(candidates, asking, hasWhatToServe);
  else {
    const reachable = withSuspects ? isReachable : isReachableUnsuspected;
    admit(candidates, asking, sessionsEnd >= 0 ? reachable : eligible(withSuspects));
  }
  if (observer !== null) observer.began(pass, candidates);
  for (let i = 0; i < chain.length; i++) {
    if (withSessions || chain[i]!.findsSession !== true) apply(chain[i]!, candidates, asking);
    if (i === sessionsEnd) admit(candidates, asking, eligible(withSuspects));
    if (observer !== null) observer.applied(chain[i]!, candidates);
  }
  settle(candidates, asking, pass);
}

/**
 * A function that throws is passed over, with whatever it had done to the list: one of a user's may
 * be made by hand, without `candidacy()`, and no request may end the worker.
 */
function apply(candidacy: Candidacy, candidates: Candidates, asking: Asking): void {
  try {
    candidacy.apply(candidates, asking);
  } catch (error) {
    candidates.onFault({ candidacy: candidacy.name, reason: `threw ${describe(error)}` });
  }
}

function lastFinderOfSessions(chain: readonly Candidacy[]): number {
  for (let i = chain.length - 1; i >= 0; i--) if (chain[i]!.findsSession === true) return i;
  return -1;
}

function admit(candidates: Candidates, asking: Asking, admits: Candidates['admits']): void {
  candidates.admits = admits;
  // The list is the session's server alone then, and `isReachable` has let it in.
  if (candidates.session !== null) return;
  candidates.keep(admits, asking);
}

function eligible(withSuspects: boolean): Candidates['admits'] {
  return withSuspects ? isEligible : isEligibleUnsuspected;
}

function isReachable(server: Server, asking: Asking): boolean {
  return server.state < NodeState.sick && isHeard(server, asking);
}

function hasWhatToServe(server: Server): boolean {
  return server.state !== NodeState.relaying;
}

function isReachableUnsuspected(server: Server, asking: Asking): boolean {
  return !server.suspect && isReachable(server, asking);
}

function isEligible(server: Server, asking: Asking): boolean {
  return server.state === NodeState.up && isHeard(server, asking);
}

function isEligibleUnsuspected(server: Server, asking: Asking): boolean {
  return !server.suspect && isEligible(server, asking);
}

function isHeard(server: Server, { nowMs }: Asking): boolean {
  return nowMs - server.heardMs <= SILENT_MS;
}

/** The last word on the order. Sorts only when there is something to sort. */
function settle(candidates: Candidates, asking: Asking, pass: PassName): void {
  for (let i = 0; i < candidates.count; i++) {
    if (!candidates.servers[i]!.suspect && pass !== 'everyone') continue;
    candidates.sortBy(reluctance, asking);
    return;
  }
}

/**
 * States are numbered from willing to unwilling; silence is worse, and a suspect is after its like.
 */
function reluctance(server: Server, asking: Asking): number {
  const state = isHeard(server, asking) ? server.state : SILENT;
  return state * 2 + (server.suspect ? 1 : 0);
}
