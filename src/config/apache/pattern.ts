/**
 * Regular expressions of Apache in those of JavaScript.
 *
 * Apache 1.3 reads POSIX extended ones, 2.x reads PCRE. Nearly all that people write in sections
 * means the same here; what is spelled otherwise is translated, and what does not exist is refused
 * with its name. What a newcomer gets wrong: without the `u` flag JavaScript takes unknown escapes
 * and stray quantifiers for letters, so testing whether it compiles is not enough.
 */
import type { Read } from '../values.ts';

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

/** Escapes that are letters to JavaScript and mean something to PCRE or GNU. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: '$',
  h: '[ \\t]',
  '<': '\\b(?=\\w)',
  '>': '\\b(?<=\\w)',
  a: '\\x07',
  e: '\\x1b',
};

/** What has no equivalent, and would otherwise compile into something else. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\(\?>/, 'an atomic group'],
  [/^\(\?[|]/, 'a branch reset group'],
  [/^\(\?\(/, 'a condition'],
  [/^\(\?(?:R|\d|&|P>|P=)/, 'recursion or a named reference'],
  [/^\(\*[A-Z]/, 'a verb'],
  [/^\\[KGRXCQEpPgk]/, 'an escape that only PCRE has'],
  [/^(?:[*+?]|\{\d+(?:,\d*)?\})\+/, 'a possessive quantifier'],
];

const FLAG_GROUP = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])/;

export function translateRegex(source: string): Read<string> {
  let translated = '';
  let suffix = '';
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at);
    const refused = REFUSED.find(([pattern]) => pattern.test(rest));
    if (refused !== undefined) {
      return complain(source, `${refused[1]} is not supported`, refused[0].exec(rest)?.[0]);
    }
    const token = nextToken(rest, at);
    if (token === null) return complain(source, 'these flags are not supported', rest.slice(0, 4));
    translated += token.translated;
    suffix += token.suffix ?? '';
    at += token.length;
  }
  try {
    // The engine's own spelling (`\\/` for a slash), so that it reads back from a literal
    // unchanged.
    return { value: new RegExp(translated + suffix).source };
  } catch (error) {
    // "Invalid regular expression: /x/: Unterminated group": what matters is behind the expression.
    const reason = error instanceof Error ? error.message.split(': ').at(-1) : String(error);
    return complain(source, (reason ?? '').toLowerCase());
  }
}

type Token = { readonly translated: string; readonly length: number; readonly suffix?: string };

/** Null: a group of flags that JavaScript does not have. */
function nextToken(rest: string, at: number): Token | null {
  if (rest[0] === '\\') {
    const meaning = ESCAPES[rest[1] ?? ''];
    return { translated: meaning ?? rest.slice(0, 2), length: 2 };
  }
  if (rest[0] === '[') return bracketToken(rest);
  const comment = /^\(\?#[^)]*\)/.exec(rest)?.[0];
  if (comment !== undefined) return { translated: '', length: comment.length };
  if (rest.startsWith('(?P<')) return { translated: '(?<', length: 4 };
  const flags = FLAG_GROUP.exec(rest);
  if (flags === null || flags[0] === '(?:') return { translated: rest[0]!, length: 1 };

  const [text, on = '', off = '', end] = flags;
  if (!/^[ims]*$/.test(on + off)) return null;
  // JavaScript knows flags for a group alone; `(?i)` at the start is a group around all the rest.
  if (end === ')' && at > 0) return null;
  const group = `(?${on}${off === '' ? '' : `-${off}`}:`;
  return { translated: group, length: text.length, suffix: end === ')' ? ')' : '' };
}

/**
 * A bracket expression: in POSIX a `]` right behind its start is a member, and `[` needs no `\`.
 */
function bracketToken(rest: string): Token {
  const negated = rest[1] === '^';
  let at = negated ? 2 : 1;
  let inner = '';
  while (at < rest.length && (rest[at] !== ']' || inner === '')) {
    const [named, name = ''] = /^\[:(\^?\w+):\]/.exec(rest.slice(at)) ?? [];
    const members = POSIX_CLASSES[name];
    if (named !== undefined && members !== undefined) {
      inner += members;
      at += named.length;
    } else if (rest[at] === '\\' && at + 1 < rest.length) {
      inner += rest.slice(at, at + 2);
      at += 2;
    } else {
      inner += rest[at] === '[' || rest[at] === ']' ? `\\${rest[at]}` : rest[at]!;
      at++;
    }
  }
  // Not closed: handed on as it is, so that JavaScript's own message says so.
  if (at >= rest.length) return { translated: rest, length: rest.length };
  return { translated: `[${negated ? '^' : ''}${inner}]`, length: at + 1 };
}

function complain(source: string, reason: string, part?: string): Read<string> {
  const looksLikeGlob = /^\*[.\w-]*$/.test(source);
  const hint = looksLikeGlob
    ? `"${source}" is a shell pattern: leave out the "~", or write "\\${source.slice(1)}$"`
    : undefined;
  const message = `"${source}" is not a regular expression we can use: ${reason}`;
  return { complaint: { code: 'CONFIG_BAD_REGEX', message, hint, part } };
}
