/**
 * What a server's figures will come to, given what we sent it since it announced them.
 *
 * Between two announcements, up to a second, a server's figures do not move, however many requests
 * it is sent. `addPrediction` turns this correction on for the functions after it. It counts only
 * requests of this machine that are still unanswered, as the answered ones weigh no more.
 *
 * What a newcomer gets wrong: these are not clamped. A machine predicted to idle less than nothing
 * must still rank behind one that is predicted to idle exactly nothing.
 */
import type { Server } from './candidates.ts';

/** One request is one more process that runs or waits: it adds 1 to the load it will come to. */
export const REQUEST_LOAD_MILLI = 1_000;

export function loadPredictedMilli(server: Server): number {
  return server.loadMilli + server.sentSinceHeard * REQUEST_LOAD_MILLI;
}

export function inFlightPredicted(server: Server): number {
  return server.inFlight + server.sentSinceHeard;
}

/** One request keeps at most one processor from idling. */
export function cpuIdlePredictedMilli(server: Server): number {
  return server.cpuIdleMilli - (server.sentSinceHeard * 1_000) / Math.max(1, server.cpuCount);
}
