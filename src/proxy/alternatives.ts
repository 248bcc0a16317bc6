/**
 * The servers to try after the first, best first: `ALTERNATIVES_MAX` of a chain's final list.
 *
 * What a newcomer gets wrong: the array is never shortened. `length = 0` gives its memory back, and
 * every request would ask for it again.
 */
import type { Server } from '../core/candidacy/candidates.ts';

/** One is usual, more than three is a lost cause. */
export const ALTERNATIVES_MAX = 3;

export class Alternatives {
  readonly #servers: (Server | null)[] = [null, null, null]; // ALTERNATIVES_MAX of them
  #next = 0;
  #end = 0;

  get size(): number {
    return this.#end - this.#next;
  }

  clear(): void {
    this.#next = 0;
    this.#end = 0;
  }

  /** Beyond `ALTERNATIVES_MAX` a server is passed over. */
  add(server: Server): void {
    if (this.#end < ALTERNATIVES_MAX) this.#servers[this.#end++] = server;
  }

  take(): Server | null {
    return this.#next === this.#end ? null : this.#servers[this.#next++]!;
  }

  copy(from: Alternatives): void {
    this.clear();
    for (let i = from.#next; i < from.#end; i++) this.#servers[this.#end++] = from.#servers[i]!;
  }
}
