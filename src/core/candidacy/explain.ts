/**
 * Why a chain chose whom it chose: the list after each function, and where it became empty.
 *
 * Runs the very same `choose`, looked on by an observer, so an explanation cannot differ from the
 * decision. What a newcomer gets wrong: with `byRandom` in the chain only the same `asking.random`
 * sequence gives the same winner.
 */

import type { Delivery, Fault, Server } from './candidates.ts';
import { type Asking, type Candidacy, Candidates, NodeState } from './candidates.ts';
import { choose, type PassName, SILENT_MS } from './chain.ts';

export type Step = {
  readonly candidacy: string;
  /** The list after it, best first, each with the figure it was judged by where there is one. */
  readonly left: readonly Judged[];
  /** Dropped by this function, with the same figure. */
  readonly dropped: readonly Judged[];
  /** A function of the user's own misbehaved and was ignored. */
  readonly fault: string | null;
};

export type Judged = { readonly server: Server; readonly figure: string };

export type Pass = {
  readonly pass: PassName;
  /** Those the chain was given. */
  readonly given: readonly Server[];
  /** Those it was not given, and why. */
  readonly withheld: readonly Judged[];
  readonly steps: readonly Step[];
};

export type Explanation = {
  readonly server: Server | null;
  /** The final list, for when the first cannot be reached. */
  readonly servers: readonly Server[];
  readonly delivery: Delivery;
  /** One, or two or three where the eligible alone did not decide it. */
  readonly passes: readonly Pass[];
  /** `byAge left nobody of web1 (heard 25.0 s ago)`; null when somebody was left. */
  readonly reason: string | null;
};

export function explain(
  chain: readonly Candidacy[],
  known: readonly Server[],
  asking: Asking,
): Explanation {
  const candidates = new Candidates();
  const passes: (Pass & { readonly steps: Step[] })[] = [];
  let before: Server[] = [];
  let fault: Fault | null = null;
  candidates.onFault = (happened) => {
    fault = happened;
  };
  const server = choose(chain, candidates, known, asking, {
    began: (pass) => {
      before = listOf(candidates);
      const withheld = known
        .filter((one) => !before.includes(one))
        .map((one) => ({ server: one, figure: whyWithheld(one, asking) }));
      passes.push({ pass, given: before, withheld, steps: [] });
    },
    applied: (candidacy) => {
      const judge = (one: Server): Judged => ({
        server: one,
        figure: candidacy.figure?.(one, candidates, asking) ?? '',
      });
      const left = listOf(candidates);
      const dropped = before.filter((one) => !left.includes(one)).map(judge);
      passes.at(-1)!.steps.push({
        candidacy: candidacy.name,
        left: left.map(judge),
        dropped,
        fault: (fault as Fault | null)?.reason ?? null,
      });
      before = left;
      fault = null;
    },
  });
  const { delivery } = candidates;
  const reason = server === null ? whyNobody(passes, known) : null;
  return { server, servers: listOf(candidates), delivery, passes, reason };
}

/** One line per function, as `forehand why` prints them. */
export function explanationLines(explanation: Explanation): string[] {
  const lines: string[] = [];
  for (const { pass, given, withheld, steps } of explanation.passes) {
    lines.push(`${pass}: ${judgedText(given.map((server) => ({ server, figure: '' })))}`);
    if (withheld.length > 0) lines.push(`  withheld: ${judgedText(withheld)}`);
    for (const { candidacy, left, fault } of steps) {
      const ignored = fault === null ? '' : ` [ignored: ${fault}]`;
      lines.push(`  ${candidacy}: ${judgedText(left)}${ignored}`);
    }
  }
  lines.push(explanation.reason ?? `winner: ${explanation.server?.name}`);
  return lines;
}

function listOf(candidates: Candidates): Server[] {
  return candidates.servers.slice(0, candidates.count);
}

function judgedText(judged: readonly Judged[]): string {
  if (judged.length === 0) return '(nobody)';
  return judged
    .map(({ server, figure }) => (figure === '' ? server.name : `${server.name} (${figure})`))
    .join(', ');
}

function whyWithheld(server: Server, { nowMs }: Asking): string {
  const silentMs = nowMs - server.heardMs;
  if (server.state === NodeState.relaying) return 'nothing to serve';
  if (server.state === NodeState.sick) return 'sick';
  if (silentMs > SILENT_MS) return `silent for ${(silentMs / 1000).toFixed(1)} s`;
  return server.state === NodeState.draining ? 'draining' : 'suspect';
}

/**
 * The last pass had the most servers to choose from, so where it ended is what is worth telling.
 */
function whyNobody(passes: readonly Pass[], known: readonly Server[]): string {
  if (known.length === 0) return 'no server is known';
  const emptied = passes.at(-1)!.steps.find(({ left }) => left.length === 0);
  if (emptied === undefined) return 'the chain was given nobody';
  return `${emptied.candidacy} left nobody of ${judgedText(emptied.dropped)}`;
}
