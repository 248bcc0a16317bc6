/**
 * The text of a wackamole.conf as words, braces and equals signs, every one with its place.
 *
 * `#` begins a comment anywhere, even right behind a word. Line ends are blanks. A word is anything
 * but blanks, `#` and braces; quotes, single or double, hold everything up to the next quote of
 * their kind, without escapes (`wackamole-lexer.l`).
 *
 * What a newcomer gets wrong: `=` is an ordinary character inside a word. `Spread=4803` is one
 * word, and a syntax error.
 */
import type { Diagnostics, Place, Span } from '../diagnostic.ts';
import { shorten } from '../suggest.ts';

export type Token = Place & {
  readonly kind: 'word' | 'quoted' | 'equals' | 'open' | 'close' | 'end';
  /** Of a quoted one, what is inside of the quotes. */
  readonly text: string;
  readonly span: Span;
  /** Whether something stands before it on its line. */
  readonly continues: boolean;
};

/** The last one is of the kind `end`. */
export function lex(file: string, source: string, diagnostics: Diagnostics): Token[] {
  const tokens: Token[] = [];
  let lineStarted = false;
  let at = source.startsWith('\ufeff') ? 1 : 0;
  const add = (kind: Token['kind'], span: Span, text = source.slice(span.start, span.end)) => {
    tokens.push({ file, kind, text, span, continues: lineStarted });
    lineStarted = true;
    at = span.end;
  };
  while (at < source.length) {
    const character = source[at]!;
    if (character === '\n') lineStarted = false;
    if (/[\s]/.test(character)) at++;
    else if (character === '#') at = lineEnd(source, at);
    else if (character === '{') add('open', { start: at, end: at + 1 });
    else if (character === '}') add('close', { start: at, end: at + 1 });
    else if (character === '"' || character === "'") {
      const close = source.indexOf(character, at + 1);
      const end = close === -1 ? source.length : close + 1;
      if (close === -1) {
        const text = shorten(source.slice(at + 1, lineEnd(source, at)));
        const message = `the quote before "${text}" is not closed`;
        const place = { file, span: { start: at, end: lineEnd(source, at) } };
        diagnostics.add({ code: 'CONFIG_SYNTAX', place, message });
      }
      add(
        'quoted',
        { start: at, end },
        source.slice(at + 1, close === -1 ? lineEnd(source, at) : close),
      );
    } else {
      const end = at + (/^[^\s#{}]+/.exec(source.slice(at, at + WORD_MAX))?.[0].length ?? 1);
      add(source.slice(at, end) === '=' ? 'equals' : 'word', { start: at, end });
    }
  }
  const span = { start: source.length, end: source.length };
  tokens.push({ file, kind: 'end', text: '', span, continues: lineStarted });
  return tokens;
}

/** A longer word is cut in two, and refused as neither; no path or address is half as long. */
const WORD_MAX = 4_096;

function lineEnd(source: string, from: number): number {
  const newline = source.indexOf('\n', from);
  return newline === -1 ? source.length : newline;
}
