/**
 * How long the owner of a group waits for its heir, before it asks again.
 *
 * The owner goes on holding meanwhile, so waiting costs nobody anything; it doubles each time, as
 * an heir that did not come up twice will hardly do so the next second.
 */
import type { Row } from './table.ts';

/** Far above what a driver needs (some ms), and less than anybody who drains a node waits. */
export const MOVE_LIMIT_MS = 1_000;
const DOUBLINGS_MAX = 5;

export class MoveWatch {
  readonly #since = new Map<string, { readonly heir: string; atMs: number; limitMs: number }>();

  /** @returns the rows of ours whose heir is late now; each counts anew from here */
  late(rows: readonly Row[], self: string, nowMs: number): readonly Row[] {
    return rows.filter(({ group, owner, heir, tries }) => {
      if (heir === null || owner !== self) {
        this.#since.delete(group);
        return false;
      }
      const limitMs = MOVE_LIMIT_MS * 2 ** Math.min(tries, DOUBLINGS_MAX);
      const move = this.#since.get(group);
      if (move === undefined || move.heir !== heir.name) {
        this.#since.set(group, { heir: heir.name, atMs: nowMs, limitMs });
        return false;
      }
      move.limitMs = limitMs;
      const late = nowMs >= move.atMs + limitMs;
      if (late) move.atMs = nowMs;
      return late;
    });
  }

  clear(): void {
    this.#since.clear();
  }

  get deadlines(): readonly number[] {
    return [...this.#since.values()].map(({ atMs, limitMs }) => atMs + limitMs);
  }
}
