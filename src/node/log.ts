/**
 * What the node says: lines for people, events for whoever watches, both with what decided them.
 *
 *     log('the guard is gone')                          a line
 *     log.event('address-up', text, { subject, cause }) a line, and an event of the event log
 *
 * What a newcomer gets wrong: a part that only needs to say something is given `(text) => void`,
 * and a `Log` is one. Whoever knows of what kind it is and what decided it uses `event`.
 */
import type { EventKind } from '../core/report/node-report.ts';

type LogValue = string | number | boolean | null | readonly string[] | undefined;

/** The inputs of a decision, and whom it is about. */
export type LogFields = {
  readonly [name: string]: LogValue;
  /** A node, a group of addresses, a file. */
  readonly subject?: string;
  /** Who asked for it: `unix socket (uid 0)`, `SIGHUP`. */
  readonly origin?: string;
};

export type Log = {
  (text: string): void;
  readonly event: (kind: EventKind, text: string, fields?: LogFields) => void;
};

/** Where lines go in the end. */
export type LogWriter = (entry: LogEntry) => void;

export type LogEntry = {
  readonly kind: EventKind | null;
  readonly text: string;
  readonly fields: LogFields;
};

export function makeLog(writers: readonly LogWriter[]): Log {
  const tell = (entry: LogEntry): void => {
    for (const write of writers) write(entry);
  };
  const log = (text: string): void => tell({ kind: null, text, fields: {} });
  return Object.assign(log, {
    event: (kind: EventKind, text: string, fields: LogFields = {}): void =>
      tell({ kind, text, fields }),
  });
}
