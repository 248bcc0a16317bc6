/**
 * A problem in the configuration, where it is, and how it is shown.
 *
 * Never thrown: readers collect into `Diagnostics` and go on, so that a user sees every problem at
 * once. What a newcomer gets wrong: a diagnostic does not hold the text it points into. One file
 * has many diagnostics and one text, which is in `sources` under the file's name.
 */
import { type Code, type Severity, severityOf } from './codes.ts';

/** UTF-16 offsets into a file's text, end exclusive. */
export type Span = { readonly start: number; readonly end: number };

/** A spot in a file, or with a null span the file as a whole. */
export type Place = { readonly file: string; readonly span: Span | null };

export type Diagnostic = {
  /** Stable, searchable, documented in `docs/reference/config-errors.md`. */
  readonly code: Code;
  readonly place: Place;
  /** What is wrong, in the reader's words, quoting what they typed. No full stop. */
  readonly message: string;
  /** What to do about it, when we know. */
  readonly hint?: string | undefined;
};

/** The text of every file that was read, by the name it is shown under. */
export type Sources = ReadonlyMap<string, string>;

/**
 * Errors, and as many of the rest. More than anybody reads; it bounds what a binary file given by
 * mistake can print. Counted apart, or a file full of notes would hide the one error.
 */
const DIAGNOSTICS_MAX = 200;

/** Collects in the order of finding. */
export class Diagnostics {
  readonly list: Diagnostic[] = [];
  /** How many did not fit; errors among them still count in `errorCount`. */
  dropped = 0;
  errorCount = 0;
  #otherCount = 0;
  readonly #said = new Set<string>();

  add(diagnostic: Diagnostic): void {
    const isError = severityOf(diagnostic.code) === 'error';
    const count = isError ? ++this.errorCount : ++this.#otherCount;
    if (count <= DIAGNOSTICS_MAX) this.list.push(diagnostic);
    else this.dropped++;
  }

  /** So many errors that looking for more is no help to anybody. */
  get isHopeless(): boolean {
    return this.errorCount > DIAGNOSTICS_MAX;
  }

  /** For what is worth saying once and tedious twice: the first of its code and subject counts. */
  addOnce(subject: string, diagnostic: Diagnostic): void {
    const key = `${diagnostic.code} ${subject}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.add(diagnostic);
  }
}

/** Line and column are 1-based; the column counts UTF-16 units, as VS Code expects. */
export type Position = { readonly line: number; readonly column: number };

export function positionAt(source: string, offset: number): Position {
  const lineStart = lineStartAt(source, offset);
  let line = 1;
  for (
    let at = source.indexOf('\n');
    at !== -1 && at < lineStart;
    at = source.indexOf('\n', at + 1)
  ) {
    line++;
  }
  return { line, column: offset - lineStart + 1 };
}

/** How the parts of a message are set off; `PLAIN` leaves them as they are. */
export type Paint = (part: Severity | 'strong' | 'faint', text: string) => string;
export const PLAIN: Paint = (_part, text) => text;

/**
 * Renders one diagnostic the way compilers do, so editors and terminals can jump to it:
 *
 *     httpd.conf:9:5: error: unknown directive "Bakchand" [CONFIG_UNKNOWN_DIRECTIVE]
 *       9 |     Bakchand byAge
 *         |     ^^^^^^^^
 *       hint: did you mean "Backhand"?
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  sources: Sources,
  paint: Paint = PLAIN,
): string {
  const { place, code, message, hint } = diagnostic;
  const severity = severityOf(code);
  const source = sources.get(place.file);
  const span = source === undefined ? null : place.span;

  const position = span === null ? null : positionAt(source ?? '', span.start);
  const where = position === null ? '' : `${position.line}:${position.column}:`;
  const said = escaped(message);
  const told = `${paint(severity, `${severity}:`)} ${said} ${paint('faint', `[${code}]`)}`;
  const lines = [`${paint('strong', `${escaped(place.file)}:${where}`)} ${told}`];
  if (span !== null) lines.push(...excerpt(source ?? '', span, severity, paint));
  if (hint !== undefined) lines.push(`  ${paint('strong', 'hint:')} ${escaped(hint)}`);
  return lines.join('\n');
}

/** What a user typed may not move the cursor or colour the terminal: `\x1b` shows as such. */
function escaped(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

function excerpt(source: string, span: Span, severity: Severity, paint: Paint): string[] {
  const { line, column } = positionAt(source, span.start);
  const lineStart = lineStartAt(source, span.start);
  const lineEnd = source.indexOf('\n', lineStart);
  const whole = source.slice(lineStart, lineEnd === -1 ? source.length : lineEnd);
  const { text, offset } = cut(whole.replace(/\r$/, ''), column - 1);

  // Tabs are kept in the padding so the caret stays under its character at any tab width.
  const padding = text.slice(0, offset).replace(/[^\t]/g, ' ');
  const caretCount = Math.max(1, Math.min(span.end - span.start, text.length - offset));
  const gutter = String(line);
  return [
    `  ${paint('faint', `${gutter} |`)} ${text}`,
    `  ${paint('faint', `${' '.repeat(gutter.length)} |`)} ` +
      `${padding}${paint(severity, '^'.repeat(caretCount))}`,
  ];
}

/** Longer lines are shown in part: a minified or binary file must not fill the screen. */
const LINE_SHOWN_MAX = 160;
const LINE_BEFORE_CARET = 60;

/** The part of a line around `offset`, without control characters, which could move the cursor. */
function cut(line: string, offset: number): { text: string; offset: number } {
  const visible = line.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '\ufffd');
  if (visible.length <= LINE_SHOWN_MAX) return { text: visible, offset };
  const start = Math.max(0, offset - LINE_BEFORE_CARET);
  return { text: visible.slice(start, start + LINE_SHOWN_MAX), offset: offset - start };
}

function lineStartAt(source: string, offset: number): number {
  // `lastIndexOf` counts a negative start as 0, and would find a newline that opens the file.
  return offset === 0 ? 0 : source.lastIndexOf('\n', offset - 1) + 1;
}
