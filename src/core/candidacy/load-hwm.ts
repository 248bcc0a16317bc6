/**
 * The load high-water mark: the load that counts as "all of a processor" in `byCost`.
 *
 * How much load a machine can take is unknowable, so the largest seen so far stands for it, rounded
 * up to a power of two, which changes the framework's guarantee by a constant only (IEEE TPDS
 * 11(7), 2000, section 4: the doubling trick). It is the same for the whole cluster: every node
 * announces its peak and takes the largest it hears.
 *
 *     peak(t) = max(what was seen, scaled;  peak(t0) * 2^-((t - t0) / 10 min))
 *     mark    = smallest power of two >= peak, at least 1
 *
 * What a newcomer gets wrong: the original never came down, so one spike to 512 flattened `byCost`
 * until every server was restarted. To come down, what is announced must be the peak and not the
 * mark: nodes that hand each other a rounded-up value keep it up for ever.
 */
import type { Server } from './candidates.ts';

export const HWM_HALF_LIFE_MS = 600_000;

/** A load of 1: below it a machine has idle processors, and finer marks would be noise. */
const HWM_MILLI_MIN = 1_000;

/** 2^21 in thousandths is the largest power of two an announcement's 32 bits can hold. */
const HWM_MILLI_MAX = 2_097_152_000;

export class LoadHwm {
  #peakMilli = 0;
  #atMs = 0;

  /** Takes a load already scaled, or another node's peak, seen at `nowMs`. */
  raise(milli: number, nowMs: number): void {
    this.#peakMilli = Math.min(Math.max(this.#decayedMilli(nowMs), milli), HWM_MILLI_MAX);
    this.#atMs = nowMs;
  }

  /** What to announce. Rounded down, so that passing it around cannot hold it up. */
  peakMilli(nowMs: number): number {
    return Math.floor(this.#decayedMilli(nowMs));
  }

  /** What the server table shows. */
  markMilli(nowMs: number): number {
    return loadHwmRoundedMilli(this.peakMilli(nowMs));
  }

  #decayedMilli(nowMs: number): number {
    // A clock set back must not raise the peak.
    const passedMs = Math.max(0, nowMs - this.#atMs);
    return this.#peakMilli * 2 ** (-passedMs / HWM_HALF_LIFE_MS);
  }
}

/** The server's load as the fastest known machine would have it; 0 while its speed is unknown. */
export function scaledLoadMilli(
  { loadMilli, arriba }: Pick<Server, 'loadMilli' | 'arriba'>,
  arribaMax: number,
): number {
  return arriba === 0 ? 0 : Math.ceil((loadMilli * arribaMax) / arriba);
}

/**
 * Smallest power of two (times 1000) not below `milli`: 3700 to 4000, 4000 to 4000, 4001 to 8000.
 */
export function loadHwmRoundedMilli(milli: number): number {
  let mark = HWM_MILLI_MIN;
  while (mark < milli && mark < HWM_MILLI_MAX) mark *= 2;
  return mark;
}
