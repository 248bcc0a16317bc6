/** What the main thread and the ring's own thread say to each other. */
import type { GroupEvent, Member, View } from '../../core/ring/group.ts';
import type { Hears } from '../../core/ring/ring-events.ts';
import type { Timing } from '../../core/ring/timing.ts';
import type { RingSocketOptions } from './ring-socket.ts';
import type { SealRefusal } from './seal.ts';

export type RingStart = {
  readonly self: Member;
  readonly group: string;
  readonly timing: Timing;
  readonly secrets: readonly string[];
  readonly socket: RingSocketOptions;
  /** Our own address among the nodes, to look for theirs from; without one nobody is looked for. */
  readonly seekFrom?: string | undefined;
};

/** What its thread needs besides. */
export type RingThreadStart = RingStart & {
  /** The thread's end of their channel (`io/thread-channel.ts`). */
  readonly channelFd: number;
  /** One Int32: the main thread adds to it while it runs (`BEAT_MS`). */
  readonly beats: SharedArrayBuffer;
};

/** How often the main thread shows that it runs. */
export const BEAT_MS = 50;

/**
 * A main thread that shows nothing for this long could not take over an address either. Ten times
 * what a full collection of its small heap takes, and well before the kernel's own fence.
 */
export const MAIN_STALL_MS = 1_500;

export type ToRing =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'link'; readonly up: boolean }
  | { readonly kind: 'serving'; readonly on: boolean }
  /** Keys and addresses of the others, as a reload has changed them. */
  | {
      readonly kind: 'reload';
      readonly secrets: readonly string[];
      readonly peers: readonly string[];
    }
  | { readonly kind: 'leave' }
  | { readonly kind: 'ask' };

export type FromRing =
  | { readonly kind: 'joined' }
  /** Nothing of it runs. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'event'; readonly event: GroupEvent }
  | { readonly kind: 'report'; readonly text: string }
  | { readonly kind: 'state'; readonly state: RingState }
  | { readonly kind: 'will'; readonly will: Will };

/**
 * What the guard says for a node that it sees die: the kernel tells the guard some 20 ms before it
 * closes the sockets by which the others would know.
 */
export type Will = {
  /** Sealed, as base64. Its number is used up by nothing else, and too old after a while. */
  readonly datagram: string;
  readonly hosts: readonly string[];
  readonly port: number;
};

/** How often it is made anew: within a fraction of the seal's window, however much is said. */
export const WILL_MS = 400;

/** For the status: who hears whom, and what was dropped. */
export type RingState = {
  readonly hears: readonly Hears[];
  readonly view: View | null;
  /** Datagrams by what became of them. */
  readonly refused: Readonly<Partial<Record<SealRefusal, number>>>;
  readonly dropped: Readonly<Partial<Record<string, number>>>;
  /** Members with a lifeline. */
  readonly lifelines: readonly string[];
};
