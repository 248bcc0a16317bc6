/**
 * What a node and its guard say to each other, over the channel that Node opens between a process
 * and its child.
 */
import type { InterfaceAddress } from '../../io/address-port.ts';
import type { Will } from '../ring/ring-protocol.ts';

/**
 * Set for the child, which takes it away: the descriptor by which its death is watched, or `none`
 * (`io/death-watch.ts`).
 */
export const GUARDED = 'FOREHAND_GUARDED';

/** How often the node's main thread has to say that it runs. */
export const BEAT_MS = 250;

/**
 * Silence after which the node counts as frozen: four beats, as a pause for garbage or a busy
 * processor may swallow two. The others of the cluster are about as patient.
 */
export const SILENCE_MS = 1_000;

export type ToGuard =
  /** Its death can be waited for. */
  | { readonly kind: 'alive' }
  /** It serves: from now on its end is not a failed start. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'beat' }
  /** To be said for it when it dies; replaces what was said before. */
  | { readonly kind: 'will'; readonly will: Will }
  /** Everything that is held; replaces what was said before. */
  | { readonly kind: 'holding'; readonly addresses: readonly InterfaceAddress[] };

/** The node was silent, and its addresses were taken down: it has to look what it still has. */
export type FromGuard = { readonly kind: 'swept' };
