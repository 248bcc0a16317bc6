/**
 * The request line: grammar, and the form of its target.
 *
 *     (empty lines) ─► method ─► target ─► version ─► done
 *
 * What a newcomer gets wrong: RFC 9112 3 lets a recipient split the line at any white space. Then
 * two programs split it differently, so here it is exactly one SP each, and CRLF.
 */
import { asciiBytes, BYTE_CLASS, CR, isDigit, LF, SP, TARGET, TOKEN } from './bytes.ts';
import type { RequestFault } from './head-error.ts';
import { methodIdOf } from './method-id.ts';
import type { RequestHead } from './request-head.ts';
import { readTarget } from './target.ts';

/** Empty lines before a request line: old clients sent one behind a body (RFC 9112 2.2). */
const EMPTY_LINES_MAX = 2;

export const LineState = {
  begin: 0,
  beginFeed: 1,
  method: 2,
  target: 3,
  version: 4,
  done: 5,
} as const;

/** Goes on at `fields.offset`, up to the end of the line or of the bytes. */
export function scanRequestLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: RequestHead,
): RequestFault | null {
  let at = start + head.fields.offset;
  while (head.lineState <= LineState.beginFeed) {
    if (at === end) return pause(head, at - start);
    if (head.lineState === LineState.beginFeed) {
      if (bytes[at] !== LF) return 'badLineEnd';
      head.lineState = LineState.begin;
    } else if (bytes[at] === CR && head.emptyLines < EMPTY_LINES_MAX) {
      head.emptyLines++;
      head.lineState = LineState.beginFeed;
    } else {
      if (bytes[at] === LF) return 'badLineEnd';
      if ((BYTE_CLASS[bytes[at]!]! & TOKEN) === 0) return 'badMethod';
      head.methodStart = at - start;
      head.lineState = LineState.method;
    }
    at++;
  }
  if (head.lineState === LineState.method) {
    while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++;
    if (at === end) return pause(head, at - start);
    if (bytes[at] !== SP) return 'badMethod';
    head.methodEnd = at - start;
    head.methodId = methodIdOf(bytes, start + head.methodStart, at);
    at++;
    head.targetStart = at - start;
    head.lineState = LineState.target;
  }
  if (head.lineState === LineState.target) {
    while (at < end && (BYTE_CLASS[bytes[at]!]! & TARGET) !== 0) at++;
    if (at === end) return pause(head, at - start);
    const empty = at - start === head.targetStart;
    if (bytes[at] !== SP || empty) return faultInTarget(bytes[at]!, empty);
    head.targetEnd = at - start;
    at++;
    head.lineState = LineState.version;
  }
  const fault = scanVersion(bytes, start, at, end, head);
  if (fault !== null || head.lineState !== LineState.done) return fault;
  return readTarget(bytes, start, head) ? null : 'badTarget';
}

/** All bytes are read and the line goes on: not a fault. */
function pause(head: RequestHead, offset: number): null {
  head.fields.offset = offset;
  return null;
}

function faultInTarget(byte: number, empty: boolean): RequestFault {
  if (byte === LF) return 'badLineEnd';
  // "GET /" and the line's end is a request of HTTP/0.9.
  if (byte === CR) return 'badVersion';
  return byte === SP && empty ? 'badTarget' : 'badTargetByte';
}

const VERSION_AND_FEED = asciiBytes('HTTP/1.1\r\n');
const MAJOR = 5;
const MINOR = 7;

/** From behind the target to the end of the line, where only the minor version varies. */
function scanVersion(
  bytes: Uint8Array,
  start: number,
  from: number,
  end: number,
  head: RequestHead,
): RequestFault | null {
  const versionStart = start + head.targetEnd + 1;
  const lineEnd = versionStart + VERSION_AND_FEED.length;
  const to = Math.min(end, lineEnd);
  for (let at = from; at < to; at++) {
    if (bytes[at] === VERSION_AND_FEED[at - versionStart]) continue;
    const fault = faultInVersion(bytes[at]!, at - versionStart, head);
    if (fault !== null) return fault;
  }
  if (to === lineEnd) head.lineState = LineState.done;
  return pause(head, to - start);
}

/** A byte that is not as in HTTP/1.1; the one of HTTP/1.0 is no fault. */
function faultInVersion(byte: number, index: number, head: RequestHead): RequestFault | null {
  if (index === MINOR && byte === 0x30) {
    head.versionMinor = 0;
    return null;
  }
  if (index === MAJOR || index === MINOR) {
    return isDigit(byte) ? 'versionNotSupported' : 'badVersion';
  }
  return byte === LF || index > VERSION_AND_FEED.length - 2 ? 'badLineEnd' : 'badVersion';
}
