/**
 * What is held here and claimed by another member is announced again, a moment later.
 *
 * What a newcomer gets wrong: this is no dispute. A member that claims what is held here is most
 * often a moment ahead of us, or behind; but neighbours may have believed it.
 */
import { RateLimit } from './rate-limit.ts';

/** If it is still held here after this, it is ours. */
const DEFEND_MS = 250;

/** Two parts that cannot talk but share a link would shout at each other for ever. */
const DEFENCES_MAX = 3;
const DEFENCES_MS = 10_000;

export type DefenceParts = {
  readonly isUp: (group: string) => boolean;
  /** Tells the neighbours. */
  readonly announce: (group: string) => void;
  readonly nowMs: () => number;
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
};

export class Defences {
  readonly #parts: DefenceParts;
  /** Groups that are announced again in a moment. */
  readonly #defending = new Set<string>();
  readonly #limits = new Map<string, RateLimit>();

  constructor(parts: DefenceParts) {
    this.#parts = parts;
  }

  defend(group: string): void {
    const { isUp, announce, nowMs, after } = this.#parts;
    if (!isUp(group) || this.#defending.has(group)) return;
    const limit = this.#limits.get(group) ?? new RateLimit(DEFENCES_MAX, DEFENCES_MS);
    this.#limits.set(group, limit);
    if (!limit.take(nowMs())) return;
    this.#defending.add(group);
    after(() => {
      this.#defending.delete(group);
      if (isUp(group)) announce(group);
    }, DEFEND_MS);
  }
}
