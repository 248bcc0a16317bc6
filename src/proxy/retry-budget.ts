/**
 * How often failures may be hidden by trying again: at most a fifth of all requests, and always a
 * few. Without a bound a sick cluster would be sent several times the requests a healthy one gets.
 * The first try again after a machine has vanished is not paid from it (Exchange).
 *
 * Source of the numbers: Finagle's RetryBudget (20 %, 10 a second); a token bucket in its terms.
 */
const DEPOSIT_PER_REQUEST = 0.2;
const FREE_PER_SECOND = 10;
/**
 * What an idle time can save up: enough for one node's worth of connections going stale at once.
 */
const TOKENS_MAX = 256;

export class RetryBudget {
  #tokens = FREE_PER_SECOND;
  #filledMs: number;

  constructor(monotonicMs: number) {
    this.#filledMs = monotonicMs;
  }

  deposit(): void {
    if (this.#tokens < TOKENS_MAX) this.#tokens += DEPOSIT_PER_REQUEST;
  }

  /** @returns whether one more attempt may be made; it is then paid for. */
  withdraw(monotonicMs: number): boolean {
    const seconds = (monotonicMs - this.#filledMs) / 1_000;
    this.#filledMs = monotonicMs;
    this.#tokens = Math.min(TOKENS_MAX, this.#tokens + seconds * FREE_PER_SECOND);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
