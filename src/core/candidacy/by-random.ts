/**
 * `byRandom`: a random order (Fisher-Yates); nobody is dropped.
 *
 * Before a sort it also decides that sort's ties, because sorts here are stable. Before
 * `byLogWindow` it decides who is looked at. Draws `count - 1` numbers from the request's own
 * source, so that one seed gives one choice.
 */
import { parseNothing } from './argument.ts';
import type { Candidacy } from './candidates.ts';

export function byRandom(): Candidacy {
  return {
    name: 'byRandom',
    apply: (candidates, { random }) => {
      const { servers } = candidates;
      for (let last = candidates.count - 1; last > 0; last--) {
        const pick = Math.floor(random() * (last + 1));
        const moved = servers[last]!;
        servers[last] = servers[pick]!;
        servers[pick] = moved;
      }
    },
  };
}

export function parseByRandom(argument: string | null) {
  return parseNothing(argument, byRandom);
}
