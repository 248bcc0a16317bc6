/**
 * Addresses that another node has taken over as planned, and that answer here a moment longer.
 *
 *     heir:   up, announced ─ 10 ms ─ 50 ms: announced again
 *     here:   handed over ──────── LINGER_MS ──► released
 *
 * What was sent here before its sender heard of the heir would be lost otherwise: a handover as an
 * operator asks for it is to lose nothing. Shortly before the heir speaks for the third time, so
 * that a neighbour that asked meanwhile, and heard us last, is put right at once.
 *
 * Clients of our proxy are let go meanwhile (`leaving`): a connection through an address ends
 * with it, and one that nobody ends would leave its client waiting for ever.
 *
 * What a newcomer gets wrong: nothing is announced here any more, only answered. And a moment is
 * all it is: with the next view, or when this node is stopped, they are gone at once.
 */
import type { AddressGroup } from '../../core/address/pool.ts';

/** Between the second and the third announcement of a burst (bursts.ts), near the latter. */
export const LINGER_MS = 45;

/** Time for the workers to end what is left, while their last words still have a sender. */
const LAST_MS = 5;

/**
 * Requests that came before are answered from here, as long as that takes, but no longer than this:
 * a neighbour that asks meanwhile who has the address hears two answers.
 */
export const LINGER_MS_MAX = 2_000;
const LOOK_MS = 50;

export type LingeringParts = {
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
  /** Its clients should go; `now`: none of them can stay. */
  readonly leaving: (group: AddressGroup, now: boolean) => void;
  /** Requests that came through it are under way still. */
  readonly busy: (group: AddressGroup) => boolean;
  readonly release: (group: AddressGroup) => void;
};

export class Lingering {
  readonly #parts: LingeringParts;
  /** By name: a reload makes other groups of the same ones. */
  readonly #waits = new Map<string, { group: AddressGroup; cancel: () => void }>();

  constructor(parts: LingeringParts) {
    this.#parts = parts;
  }

  get groups(): readonly AddressGroup[] {
    return [...this.#waits.values()].map(({ group }) => group);
  }

  start(group: AddressGroup): void {
    this.#parts.leaving(group, false);
    this.#wait(group, LINGER_MS - LAST_MS, () => this.#look(group, LINGER_MS - LAST_MS));
  }

  #look(group: AddressGroup, lingeredMs: number): void {
    const { busy, leaving } = this.#parts;
    if (lingeredMs < LINGER_MS_MAX && busy(group)) {
      leaving(group, false);
      this.#wait(group, LOOK_MS, () => this.#look(group, lingeredMs + LOOK_MS));
      return;
    }
    leaving(group, true);
    this.#wait(group, LAST_MS, () => this.#end(group));
  }

  #wait(group: AddressGroup, delayMs: number, then: () => void): void {
    this.#waits.set(group.name, { group, cancel: this.#parts.after(then, delayMs) });
  }

  /** It is held here again. @returns whether it had gone on answering */
  stay({ name }: AddressGroup): boolean {
    this.#waits.get(name)?.cancel();
    return this.#waits.delete(name);
  }

  endAll(): void {
    for (const group of this.groups) this.#end(group);
  }

  #end(group: AddressGroup): void {
    this.stay(group);
    this.#parts.release(group);
  }
}
