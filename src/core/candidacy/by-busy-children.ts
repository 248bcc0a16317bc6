/**
 * `byBusyChildren [bias]`: fewest requests in flight first, as each server announced them.
 *
 * Busy is what the server itself counted when it announced: the requests its application was
 * working on, from whomever they came. Nothing is added to it; `addPrediction` before this function
 * adds what we sent since. The bias (default 0, a number of requests) is added to every server but
 * ourselves. Not scaled by capacity. Stable.
 *
 * The name is Apache 1.3's, where a request in flight is a child process in state SERVER_BUSY.
 * 1.2.1 sorted by load here; that was a bug (fixed in 1.2.2) and is not repeated.
 */
import { type ArgumentError, nameOf, orThrow, parseDecimal } from './argument.ts';
import type { Candidacy, Server } from './candidates.ts';
import { inFlightPredicted } from './prediction.ts';

export function byBusyChildren(bias?: number): Candidacy {
  return orThrow('byBusyChildren', parseByBusyChildren(bias === undefined ? null : String(bias)));
}

export function parseByBusyChildren(argument: string | null): Candidacy | ArgumentError {
  const parsed = argument === null ? { value: 0 } : parseDecimal(argument);
  if ('error' in parsed) return parsed;
  const bias = parsed.value;
  return {
    name: nameOf('byBusyChildren', argument),
    apply: (candidates) => candidates.sortBy(candidates.predicting ? predicted : told, bias),
    figure: (server, candidates) =>
      `${(candidates.predicting ? predicted : told)(server, bias)} in flight`,
  };
}

function told(server: Server, bias: number): number {
  return server.inFlight + (server.slot === 0 ? 0 : bias);
}

function predicted(server: Server, bias: number): number {
  return inFlightPredicted(server) + (server.slot === 0 ? 0 : bias);
}
