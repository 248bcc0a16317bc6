/**
 * What the guard does when its node has ended: start another one, or end as the node did.
 *
 * What a newcomer gets wrong: a node that cannot even start is not started again and again. The
 * first start is watched by somebody, who wants to read why; only what has served is kept alive.
 */
import { constants } from 'node:os';

/** Long enough to let go of ports, short enough to be missed by few. */
export const RESTART_MS_MIN = 1_000;
export const RESTART_MS_MAX = 30_000;

/** A node that has served this long has not died of what killed the one before it. */
const LIVED_MS = 60_000;

export type Exit = {
  /** Null: killed by `signal`. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
};

export type Life = {
  readonly toldToStop: boolean;
  /** This one, or one before it, has served. */
  readonly hasServed: boolean;
  readonly livedMs: number;
  /** Before the last start; 0 for the first. */
  readonly delayMs: number;
};

export type Next =
  | { readonly kind: 'end'; readonly exitCode: number }
  | { readonly kind: 'restart'; readonly delayMs: number };

export function afterExit(exit: Exit, life: Life): Next {
  const exitCode = exitCodeOf(exit);
  // An end with 0 that nobody asked for is the node's own decision.
  if (life.toldToStop || !life.hasServed || exitCode === 0) return { kind: 'end', exitCode };
  const isFresh = life.delayMs === 0 || life.livedMs >= LIVED_MS;
  const delayMs = isFresh ? RESTART_MS_MIN : Math.min(2 * life.delayMs, RESTART_MS_MAX);
  return { kind: 'restart', delayMs };
}

/** As shells say it: 128 and the number of the signal. */
function exitCodeOf({ code, signal }: Exit): number {
  if (code !== null) return code;
  return signal === null ? 1 : 128 + (constants.signals[signal] ?? 0);
}
