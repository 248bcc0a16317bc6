/**
 * Fetching what others of our old view hold and we do not, before we go on to the next one.
 *
 * What a newcomer gets wrong: nothing is delivered until all of it is here, then everything at
 * once. A member stopped half way has delivered nothing beyond what it held when it was asked, so
 * it can still agree on other targets with other members.
 */

import type { Order } from './order.ts';
import type { Install } from './packet.ts';
import type { Addressee, Post } from './post.ts';

/** Fragments asked for, and answered, at once. */
export const FETCH_MAX = 32;

export type RecoveryParts = {
  /** The old view; null when we come from none. */
  readonly order: Order | null;
  readonly find: (bootId: number) => Addressee | undefined;
  readonly post: Post;
};

export class Recovery {
  readonly install: Install;
  /** When the last fragment came that was missing, or the fetching began. */
  progressMs: number;
  readonly #parts: RecoveryParts;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** By stream: up to where we have asked. */
  readonly #asked = new Map<number, number>();
  #held = -1;

  constructor(install: Install, parts: RecoveryParts, nowMs: number) {
    this.install = install;
    this.progressMs = nowMs;
    this.#parts = parts;
  }

  get complete(): boolean {
    return this.#missing().length === 0;
  }

  /** Boot ids of those who have what we lack. */
  get holders(): readonly number[] {
    return this.#missing().map(({ holder }) => this.install.members[holder]!.bootId);
  }

  /** When `advance` asks again. */
  dueMs(repeatMs: number): number {
    return Math.max(this.#askedMs, this.progressMs) + repeatMs;
  }

  /** Asks for the next fragments when the last ones have come, or did not come in time. */
  advance(nowMs: number, repeatMs: number): void {
    const { order } = this.#parts;
    if (order === null) return;
    const received = order.received();
    const held = received.reduce((sum, count) => sum + count, 0);
    if (held !== this.#held) this.progressMs = nowMs;
    this.#held = held;
    const repeats = nowMs >= this.dueMs(repeatMs);
    for (const { stream, holder, count } of this.#missing()) {
      const after = received[stream]!;
      if (!repeats && after < (this.#asked.get(stream) ?? 0)) continue;
      const upTo = Math.min(count, after + FETCH_MAX);
      this.#asked.set(stream, upTo);
      this.#askedMs = nowMs;
      const addressee = this.#parts.find(this.install.members[holder]!.bootId);
      if (addressee === undefined) continue;
      const { view } = order;
      this.#parts.post.transmit(addressee, { kind: 'fetch', view, stream, after, upTo });
    }
  }

  #missing(): { stream: number; holder: number; count: number }[] {
    const received = this.#parts.order?.received() ?? [];
    return this.install.targets
      .map(({ count, holder }, stream) => ({ stream, holder, count }))
      .filter(({ count, stream }) => received[stream]! < count);
  }
}
