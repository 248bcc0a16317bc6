/**
 * Waiting, for tests with real processes: by looking again, never by sleeping and hoping.
 *
 * What a newcomer gets wrong: a deadline here says when to give up, not how long a thing takes. It
 * is generous, because the machine may be small and busy; `FOREHAND_TEST_SCALE` stretches them all.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** One variable for every deadline: 1 suits two busy processors. */
export const SCALE = Number(process.env['FOREHAND_TEST_SCALE'] ?? 1);

/** Longer than all that is waited for here but `byAge`'s 20 s. */
const DEADLINE_MS = 30_000;

const LOOK_EVERY_MS = 50;

/**
 * Looks until `look` throws no more.
 *
 * @returns what it returned; throws its last error after the deadline
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  deadlineMs: number = DEADLINE_MS,
): Promise<T> {
  const endMs = performance.now() + deadlineMs * SCALE;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > endMs) {
        throw new Error(`not within ${deadlineMs * SCALE} ms: ${what}`, { cause: error });
      }
    }
    await delay(LOOK_EVERY_MS);
  }
}
