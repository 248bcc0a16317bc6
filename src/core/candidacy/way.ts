/**
 * What a chain's winner means for the request: where it goes, by which delivery.
 *
 * One function for the relay and for `forehand why`, so that they cannot differ. What a newcomer
 * gets wrong: winning oneself is `local` unless `BackhandSelfRedirect` is on; then the request goes
 * to our own contact address like to any other.
 */
import type { Delivery, Server } from './candidates.ts';

export type ChainWay = 'local' | 'node' | 'redirect' | 'nobody';

/** Slot of this node in the cluster table. */
const SELF_SLOT = 0;

/** Four arguments and no object of them, as this runs for every request. */
export function wayOf(
  winner: Server | null,
  delivery: Delivery,
  selfRedirect: boolean,
  onEmpty: 'unavailable' | 'local',
): ChainWay {
  if (winner === null) return onEmpty === 'local' ? 'local' : 'nobody';
  if (winner.slot === SELF_SLOT) return selfRedirect ? 'node' : 'local';
  return delivery.kind === 'proxy' ? 'node' : 'redirect';
}
