/**
 * The path a request target names, the way Apache maps it before any section is matched.
 *
 *     /a/%7Euser//x/../y.php?q=1  ->  /a/~user/y.php
 *
 * In this order, and each once: the query is cut off, escapes are decoded, slashes in a row are
 * merged (MergeSlashes On, the default), dot segments are removed. So `%2e%2e` is a dot segment,
 * while `%252e` is the three characters `%2e`.
 *
 * Refused, with the status Apache answers: an escape that is none (400), `..` above the root (400),
 * and an encoded slash or NUL (404; AllowEncodedSlashes Off), which different programs read
 * differently, so that what one protects another would serve.
 *
 * What a newcomer gets wrong: bytes that are no UTF-8 are taken as Latin-1 rather than refused, as
 * a file system may hold such names. The zone and the file are looked up by the same result.
 */

export type TargetPath =
  /** `path` is '' for `*` and for the authority of a CONNECT: neither has a path. */
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type Refusal = { readonly status: 400 | 404; readonly reason: string };

const NO_PATH: TargetPath = { kind: 'path', path: '' };

export function targetPath(target: string): TargetPath {
  const raw = rawPath(target);
  if (raw === '') return NO_PATH;
  if (/%(?![0-9a-f]{2})/i.test(raw)) return refused(400, 'invalid percent escape');
  if (/%2f/i.test(raw)) return refused(404, 'encoded slash');
  if (raw.includes('%00') || raw.includes('\0')) return refused(404, 'encoded NUL');
  const path = withoutDots(decode(raw).replace(/\/{2,}/g, '/'));
  return path === null ? refused(400, 'path above the root') : { kind: 'path', path };
}

/** Path of an origin-form or absolute-form target (RFC 9112 3.2), as sent and without the query. */
function rawPath(target: string): string {
  let from = 0;
  if (!target.startsWith('/')) {
    const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(target);
    if (scheme === null) return '';
    from = scheme[0].length;
  }
  const query = target.indexOf('?', from);
  return (query === -1 ? target.slice(from) : target.slice(from, query)) || '/';
}

function decode(raw: string): string {
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}

/** RFC 3986 5.2.4, but null where that would quietly stay at the root. */
function withoutDots(path: string): string | null {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') {
      if (kept.pop() === undefined) return null;
      if (isLast) kept.push('');
    } else if (segment !== '.') {
      kept.push(segment);
    } else if (isLast) {
      kept.push('');
    }
  }
  return `/${kept.join('/')}`;
}

function refused(status: Refusal['status'], reason: string): TargetPath {
  return { kind: 'refused', refusal: { status, reason } };
}
