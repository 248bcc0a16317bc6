/**
 * `byCPU`: most idle processors first. `byCPU only` then keeps just the first.
 *
 * Idle is the share of the server's last interval in which its processors, all together, had
 * nothing to do. Stable. The sources disagree whether the original reorders (CNDS-2000-2) or keeps
 * one server (the article): reordering leaves someone to turn to when the best cannot be reached,
 * so it is what happens by default.
 */
import { type ArgumentError, nameOf } from './argument.ts';
import type { Candidacy, Server } from './candidates.ts';
import { cpuIdlePredictedMilli } from './prediction.ts';

export function byCPU(extent?: 'only'): Candidacy {
  return byCpuNamed(extent === 'only', nameOf('byCPU', extent));
}

export function parseByCPU(argument: string | null): Candidacy | ArgumentError {
  const isOnly = argument?.trim().toLowerCase() === 'only';
  if (argument === null || isOnly) return byCpuNamed(isOnly, nameOf('byCPU', argument));
  return {
    error: `expected nothing or "only", found "${argument}"`,
    hint: '"byCPU" sorts, "byCPU only" keeps the most idle server alone',
  };
}

function byCpuNamed(keepsOne: boolean, name: string): Candidacy {
  return {
    name,
    apply: (candidates) => {
      candidates.sortBy(candidates.predicting ? busyPredicted : busyTold, null);
      if (keepsOne && candidates.count > 1) candidates.count = 1;
    },
    figure: (server, candidates) => {
      const busy = (candidates.predicting ? busyPredicted : busyTold)(server);
      return `${(-busy / 10).toFixed(0)} % idle`;
    },
  };
}

function busyTold(server: Server): number {
  return -server.cpuIdleMilli;
}

function busyPredicted(server: Server): number {
  return -cpuIdlePredictedMilli(server);
}
