/**
 * Whether an announcement is news, or one we have had, or one that somebody kept and sends again.
 *
 *     same boot     newer sequence            news
 *                   older, not seen yet       late: real, but its figures are superseded
 *                   seen, or 64 behind        replayed
 *     other boot    sent after the last one   news: the node was restarted
 *                   sent before it            stale-boot
 *     with a secret, sent more than CLOCK_MS_MAX away from our clock: clock
 *
 * What a newcomer gets wrong: the sent time of another boot is compared with the sender's own
 * earlier one, not with our clock, so it holds between machines whose clocks differ. A node whose
 * clock was set back and which was then restarted would be refused for ever; after it has been
 * silent for SILENCE_MS its word is taken, if there is no secret. With one, the clock rule bounds
 * the wait.
 */
import type { Announcement } from './announcement.ts';

/** Clocks of one cluster are kept by NTP; a minute allows for one that is not yet. */
export const CLOCK_MS_MAX = 60_000;

/** As long as a node may be silent before it counts as gone (`byAge`). */
const SILENCE_MS = 20_000;

/** A datagram network reorders by a few; one overtaken by 64 seconds of others is of no use. */
const WINDOW = 64;

/** What we remember of one sender. */
export type Heard = {
  readonly bootId: number;
  /** The highest of this boot. */
  readonly sequence: number;
  /** Bit n: `sequence - n` was seen. */
  readonly seen: bigint;
  /** The latest of this boot. */
  readonly sentMs: number;
  /** On our clock. */
  readonly heardMs: number;
};

export type ReplayRules = { readonly nowMs: number; readonly hasSecret: boolean };

export type Verdict =
  | { readonly kind: 'news' | 'late'; readonly heard: Heard }
  | { readonly kind: 'replayed' | 'stale-boot' | 'clock' };

const ALL_SEEN = (1n << BigInt(WINDOW)) - 1n;

/** @param before what we remember of the sender, null for a new one */
export function judge(
  before: Heard | null,
  { bootId, sequence, sentMs }: Announcement,
  { nowMs, hasSecret }: ReplayRules,
): Verdict {
  if (hasSecret && Math.abs(nowMs - sentMs) > CLOCK_MS_MAX) return { kind: 'clock' };
  const first: Heard = { bootId, sequence, seen: 1n, sentMs, heardMs: nowMs };
  if (before === null) return { kind: 'news', heard: first };
  if (before.bootId !== bootId) {
    const isSilent = !hasSecret && nowMs - before.heardMs > SILENCE_MS;
    return sentMs > before.sentMs || isSilent
      ? { kind: 'news', heard: first }
      : { kind: 'stale-boot' };
  }
  const ahead = sequence - before.sequence;
  if (ahead > 0) {
    const shifted = ahead >= WINDOW ? 0n : (before.seen << BigInt(ahead)) & ALL_SEEN;
    const sentLastMs = Math.max(sentMs, before.sentMs);
    return { kind: 'news', heard: { ...first, seen: shifted | 1n, sentMs: sentLastMs } };
  }
  if (-ahead >= WINDOW) return { kind: 'replayed' };
  const bit = 1n << BigInt(-ahead);
  if ((before.seen & bit) !== 0n) return { kind: 'replayed' };
  return { kind: 'late', heard: { ...before, seen: before.seen | bit } };
}
