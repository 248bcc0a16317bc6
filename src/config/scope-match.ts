/**
 * What a pattern without a regular expression means in each kind of section, in both dialects.
 *
 * Apache's rule: with one of `*?[` in it, it is a shell pattern, else literal text. A file's name
 * is one segment of a path, so there `*` leaves nothing out; in a path it stops at a slash.
 */
import type { ZoneScope } from '../core/cluster/config.ts';

export type ScopeKind = 'directory' | 'files' | 'location';

export function matchOf(kind: ScopeKind, text: string): ZoneScope['match'] {
  if (kind === 'files') {
    return text === '*' ? { kind: 'everything' } : { kind: 'glob', pattern: text };
  }
  if (/[*?[]/.test(text)) return { kind: 'glob', pattern: text };
  const path = kind === 'directory' ? text.replace(/\/+$/, '') : text;
  return { kind: 'prefix', path: path === '' ? '/' : path };
}
