/**
 * The text of an Apache file as lines of words, every word with its place.
 *
 * A line ends in a newline, unless a backslash stands right before it. Blanks around it do not
 * count. A line whose first character is `#` is a comment; a `#` further on is an ordinary word,
 * as in Apache, and a comment that ends in a backslash swallows the line below it.
 *
 * Words: `ap_getword_conf`, Apache 1.3 src/main/util.c. Quotes, single or double, hold blanks;
 * inside them a backslash escapes that quote, and everywhere it escapes a backslash. It is kept in
 * front of anything else, which is why `"\.php$"` arrives as the regular expression it looks like.
 */

import type { Diagnostics, Place, Span } from '../diagnostic.ts';
import { shorten } from '../suggest.ts';

export type Word = Place & { readonly text: string; readonly span: Span };

export type Line =
  | { readonly kind: 'directive'; readonly name: Word; readonly words: readonly Word[] }
  | { readonly kind: 'open'; readonly name: Word; readonly words: readonly Word[] }
  | { readonly kind: 'close'; readonly name: Word };

/** A line with its continuations joined, and where each piece of it came from. */
type LogicalLine = {
  readonly text: string;
  readonly pieces: readonly { readonly at: number; readonly offset: number }[];
};

type Scan = { readonly file: string; readonly diagnostics: Diagnostics };

export function lexLines(file: string, source: string, diagnostics: Diagnostics): Line[] {
  const lines: Line[] = [];
  const scan: Scan = { file, diagnostics };
  for (const logical of logicalLines(source)) {
    const line = lexLine(logical, scan);
    if (line !== null) lines.push(line);
  }
  return lines;
}

function* logicalLines(source: string): Generator<LogicalLine> {
  // A byte order mark is what an editor on Windows leaves in front of the first directive.
  let offset = source.startsWith('\ufeff') ? 1 : 0;
  while (offset < source.length) {
    const pieces: { at: number; offset: number }[] = [];
    let text = '';
    let continued = true;
    while (continued && offset < source.length) {
      const newline = source.indexOf('\n', offset);
      const next = newline === -1 ? source.length : newline + 1;
      const end = newline === -1 ? source.length : newline;
      const physical = source.slice(offset, end).replace(/\r$/, '');
      continued = physical.endsWith('\\');
      pieces.push({ at: text.length, offset });
      text += continued ? physical.slice(0, -1) : physical;
      offset = next;
    }
    yield { text, pieces };
  }
}

function lexLine(logical: LogicalLine, scan: Scan): Line | null {
  const { text } = logical;
  const start = text.search(/\S/);
  if (start === -1 || text[start] === '#') return null;
  const end = text.trimEnd().length;
  if (text[start] !== '<') {
    const [name, ...words] = lexWords(logical, start, end, scan);
    return name === undefined ? null : { kind: 'directive', name, words };
  }
  return lexSection(logical, { start, end }, scan);
}

function lexSection(logical: LogicalLine, { start, end }: Span, scan: Scan): Line | null {
  const { text } = logical;
  const closing = text[start + 1] === '/';
  const nameStart = start + (closing ? 2 : 1);
  const nameEnd = nameStart + (/^[^\s>]*/.exec(text.slice(nameStart, end))?.[0].length ?? 0);
  const name = wordAt(logical, { start: nameStart, end: nameEnd }, scan.file);

  // The last one counts: a regular expression may hold a ">" of its own.
  const bracket = text.lastIndexOf('>', end - 1);
  if (bracket < nameEnd || name.text === '') {
    const place = wordAt(logical, { start, end }, scan.file);
    const message = `"${shorten(place.text)}" is not a section: expected <Name ...>`;
    scan.diagnostics.add({ code: 'CONFIG_SYNTAX', place, message });
    // Still a section to the reader of sections, or its end would be reported as well.
    if (name.text === '' || closing) return null;
    return { kind: 'open', name, words: lexWords(logical, nameEnd, end, scan) };
  }
  if (bracket !== end - 1) {
    const place = wordAt(logical, { start: bracket + 1, end }, scan.file);
    const message = `"${shorten(place.text.trim())}" stands behind the end of <${name.text}>`;
    const hint = 'a comment needs a line of its own';
    scan.diagnostics.add({ code: 'CONFIG_SYNTAX', place, message, hint });
  }
  if (closing) return { kind: 'close', name };
  return { kind: 'open', name, words: lexWords(logical, nameEnd, bracket, scan) };
}

function lexWords(logical: LogicalLine, from: number, end: number, scan: Scan): Word[] {
  const { text } = logical;
  const words: Word[] = [];
  let at = from;
  while (at < end) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const start = at;
    const quote = text[start] === '"' || text[start] === "'" ? text[start]! : null;
    let word = '';
    at = quote === null ? start : start + 1;
    while (at < end && (quote === null ? !/\s/.test(text[at]!) : text[at] !== quote)) {
      const next = text[at + 1];
      if (text[at] === '\\' && at + 1 < end && (next === '\\' || next === quote)) at++;
      word += text[at]!;
      at++;
    }
    if (quote !== null) at = endQuote(logical, { start, end: at }, end, scan);
    words.push({ ...wordAt(logical, { start, end: at }, scan.file), text: word });
  }
  return words;
}

/** Steps over a closing quote, or reports that there is none. */
function endQuote(logical: LogicalLine, { start, end: at }: Span, end: number, scan: Scan): number {
  if (at < end) return at + 1;
  const place = wordAt(logical, { start, end }, scan.file);
  const message = `the quote before "${shorten(place.text.slice(1))}" is not closed on its line`;
  scan.diagnostics.add({ code: 'CONFIG_SYNTAX', place, message });
  return end;
}

function wordAt(logical: LogicalLine, { start, end }: Span, file: string): Word {
  const span = { start: toSource(logical, start), end: toSource(logical, end) };
  return { file, span, text: logical.text.slice(start, end) };
}

/** A word that ends with its piece must not reach over the backslash into the next one. */
function toSource({ pieces, text }: LogicalLine, at: number): number {
  const isPast = (piece: { at: number }) => at > piece.at || (at === piece.at && at < text.length);
  // By halves: a file may be one line of many thousand pieces, with a word in each.
  let low = 0;
  for (let high = pieces.length; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if (isPast(pieces[middle]!)) low = middle;
    else high = middle;
  }
  const piece = pieces[low]!;
  return piece.offset + at - piece.at;
}
