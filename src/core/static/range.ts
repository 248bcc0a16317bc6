/**
 * Byte ranges (RFC 9110 section 14).
 *
 * One range is honoured. A request for several gets the whole file, which 14.2 allows: assembling
 * multipart answers on demand has been a way to exhaust servers (CVE-2011-3192), and browsers and
 * download programs ask for one.
 */

/** Bytes [start, end); `unsatisfiable` is answered 416, `whole` as if no range had been asked. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number };

const WHOLE: ByteRange = { kind: 'whole' };

/** 15 digits stay below 2^53. */
const SPEC = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i;

export function byteRange(field: string | null, size: number): ByteRange {
  const match = SPEC.exec(field ?? '');
  if (match === null) return WHOLE;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return WHOLE;
    const length = Number(last);
    if (length === 0 || size === 0) return { kind: 'unsatisfiable' };
    return { kind: 'part', start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return WHOLE;
  if (start >= size) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, end: last === '' ? size : Math.min(size, Number(last) + 1) };
}
