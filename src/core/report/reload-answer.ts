/**
 * What a node answers when it is told to load its configuration again.
 *
 * Crosses the control socket and the network as JSON, and is a promise
 * (docs/operating/reload.md). What a newcomer gets wrong: with `ok: false` nothing at all has
 * changed; `diagnostics` is then empty where the files are right and the machine is not, as with a
 * port that another program has.
 */
export type ReloadAnswer =
  | {
      readonly ok: true;
      readonly text: string;
      /** One line each; empty: the node goes by what it went by before. */
      readonly changes: readonly string[];
    }
  | {
      readonly ok: false;
      readonly text: string;
      readonly diagnostics: readonly DiagnosticReport[];
    };

/** Line and column count from 1. */
export type SourcePosition = { readonly line: number; readonly column: number };

export type DiagnosticReport = {
  readonly file: string;
  /** Null: the file as a whole. */
  readonly start: SourcePosition | null;
  readonly end: SourcePosition | null;
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
};
