/**
 * Notices that this process was stopped for a while.
 *
 * What a newcomer gets wrong: when it runs again, whatever comes first may be handled before
 * anything that tells what became of the group meanwhile. Others may hold by now what was held
 * here, so for a moment nothing is put back and nothing is announced.
 */

/** How often it is noted that this process runs. */
const PULSE_MS = 100;

/** A pulse that comes this much late means that the process was stopped. */
const PAUSE_MS = 300;

/** After that the ring's word is waited for. */
export const SETTLE_MS = 100;

export type PulseParts = {
  /** Monotonic. */
  readonly nowMs: () => number;
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
};

export class Pulse {
  readonly #parts: PulseParts;
  #lastMs = 0;
  #wokeMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(parts: PulseParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#lastMs = this.#parts.nowMs();
    this.#beat();
  }

  stop(): void {
    this.#cancel?.();
  }

  /** It has not yet heard what became of the group meanwhile. */
  get justWoke(): boolean {
    const nowMs = this.#parts.nowMs();
    return nowMs - this.#lastMs > PAUSE_MS || nowMs - this.#wokeMs < SETTLE_MS;
  }

  #beat(): void {
    const nowMs = this.#parts.nowMs();
    if (nowMs - this.#lastMs > PAUSE_MS) this.#wokeMs = nowMs;
    this.#lastMs = nowMs;
    this.#cancel = this.#parts.after(() => this.#beat(), PULSE_MS);
  }
}
