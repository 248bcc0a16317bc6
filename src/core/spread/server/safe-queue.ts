/**
 * What waits for all daemons to have it: safe messages, and whatever is behind one.
 *
 * What a newcomer gets wrong: a safe message is not delivered later than others, which would break
 * the one order of all; everything behind it waits, too. And when the daemons change nobody is left
 * to wait for, so all of it is delivered, behind a transition that says so.
 */
import type { Frame } from '../frame.ts';

export class SafeQueue {
  readonly #deliver: (frame: Frame) => void;
  #waiting: { readonly frame: Frame; readonly count: number; readonly safe: boolean }[] = [];
  /** How many frames of this view each daemon is known to have. */
  #held: number[] = [];
  #count = 0;

  constructor(deliver: (frame: Frame) => void) {
    this.#deliver = deliver;
  }

  /** How many frames of this view there were. */
  get count(): number {
    return this.#count;
  }

  /** A new view, of so many daemons: what waited is delivered. */
  begin(daemons: number): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#count = 0;
    this.#held = Array.from({ length: daemons }, () => 0);
    for (const { frame } of waiting) this.#deliver(frame);
  }

  /** @param safe wait until all daemons have it */
  push(frame: Frame, safe: boolean): void {
    this.#count++;
    if (!safe && this.#waiting.length === 0) this.#deliver(frame);
    else this.#waiting.push({ frame, count: this.#count, safe });
  }

  held(daemon: number, count: number): void {
    this.#held[daemon] = Math.max(this.#held[daemon] ?? 0, count);
    const all = Math.min(...this.#held);
    const stop = this.#waiting.findIndex((one) => one.safe && one.count > all);
    const ready = this.#waiting.splice(0, stop === -1 ? this.#waiting.length : stop);
    for (const { frame } of ready) this.#deliver(frame);
  }
}
