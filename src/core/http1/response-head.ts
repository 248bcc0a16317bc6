/**
 * The head of a response: status line, fields, and how the body behind them ends.
 *
 *     version ─► status ─► reason ─► fields (`scan-fields.ts`) ─► meaning
 *
 * What a newcomer gets wrong: a response cannot be read without its request. After HEAD nothing
 * follows the head, and after a 2xx to CONNECT everything does, whatever the fields say.
 */
import { asciiBytes, BYTE_CLASS, CR, isDigit, LF, SP, VALUE } from './bytes.ts';
import { noteField, readConnections } from './connection.ts';
import { readFraming } from './framing.ts';
import { Framing, MessageHead, Parse } from './head.ts';
import { type ResponseFault, responseErrors } from './head-error.ts';
import { scanFields } from './scan-fields.ts';

const State = { line: 0, reason: 1, lineFeed: 2, fields: 3 } as const;

export class ResponseHead extends MessageHead {
  status = 0;
  /** Empty when the server sent none. */
  reasonStart = 0;
  reasonEnd = 0;

  /** Progress in the status line, as `fields.state` in the fields. */
  lineState: number = State.line;

  override reset(): void {
    super.reset();
    this.status = 0;
    this.reasonStart = 0;
    this.reasonEnd = 0;
    this.lineState = State.line;
  }
}

/**
 * Reads on in the head that begins at `start`; `end` is how far there are bytes. Not to be called
 * again after `complete` without a `reset`. The request's method decides about the body.
 */
export function parseResponseHead(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: ResponseHead,
  requestMethodIsHead: boolean,
  requestMethodIsConnect = false,
): Parse {
  if (head.error !== null) return Parse.bad;
  const { fields, bytesMax } = head;
  const limit = Math.min(end, start + bytesMax);
  if (head.lineState !== State.fields) {
    const fault = scanStatusLine(bytes, start, limit, head);
    if (fault !== null) return refuse(head, fault);
  }
  if (head.lineState === State.fields) {
    const parse = scanFields(bytes, start, limit, fields);
    if (parse === Parse.bad) return refuse(head, fields.fault ?? 'badNameByte');
    if (parse === Parse.complete) {
      head.headBytes = fields.offset;
      const fault = readMeaning(bytes, start, head);
      if (fault !== null) return refuse(head, fault);
      weighFraming(head, requestMethodIsHead, requestMethodIsConnect);
      return Parse.complete;
    }
  }
  return fields.offset < bytesMax ? Parse.partial : refuse(head, 'headTooLarge');
}

function refuse(head: ResponseHead, fault: ResponseFault): Parse {
  head.error = responseErrors[fault];
  return Parse.bad;
}

const VERSION = asciiBytes('HTTP/1.1 ');
const MINOR = 7;
const STATUS = VERSION.length;
const AFTER_STATUS = STATUS + 3;

/** Goes on at `fields.offset`, up to the end of the line or of the bytes. */
function scanStatusLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: ResponseHead,
): ResponseFault | null {
  let at = start + head.fields.offset;
  if (head.lineState === State.line) {
    const versionEnd = Math.min(end, start + STATUS);
    for (; at < versionEnd; at++) {
      if (bytes[at] === VERSION[at - start]) continue;
      // The one byte that may differ is the 0 of HTTP/1.0.
      if (at - start !== MINOR || bytes[at] !== 0x30) return 'badVersion';
      head.versionMinor = 0;
    }
    const statusEnd = Math.min(end, start + AFTER_STATUS);
    for (; at < statusEnd; at++) {
      const byte = bytes[at]!;
      const outOfRange = at - start === STATUS && (byte < 0x31 || byte > 0x35);
      if (!isDigit(byte) || outOfRange) return 'badStatus';
      head.status = head.status * 10 + byte - 0x30;
    }
    if (at === end) return pause(head, at - start);
    // RFC 9112 4 wants a space even before an empty reason. Servers that leave it out are common
    // and the line can be read in one way only, so it is let through as the one thing mended.
    if (bytes[at] === SP) at++;
    else if (bytes[at] !== CR) return bytes[at] === LF ? 'badLineEnd' : 'badStatus';
    head.reasonStart = at - start;
    head.lineState = State.reason;
  }
  if (head.lineState === State.reason) {
    while (at < end && (BYTE_CLASS[bytes[at]!]! & VALUE) !== 0) at++;
    if (at === end) return pause(head, at - start);
    if (bytes[at] !== CR) return bytes[at] === LF ? 'badLineEnd' : 'badReason';
    head.reasonEnd = at - start;
    at++;
    head.lineState = State.lineFeed;
  }
  if (at === end) return pause(head, at - start);
  if (bytes[at] !== LF) return 'badLineEnd';
  head.lineState = State.fields;
  return pause(head, at + 1 - start);
}

/** All bytes are read and the line goes on: not a fault. */
function pause(head: ResponseHead, offset: number): null {
  head.fields.offset = offset;
  return null;
}

/** What the fields say, once all are there. */
function readMeaning(bytes: Uint8Array, start: number, head: ResponseHead): ResponseFault | null {
  for (let index = 0; index < head.fields.count; index++) {
    const fault = noteField(head, index);
    if (fault !== null) return fault;
  }
  const fault = readConnections(bytes, start, head);
  // Why a protected name is only ignored here: see connection.ts.
  if (fault !== null && fault !== 'protectedOption') return fault;
  if (head.status === 101 && !head.upgrade) return 'badUpgrade';
  return readFraming(bytes, start, head);
}

/** RFC 9112 6.3, in its order, and what it means for the connection. */
function weighFraming(
  head: ResponseHead,
  requestMethodIsHead: boolean,
  requestMethodIsConnect: boolean,
): void {
  const { status } = head;
  const opensTunnel = requestMethodIsConnect && status >= 200 && status < 300;
  const informs = status < 200;
  if (requestMethodIsHead || informs || status === 204 || status === 304 || opensTunnel) {
    head.framing = Framing.none;
    head.contentLength = 0;
  } else if (head.framing === Framing.none) {
    head.framing = Framing.untilClose;
  }
  if (head.framing === Framing.untilClose) head.keepAlive = false;
}
