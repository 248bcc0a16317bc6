/** What every command is given. */
import type { Terminal } from './terminal.ts';

/** What commands share: where to write, and how to say how it went. */
export type Cli = {
  readonly terminal: Terminal;
  /** The process's answer once all is written; the last one counts. */
  exitCode: number;
};
