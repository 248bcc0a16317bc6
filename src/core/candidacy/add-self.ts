/**
 * `addSelf`: puts this node at the end of the list, unless it is in it.
 *
 * The end, so that the order so far stands and a sort after it decides. Where this node may not
 * take requests at present (draining, say) it is not added: see `chain.ts` for who is admitted
 * when.
 */
import { parseNothing } from './argument.ts';
import type { Candidacy } from './candidates.ts';

export function addSelf(): Candidacy {
  return {
    name: 'addSelf',
    apply: (candidates, asking) => {
      const self = candidates.known[0];
      if (self === undefined || self.slot !== 0) return;
      if (candidates.has(self) || !candidates.admits(self, asking)) return;
      candidates.servers[candidates.count++] = self;
    },
  };
}

export function parseAddSelf(argument: string | null) {
  return parseNothing(argument, addSelf);
}
