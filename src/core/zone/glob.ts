/**
 * Globs as fnmatch(3) has them: `*.php`, `page?.html`, `[a-c]*`, `[!.]*`, `\*`.
 *
 * Compiled once, matched per request in time proportional to text times pattern: a translation into
 * a regular expression would let a long path make `*a*a*a*b` take for ever.
 *
 * What a newcomer gets wrong: in `<Location>` and `<Directory>` a wildcard does not match a slash
 * (FNM_PATHNAME), so `/a/*` is one level below `/a/`; in `<Files>` there is no slash to match.
 */

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly code: number }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly Range[] };

type Range = { readonly first: number; readonly last: number };

export type Glob = readonly Token[];

const SLASH = 0x2f;

export function compileGlob(pattern: string): Glob {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const set = char === '[' ? readSet(pattern, at) : null;
    if (set !== null) {
      tokens.push(set.token);
      at = set.last;
    } else if (char === '*') {
      // Two stars in a row say no more than one.
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') {
      tokens.push({ kind: 'any' });
    } else {
      // A backslash at the very end stands for itself, as there is nothing it could take.
      if (char === '\\' && at + 1 < pattern.length) at++;
      tokens.push({ kind: 'literal', code: pattern.charCodeAt(at) });
    }
  }
  return tokens;
}

/** Does the glob match all of `text`? A wildcard never matches a slash. */
export function matchesGlob(glob: Glob, text: string): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let starEnd = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (token < glob.length && glob[token]!.kind === 'star') {
      star = token++;
      starEnd = at;
    } else if (token < glob.length && matchesOne(glob[token]!, code)) {
      token++;
      at++;
    } else if (star >= 0 && text.charCodeAt(starEnd) !== SLASH) {
      // Let the last star take one more. Earlier ones need no second try: this one could take it.
      starEnd++;
      token = star + 1;
      at = starEnd;
    } else {
      return false;
    }
  }
  while (token < glob.length && glob[token]!.kind === 'star') token++;
  return token === glob.length;
}

function matchesOne(token: Token, code: number): boolean {
  if (token.kind === 'literal') return token.code === code;
  if (code === SLASH) return false;
  if (token.kind !== 'set') return token.kind === 'any';
  for (const { first, last } of token.ranges) {
    if (code >= first && code <= last) return !token.negated;
  }
  return token.negated;
}

/** A bracket expression opening at `from`; null when it never closes, and is then literal text. */
function readSet(pattern: string, from: number): { token: Token; last: number } | null {
  let at = from + 1;
  const negated = pattern[at] === '!' || pattern[at] === '^';
  if (negated) at++;
  const ranges: Range[] = [];
  // A closing bracket in first place is a member, not the end.
  for (const start = at; at < pattern.length; at++) {
    if (pattern[at] === ']' && at > start) {
      return { token: { kind: 'set', negated, ranges }, last: at };
    }
    if (pattern[at] === '\\' && at + 1 < pattern.length) at++;
    const first = pattern.charCodeAt(at);
    const isRange = pattern[at + 1] === '-' && at + 2 < pattern.length && pattern[at + 2] !== ']';
    if (isRange) at += 2;
    ranges.push({ first, last: pattern.charCodeAt(at) });
  }
  return null;
}
