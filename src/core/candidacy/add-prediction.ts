/**
 * `addPrediction`: the functions after it see figures raised by what we sent since each
 * announcement.
 *
 * It changes neither list nor order. It switches the scores of `byLoad`, `byBusyChildren`, `byCPU`
 * and `byCost` for the rest of this chain: load and requests in flight rise by one for each request
 * we sent the server since its announcement was heard and that is not yet answered; idle processor
 * time falls by one processor's worth. So `addPrediction, byLoad` spreads the requests of one
 * second instead of sending them all to the server that was best when the second began.
 *
 * mod_backhand 1.1 and 1.2 have a function of this name without documentation; this meaning is
 * ours. Functions of the user's own get the figures as announced, and `sentSinceHeard` beside them.
 */
import { parseNothing } from './argument.ts';
import type { Candidacy } from './candidates.ts';

export function addPrediction(): Candidacy {
  return {
    name: 'addPrediction',
    apply: (candidates) => {
      candidates.predicting = true;
    },
    figure: (server) => `${server.sentSinceHeard} sent since`,
  };
}

export function parseAddPrediction(argument: string | null) {
  return parseNothing(argument, addPrediction);
}
