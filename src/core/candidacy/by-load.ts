/**
 * `byLoad [bias]`: least loaded first, by the one-minute load average each server announced.
 *
 * The bias (default 0, a load, so 0.5 is half a waiting process) is added to every server but
 * ourselves: more of it keeps more requests local; it may be negative. Not scaled by the number or
 * speed of processors, as in the original (CNDS-2000-2: "one minute average system load"); `byCost`
 * scales. Stable: ties keep the order they came in.
 *
 * What a newcomer gets wrong: alone it herds. The load average moves slowly and is announced once a
 * second, so until then every request goes to the same server (herding.test.ts). Put `byRandom,
 * byLogWindow` or `addPrediction` before it.
 */
import { type ArgumentError, nameOf, orThrow, parseDecimal } from './argument.ts';
import type { Candidacy, Server } from './candidates.ts';
import { loadPredictedMilli } from './prediction.ts';

export function byLoad(bias?: number): Candidacy {
  return orThrow('byLoad', parseByLoad(bias === undefined ? null : String(bias)));
}

export function parseByLoad(argument: string | null): Candidacy | ArgumentError {
  const parsed = argument === null ? { value: 0 } : parseDecimal(argument);
  if ('error' in parsed) return parsed;
  // Loads are kept in thousandths, so that no fraction travels in an announcement.
  const biasMilli = Math.round(parsed.value * 1000);
  return {
    name: nameOf('byLoad', argument),
    apply: (candidates) => candidates.sortBy(candidates.predicting ? predicted : told, biasMilli),
    figure: (server, candidates) =>
      `load ${((candidates.predicting ? predicted : told)(server, biasMilli) / 1000).toFixed(2)}`,
  };
}

function told(server: Server, biasMilli: number): number {
  return server.loadMilli + (server.slot === 0 ? 0 : biasMilli);
}

function predicted(server: Server, biasMilli: number): number {
  return loadPredictedMilli(server) + (server.slot === 0 ? 0 : biasMilli);
}
