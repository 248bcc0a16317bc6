/** So many in such a time, no more: the oldest must be long enough ago. */
export class RateLimit {
  readonly #timesMs: number[] = [];
  readonly #max: number;
  readonly #withinMs: number;

  constructor(max: number, withinMs: number) {
    this.#max = max;
    this.#withinMs = withinMs;
  }

  /** @returns whether one more is all right now; it then counts */
  take(nowMs: number): boolean {
    while (this.#timesMs.length > 0 && nowMs - this.#timesMs[0]! >= this.#withinMs) {
      this.#timesMs.shift();
    }
    if (this.#timesMs.length >= this.#max) return false;
    this.#timesMs.push(nowMs);
    return true;
  }
}
