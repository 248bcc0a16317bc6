/**
 * `byAge [seconds]`: drops servers that have not reported their resources for so long.
 *
 * Default 20 s, the value of mod_backhand 1.1 and 1.2 (*Apache: The Definitive Guide*, 3rd ed.,
 * 12.6; the first report said 5). Exactly that old still counts, and a server heard "in the
 * future", because the clock was set back, counts too. Zero keeps those heard in this very
 * millisecond.
 *
 * What a newcomer gets wrong: silence beyond `SILENT_MS` already puts a server behind all others
 * (`chain.ts`), so a longer age than that only says who may serve when nobody fresher is left.
 */
import { type ArgumentError, nameOf, orThrow, parseDurationMs, type Seconds } from './argument.ts';
import type { Asking, Candidacy, Candidates, Server } from './candidates.ts';

export const AGE_MS_DEFAULT = 20_000;

export function byAge(age?: Seconds): Candidacy {
  return orThrow('byAge', parseByAge(age === undefined ? null : String(age)));
}

export function parseByAge(argument: string | null): Candidacy | ArgumentError {
  const parsed = argument === null ? { ms: AGE_MS_DEFAULT } : parseDurationMs(argument);
  return 'error' in parsed ? parsed : byAgeMs(parsed.ms, nameOf('byAge', argument));
}

function byAgeMs(ageMsMax: number, name: string): Candidacy {
  const isFresh = (server: Server, asking: Asking) => asking.nowMs - server.heardMs <= ageMsMax;
  return {
    name,
    apply: (candidates: Candidates, asking: Asking) => candidates.keep(isFresh, asking),
    figure: (server, _candidates, { nowMs }) =>
      `heard ${((nowMs - server.heardMs) / 1000).toFixed(1)} s ago`,
  };
}
