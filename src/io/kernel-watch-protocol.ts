/**
 * What the watching thread (`kernel-watch-worker.ts`) is given, and what it says.
 *
 * What a newcomer gets wrong: descriptors are the process's, not the thread's. The owner opens
 * them, sets their filters while the thread reads, and closes them when the thread has ended.
 */
import type { RouteAddress } from '../core/wire/route-address.ts';
import type { RouteLink } from '../core/wire/route-link.ts';

export type WatchStart = {
  /** A netlink socket in the groups of links and addresses. */
  readonly routeFd: number;
  /** Packet sockets, filtered to what claims an address of interest. */
  readonly arpFd: number;
  readonly advertisementFd: number;
};

export type FromWatch =
  | { readonly kind: 'link'; readonly link: RouteLink }
  /** No more there, ours or another's. */
  | { readonly kind: 'gone'; readonly address: RouteAddress }
  | {
      readonly kind: 'claim';
      readonly index: number;
      readonly address: string;
      readonly mac: string;
    }
  /** Some changes were not told: everything has to be read anew. */
  | { readonly kind: 'overrun' }
  | { readonly kind: 'problem'; readonly problem: string };

export type ToWatch = { readonly kind: 'stop' };
