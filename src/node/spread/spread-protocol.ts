/** What a node and the process of its Spread daemon say to each other. */
import type { SpreadStatus } from '../../core/spread/server/server-events.ts';
import type { RingStart } from '../ring/ring-protocol.ts';
import type { SpreadHostOptions } from './spread-host.ts';

export type SpreadStart = {
  readonly kind: 'start';
  readonly ring: RingStart;
  readonly host: SpreadHostOptions;
  /** Whom to become when started as root; null: `spread`, or `nobody` where there is none. */
  readonly user: string | null;
};

export type ToSpread = SpreadStart | { readonly kind: 'ask' } | { readonly kind: 'stop' };

export type FromSpread =
  /** `problems`: where it does not listen, and why; it serves wherever it does. */
  | { readonly kind: 'started'; readonly user: string | null; readonly problems: readonly string[] }
  /** It ends. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'status'; readonly status: SpreadStatus };
