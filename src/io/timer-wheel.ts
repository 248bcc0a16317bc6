/**
 * Deadlines by the ten thousand: every connection has one, nearly all are moved before they are
 * due.
 *
 *      tick   0     1     2     3   ...  511          bucket = tick % 512
 *           [ ]   [t t] [ ]   [t]        [ ]          a timer rests where its earliest deadline is
 *
 * Moving a deadline, which happens with every request, only writes a number as long as its bucket
 * comes round before it: the timer stays there, and is put into a later one then. Time comes in as
 * an argument, so the wheel is tested with a table and is the same in every reactor.
 *
 * Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 6.
 */
import { TIMER_SLACK_MS, type Timer } from './reactor.ts';

/** Half the promised slack, so that a turn of the loop that comes late still keeps the promise. */
const TICK_MS = TIMER_SLACK_MS / 2;

/**
 * 512 ticks are 12.8 s; a deadline further off is looked at on the way. A power of two, for `&`.
 */
const BUCKETS = 512;

const NEVER = Number.POSITIVE_INFINITY;

class WheelTimer implements Timer {
  deadlineMs = NEVER;
  /** Where it rests: a bucket's number and the place in it; -1 while it rests nowhere. */
  bucket = -1;
  place = -1;
  /** When that bucket comes round. */
  visitMs = 0;
  readonly callback: () => void;
  readonly #wheel: TimerWheel;

  constructor(wheel: TimerWheel, callback: () => void) {
    this.#wheel = wheel;
    this.callback = callback;
  }

  set(delayMs: number): void {
    this.deadlineMs = this.#wheel.nowMs + delayMs;
    if (this.bucket >= 0 && this.deadlineMs >= this.visitMs) return;
    this.#wheel.rest(this);
  }

  clear(): void {
    this.deadlineMs = NEVER;
    this.#wheel.remove(this);
  }
}

export class TimerWheel {
  /** The clock as of the last `advance`; any unit of ms that never goes back. */
  nowMs: number;
  readonly #buckets: WheelTimer[][] = Array.from({ length: BUCKETS }, () => []);
  /** The tick whose bucket was looked at last. */
  #tick: number;
  #resting = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
    this.#tick = Math.floor(nowMs / TICK_MS);
  }

  timer(callback: () => void): Timer {
    return new WheelTimer(this, callback);
  }

  /** Calls back every timer that is due at `nowMs`. Timers set meanwhile wait for a later tick. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    const last = Math.floor(nowMs / TICK_MS);
    // After a long sleep of the machine one round visits every bucket; more would only repeat it.
    if (last - this.#tick > BUCKETS) this.#tick = last - BUCKETS;
    while (this.#tick < last) {
      this.#tick++;
      this.#visit(this.#tick & (BUCKETS - 1));
    }
  }

  /** @returns ms until `advance` should be called again, -1 when no timer is set. */
  idleMs(): number {
    if (this.#resting === 0) return -1;
    let tick = this.#tick + 1;
    while (this.#buckets[tick & (BUCKETS - 1)]!.length === 0) tick++;
    return Math.max(0, Math.ceil(tick * TICK_MS - this.nowMs));
  }

  rest(timer: WheelTimer): void {
    this.remove(timer);
    // Rounded up, so never early; at most a round away, so a far one is only looked at there.
    const due = Math.ceil(timer.deadlineMs / TICK_MS);
    const tick = Math.min(Math.max(due, this.#tick + 1), this.#tick + BUCKETS - 1);
    const bucket = this.#buckets[tick & (BUCKETS - 1)]!;
    timer.bucket = tick & (BUCKETS - 1);
    timer.place = bucket.push(timer) - 1;
    timer.visitMs = tick * TICK_MS;
    this.#resting++;
  }

  remove(timer: WheelTimer): void {
    if (timer.bucket < 0) return;
    const bucket = this.#buckets[timer.bucket]!;
    const moved = bucket.pop()!;
    if (moved !== timer) {
      bucket[timer.place] = moved;
      moved.place = timer.place;
    }
    timer.bucket = -1;
    this.#resting--;
  }

  #visit(index: number): void {
    const bucket = this.#buckets[index]!;
    if (bucket.length === 0) return;
    // Taken out first: a callback may set and clear timers, this one included.
    const visited = bucket.splice(0);
    this.#resting -= visited.length;
    for (const timer of visited) timer.bucket = -1;
    for (const timer of visited) {
      if (timer.bucket >= 0 || timer.deadlineMs === NEVER) continue;
      if (timer.deadlineMs > this.nowMs) {
        this.rest(timer);
        continue;
      }
      timer.deadlineMs = NEVER;
      timer.callback();
    }
  }
}
