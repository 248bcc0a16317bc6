/**
 * When to announce: every interval, and at once when our state changes.
 *
 * What a newcomer gets wrong: "at once" is bounded. A check that flaps would otherwise send as fast
 * as it flaps; a change within `GAP_MS_MIN` of the last announcement waits for the rest of it.
 */

/** Ten a second at most: a state held for less is not worth the others' while. */
export const GAP_MS_MIN = 100;

export class Pace {
  intervalMs: number;
  #lastMs: number | null = null;
  #changed = false;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** Our state is another than the last announced. */
  change(): void {
    this.#changed = true;
  }

  /** An announcement was sent. */
  sent(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#changed = false;
  }

  /** How long until the next one is due; 0: now. */
  waitMs(nowMs: number): number {
    if (this.#lastMs === null) return 0;
    const gapMs = this.#changed ? Math.min(GAP_MS_MIN, this.intervalMs) : this.intervalMs;
    // Never more than the gap: the clock may have been set back since.
    return Math.min(gapMs, Math.max(0, this.#lastMs + gapMs - nowMs));
  }
}
