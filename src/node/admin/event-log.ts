/**
 * What happened at this node that an operator may want to know of: the newest, for the page and for
 * whoever asks later. The log on the terminal has the same, for good.
 */
import type { EventKind, LoggedEvent } from '../../core/report/node-report.ts';
import type { LogWriter } from '../log.ts';

/** Some days of a quiet cluster, and minutes of one in trouble. */
const EVENTS_MAX = 500;

export type EventAbout = {
  readonly subject?: string | null | undefined;
  readonly origin?: string | null | undefined;
};

export class EventLog {
  readonly #events: LoggedEvent[] = [];
  readonly #nowMs: () => number;
  #sequence = 0;
  /** Told of each at once. */
  onEvent: (event: LoggedEvent) => void = () => {};

  /** @param nowMs since the epoch */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** As a writer of the log: an entry without a kind is a line, and no event. */
  readonly write: LogWriter = ({ kind, text, fields }) => {
    if (kind !== null) this.add(kind, text, fields);
  };

  add(kind: EventKind, text: string, about: EventAbout = {}): void {
    const { subject = null, origin = null } = about;
    this.#sequence++;
    const event = { sequence: this.#sequence, atMs: this.#nowMs(), kind, text, subject, origin };
    this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#events.shift();
    this.onEvent(event);
  }

  /** @returns newest last */
  latest(count: number): readonly LoggedEvent[] {
    return this.#events.slice(-count);
  }
}
