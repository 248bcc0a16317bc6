/**
 * `removeSelf`: drops this node, for a director that serves nothing itself (article, example 1).
 *
 * It may leave nobody; the configuration's `onEmpty` then says what the client gets.
 */
import { parseNothing } from './argument.ts';
import type { Candidacy, Server } from './candidates.ts';

export function removeSelf(): Candidacy {
  return { name: 'removeSelf', apply: (candidates) => candidates.keep(isOther, null) };
}

export function parseRemoveSelf(argument: string | null) {
  return parseNothing(argument, removeSelf);
}

function isOther(server: Server): boolean {
  return server.slot !== 0;
}
