/**
 * What a drill's clients saw, event by event, and whether that is what was promised. Pure.
 *
 *     off DIRECTOR    at most FAILED_SHARE of the requests to the addresses it held
 *     off WEB         none but those that were on their way to it
 *     all others      none
 *
 * What a newcomer gets wrong: a request counts as sent for the event after which it was begun. One
 * that failed counts for the next event instead when that found it on its way, and is told apart;
 * but not when it was in trouble already: it had waited for longer than a user does unnoticed.
 */

export type Request = {
  readonly beganMs: number;
  readonly target: number;
  readonly tookMs: number;
  /** 0: there was no whole answer. */
  readonly status: number;
  /** Why there was none; null: there was. */
  readonly error: string | null;
  readonly tries: number;
  readonly server: string;
};

export type Happened = {
  readonly atMs: number;
  readonly what: string;
  /** Targets that are addresses which the machine of this event held before it. */
  readonly held: readonly number[];
  /** Why it could not be done; null: it was. */
  readonly problem: string | null;
};

export type EventTally = {
  readonly what: string;
  /** From the beginning of the load. */
  readonly atS: number;
  readonly lastedS: number;
  readonly sent: number;
  readonly failed: number;
  /** Of those, begun before it. */
  readonly failedOnTheirWay: number;
  readonly retried: number;
  readonly slowestMs: number;
  /** By target: the longest time in which no request was begun that was answered in time. */
  readonly gapsMs: readonly number[];
  readonly errors: Readonly<Record<string, number>>;
  readonly verdict: string | null;
};

/** The issue of example 3: of a switched-off director's clients. */
const FAILED_SHARE = 0.005;

/** Shorter than the first repetition of a SYN (1 s), as in bench/failover. */
const TIMELY_MS = 250;

/** Longer than that, and a user notices. */
export const SLOW_MS = 1_000;

const LINE = /^(\d+\.\d) (\d+) (\d+\.\d) (\w+) (\d+) (\S+)$/;

/** @returns null when it is no line of the load's */
export function parseLine(line: string): Request | null {
  const [, beganMs, target, tookMs, what, tries, server] = LINE.exec(line) ?? [];
  if (server === undefined) return null;
  const status = Number(what);
  const answered = Number.isInteger(status);
  return {
    beganMs: Number(beganMs),
    target: Number(target),
    tookMs: Number(tookMs),
    status: answered ? status : 0,
    error: answered ? null : what!,
    tries: Number(tries),
    server,
  };
}

export function hasFailed({ status }: Request): boolean {
  return status === 0 || status >= 500;
}

/**
 * @param requests in the order they were begun
 * @param happened in the order it happened; the first is the beginning of the load
 */
export function tally(
  requests: readonly Request[],
  happened: readonly Happened[],
  targets: number,
  endMs: number,
): readonly EventTally[] {
  return happened.map((event, index) => {
    const nextMs = happened[index + 1]?.atMs ?? endMs;
    const within = requests.filter(({ beganMs }) => beganMs >= event.atMs && beganMs < nextMs);
    const failedOnTheirWay = requests.filter((one) => hasFailed(one) && isFoundBy(one, event.atMs));
    const next = happened[index + 1];
    const failedWithin = within.filter((one) => {
      return hasFailed(one) && (next === undefined || !isFoundBy(one, next.atMs));
    });
    const failed = [...failedOnTheirWay, ...failedWithin];
    const counted = {
      what: event.what,
      atS: (event.atMs - happened[0]!.atMs) / 1_000,
      lastedS: (nextMs - event.atMs) / 1_000,
      sent: within.length,
      failed: failed.length,
      failedOnTheirWay: failedOnTheirWay.length,
      retried: within.filter(({ tries }) => tries > 0).length,
      slowestMs: Math.max(0, ...within.map(({ tookMs }) => tookMs)),
      gapsMs: Array.from({ length: targets }, (_, target) => {
        return gapOf(within, { target, fromMs: event.atMs, toMs: nextMs });
      }),
      errors: errorsOf(failed),
    };
    const atHeld = within.filter(({ target }) => event.held.includes(target));
    const failedAtHeld = atHeld.filter(hasFailed).length;
    return { ...counted, verdict: verdictOn(event, counted, [failedAtHeld, atHeld.length]) };
  });
}

/** Whether it was on its way at that moment, and not in trouble already. */
function isFoundBy({ beganMs, tookMs }: Request, atMs: number): boolean {
  return beganMs < atMs && beganMs >= atMs - SLOW_MS && beganMs + tookMs >= atMs;
}

/** @returns null when it went as it should, or what did not */
function verdictOn(
  { what, held, problem }: Happened,
  { failed, failedOnTheirWay }: Pick<EventTally, 'failed' | 'failedOnTheirWay'>,
  [failedAtHeld, sentToHeld]: readonly [number, number],
): string | null {
  if (problem !== null) return problem;
  const after = failed - failedOnTheirWay;
  if (!what.startsWith('off ')) return failed === 0 ? null : `${failed} failed`;
  if (held.length === 0) return after === 0 ? null : `${after} failed that were begun after it`;
  if (after > failedAtHeld) return `${after - failedAtHeld} failed at addresses it did not hold`;
  const share = failedAtHeld / Math.max(1, sentToHeld);
  return share <= FAILED_SHARE ? null : `${(share * 100).toFixed(2)} % of its clients' failed`;
}

function gapOf(
  requests: readonly Request[],
  { target, fromMs, toMs }: { target: number; fromMs: number; toMs: number },
): number {
  let lastMs = fromMs;
  let gapMs = 0;
  for (const one of requests) {
    if (one.target !== target || hasFailed(one) || one.tookMs > TIMELY_MS) continue;
    gapMs = Math.max(gapMs, one.beganMs - lastMs);
    lastMs = one.beganMs;
  }
  return Math.round(Math.max(gapMs, toMs - lastMs));
}

function errorsOf(failed: readonly Request[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error, status } of failed) {
    const name = error ?? String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** What one second looked like, for the graph. */
export type Second = {
  readonly ok: number;
  readonly slow: number;
  readonly failed: number;
};

export function seconds(requests: readonly Request[], startMs: number, endMs: number): Second[] {
  const rows = Array.from({ length: Math.ceil((endMs - startMs) / 1_000) }, () => {
    return { ok: 0, slow: 0, failed: 0 };
  });
  for (const one of requests) {
    const row = rows[Math.floor((one.beganMs - startMs) / 1_000)];
    if (row === undefined) continue;
    if (hasFailed(one)) row.failed++;
    else if (one.tookMs > SLOW_MS) row.slow++;
    else row.ok++;
  }
  return rows;
}
