/**
 * What has happened, counted: worlds in which nothing happens prove nothing.
 *
 * Read off what the daemons log for people, so that these lines are tested by the way.
 */
import type { GroupEvent } from '../../src/core/ring/group.ts';

const SAID: Readonly<Record<string, RegExp>> = {
  takeOvers: /is up here: .*took it over/,
  conflicts: /held by \S+ and \S+; \S+ keeps it/,
  relieved: /is up here: .*relieved/,
  balanced: /is up here: .*to even out/,
  preferred: /is up here: .*prefers it/,
  restores: /was removed by another program/,
  orphans: /is an orphan of ours/,
  exclusions: /not waited for any longer/,
  repeats: /does not hold it yet/,
  strangers: /in use by/,
};

export class Tally {
  views = 0;
  stalls = 0;
  beside = 0;
  messages = 0;
  announcements = 0;
  handovers = 0;
  blackouts = 0;
  darkMs = 0;
  darkMsMax = 0;
  rests = 0;
  components = 0;
  partial = 0;
  settleMsMax = 0;
  faults = 0;
  readonly said: Record<string, number> = Object.fromEntries(Object.keys(SAID).map((k) => [k, 0]));

  logged(text: string): void {
    for (const word in SAID) if (SAID[word]!.test(text)) this.said[word]!++;
  }

  heard(event: GroupEvent): void {
    if (event.kind === 'view') this.views++;
    else if (event.kind === 'stalled') this.stalls++;
    else if (event.kind === 'beside' && event.member !== null) this.beside++;
    else if (event.kind === 'message') this.messages++;
  }

  get totals(): Totals {
    const { said, ...own } = this;
    return { ...own, ...said };
  }
}

export type Totals = Readonly<Record<string, number>>;

/** Those that are a maximum say so in their names; the others add up. */
export function addTotals(a: Totals, b: Totals): Totals {
  const words = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...words].map((word) => {
      const [x, y] = [a[word] ?? 0, b[word] ?? 0];
      return [word, word.endsWith('Max') ? Math.max(x, y) : x + y];
    }),
  );
}
