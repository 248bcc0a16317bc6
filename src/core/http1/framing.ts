/**
 * Content-Length and Transfer-Encoding: the two fields that two programs must never read
 * differently.
 *
 * RFC 9112 6.3 lets a recipient repair some disagreements (equal lengths in a list, a length beside
 * "chunked"). Every one of those repairs has been an attack on somebody who repaired differently,
 * so here each is an error.
 */
import { asciiBytes, HTAB, isDigit, spells, textOf } from './bytes.ts';
import { type Fields, Framing, type MessageHead } from './head.ts';
import type { SharedFault } from './head-error.ts';

/**
 * 15 digits stay below 2^53, where numbers are exact; a thousand terabytes is enough for a body.
 */
const LENGTH_DIGITS_MAX = 15;

const CHUNKED = asciiBytes('chunked');

/**
 * Sets `framing` to `length` or `chunked` when a field says so, else leaves it.
 * `lengthIndex` and `codingIndex` must be set, and each be the only line of its kind.
 */
export function readFraming(
  bytes: Uint8Array,
  start: number,
  head: MessageHead,
): SharedFault | null {
  const { lengthIndex, codingIndex, fields } = head;
  if (codingIndex !== -1) {
    if (lengthIndex !== -1) return 'lengthAndChunked';
    if (hasTab(bytes, start, codingIndex, fields)) return 'badTransferEncoding';
    const from = start + fields.valueStart[codingIndex]!;
    const to = start + fields.valueEnd[codingIndex]!;
    const fault = faultOfCoding(bytes, from, to, head.versionMinor);
    if (fault === null) head.framing = Framing.chunked;
    return fault;
  }
  if (lengthIndex !== -1) {
    const from = start + fields.valueStart[lengthIndex]!;
    const length = readLength(bytes, from, start + fields.valueEnd[lengthIndex]!);
    if (length === -1) return 'badContentLength';
    head.framing = Framing.length;
    head.contentLength = length;
  }
  return null;
}

/**
 * Whether a HTAB stands before or behind the value. RFC 9110 5.5 takes it away like SP, but llhttp,
 * and so every Node server, does not take "chunked\t" for "chunked" (found by fuzz.test.ts), and a
 * tab in front is an old trick. Field lines are passed on as they came, so a tab would make us and
 * the next hop see two bodies. No such disagreement about Content-Length is known.
 */
function hasTab(bytes: Uint8Array, start: number, index: number, fields: Fields): boolean {
  const valueStart = start + fields.valueStart[index]!;
  for (let at = start + fields.nameEnd[index]! + 1; at < valueStart; at++) {
    if (bytes[at] === HTAB) return true;
  }
  const lineEnd = start + fields.lineEnd[index]!;
  for (let at = start + fields.valueEnd[index]!; at < lineEnd; at++) {
    if (bytes[at] === HTAB) return true;
  }
  return false;
}

/** The number, or -1: only digits, no sign, no list. "003" is 3, as 1*DIGIT says. */
function readLength(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > LENGTH_DIGITS_MAX) return -1;
  let length = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (!isDigit(byte)) return -1;
    length = length * 10 + byte - 0x30;
  }
  return length;
}

const CODING = /^[-!#$%&'*+.^_`|~0-9a-z]+$/;

/**
 * Null for exactly "chunked". 501 is for what would be well framed if we knew the coding, so only
 * for a list that ends in one "chunked" (RFC 9112 6.1); where the end of the body cannot be known
 * at all, "gzip" alone or "chunked, gzip", 6.3 demands 400. Parameters of "chunked" are errors by
 * 7.1.
 */
function faultOfCoding(
  bytes: Uint8Array,
  from: number,
  to: number,
  versionMinor: number,
): SharedFault | null {
  if (versionMinor === 0) return 'chunkedInOldVersion';
  if (spells(bytes, from, to, CHUNKED)) return null;

  // From here on the message is refused, so strings may be made to find the right words.
  // `trim` would be wrong: it also takes away the byte 0xA0, a trick to hide the coding.
  const names = textOf(bytes, from, to)
    .toLowerCase()
    .split(/[ \t]*,[ \t]*/);
  const endsInOneChunked = names.indexOf('chunked') === names.length - 1;
  return endsInOneChunked && names.every((name) => CODING.test(name))
    ? 'codingNotImplemented'
    : 'badTransferEncoding';
}
