/**
 * The head of a request: request line, fields, and what they mean for whoever relays it.
 *
 *     begin ─► method ─► target ─► version ─► fields (`scan-fields.ts`) ─► meaning
 *
 * What one byte can show is refused at that byte; what takes several lines to see (two Hosts, a
 * length beside "chunked") is refused when the head is whole.
 *
 * What a newcomer gets wrong: `headBytes` and all offsets count from `start`, including an empty line
 * or two in front of the request line. And with a URL as target the Host field is not who is asked
 * for: `hostStart` and `hostEnd` then lie in the target (RFC 9112 3.2.2).
 */
import {
  asciiBytes,
  BYTE_CLASS,
  CR,
  HTAB,
  isDigit,
  LF,
  SP,
  spells,
  TARGET,
  TOKEN,
} from './bytes.ts';
import { isHopByHop, readConnection } from './connection.ts';
import { FieldId } from './field-id.ts';
import { readFraming } from './framing.ts';
import { Framing, MessageHead, Parse } from './head.ts';
import { type RequestFault, requestErrors } from './head-error.ts';
import { isHostAndPort } from './host.ts';
import { MethodId, methodIdOf } from './method-id.ts';
import { scanFields } from './scan-fields.ts';
import { readTarget, TargetForm } from './target.ts';

/** Empty lines before a request line: old clients sent one behind a body (RFC 9112 2.2). */
const EMPTY_LINES_MAX = 2;

const State = {
  begin: 0,
  beginFeed: 1,
  method: 2,
  target: 3,
  version: 4,
  fields: 5,
} as const;

export class RequestHead extends MessageHead {
  methodId: MethodId = MethodId.other;
  methodStart = 0;
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  targetForm: TargetForm = TargetForm.origin;
  /**
   * Path and query are [pathStart, targetEnd). Of a URL they may lack the leading "/", or be empty,
   * which then is to be sent as "/" or "/?query" (RFC 9112 3.2.1). Empty for "*" and host:port.
   */
  pathStart = 0;
  /** Host and port as the client named them; empty when it sent none or an empty Host. */
  hostStart = 0;
  hostEnd = 0;
  /** Waits for 100 (Continue) before it sends the body. */
  expectContinue = false;
  /** TE says that trailers are understood on the way back. */
  teTrailers = false;

  /** Progress in the request line, as `fields.state` in the fields. */
  lineState: number = State.begin;
  emptyLines = 0;

  override reset(): void {
    super.reset();
    this.methodId = MethodId.other;
    this.methodStart = 0;
    this.methodEnd = 0;
    this.targetStart = 0;
    this.targetEnd = 0;
    this.targetForm = TargetForm.origin;
    this.pathStart = 0;
    this.hostStart = 0;
    this.hostEnd = 0;
    this.expectContinue = false;
    this.teTrailers = false;
    this.lineState = State.begin;
    this.emptyLines = 0;
  }
}

/**
 * Reads on in the head that begins at `start`; `end` is how far there are bytes. Not to be called
 * again after `complete` without a `reset`.
 */
export function parseRequestHead(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: RequestHead,
): Parse {
  if (head.error !== null) return Parse.bad;
  const { fields, bytesMax } = head;
  const limit = Math.min(end, start + bytesMax);
  if (head.lineState !== State.fields) {
    const fault = scanRequestLine(bytes, start, limit, head);
    if (fault !== null) return refuse(head, fault);
  }
  if (head.lineState === State.fields) {
    const parse = scanFields(bytes, start, limit, fields);
    if (parse === Parse.bad) return refuse(head, fields.fault ?? 'badNameByte');
    if (parse === Parse.complete) {
      head.headBytes = fields.offset;
      const fault = readMeaning(bytes, start, head);
      return fault === null ? Parse.complete : refuse(head, fault);
    }
  }
  if (fields.offset < bytesMax) return Parse.partial;
  return refuse(head, head.lineState === State.fields ? 'headTooLarge' : 'targetTooLong');
}

function refuse(head: RequestHead, fault: RequestFault): Parse {
  head.error = requestErrors[fault];
  return Parse.bad;
}

/** Goes on at `fields.offset`, up to the end of the line or of the bytes. */
function scanRequestLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: RequestHead,
): RequestFault | null {
  let at = start + head.fields.offset;
  while (head.lineState <= State.beginFeed) {
    if (at === end) return pause(head, at - start);
    if (head.lineState === State.beginFeed) {
      if (bytes[at] !== LF) return 'badLineEnd';
      head.lineState = State.begin;
    } else if (bytes[at] === CR && head.emptyLines < EMPTY_LINES_MAX) {
      head.emptyLines++;
      head.lineState = State.beginFeed;
    } else {
      if (bytes[at] === LF) return 'badLineEnd';
      if ((BYTE_CLASS[bytes[at]!]! & TOKEN) === 0) return 'badMethod';
      head.methodStart = at - start;
      head.lineState = State.method;
    }
    at++;
  }
  if (head.lineState === State.method) {
    while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++;
    if (at === end) return pause(head, at - start);
    if (bytes[at] !== SP) return 'badMethod';
    head.methodEnd = at - start;
    head.methodId = methodIdOf(bytes, start + head.methodStart, at);
    at++;
    head.targetStart = at - start;
    head.lineState = State.target;
  }
  if (head.lineState === State.target) {
    while (at < end && (BYTE_CLASS[bytes[at]!]! & TARGET) !== 0) at++;
    if (at === end) return pause(head, at - start);
    const empty = at - start === head.targetStart;
    if (bytes[at] !== SP || empty) return faultInTarget(bytes[at]!, empty);
    head.targetEnd = at - start;
    at++;
    head.lineState = State.version;
  }
  const fault = scanVersion(bytes, start, { at, end }, head);
  if (fault !== null || head.lineState !== State.fields) return fault;
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

const VERSION = asciiBytes('HTTP/1.1');
const MAJOR = 5;
const MINOR = 7;

/** `HTTP/1.0` or `HTTP/1.1` and CRLF, byte by byte from behind the target. */
function scanVersion(
  bytes: Uint8Array,
  start: number,
  { at, end }: { at: number; readonly end: number },
  head: RequestHead,
): RequestFault | null {
  const versionStart = start + head.targetEnd + 1;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    const index = at - versionStart;
    if (index === MAJOR || index === MINOR) {
      if (!isDigit(byte)) return 'badVersion';
      if (index === MINOR) {
        if (bytes[versionStart + MAJOR] !== 0x31 || byte > 0x31) return 'versionNotSupported';
        head.versionMinor = byte - 0x30;
      }
    } else if (index < VERSION.length) {
      if (byte !== VERSION[index]) return 'badVersion';
    } else if (index === VERSION.length) {
      if (byte !== CR) return byte === LF ? 'badLineEnd' : 'badVersion';
    } else {
      if (byte !== LF) return 'badLineEnd';
      head.lineState = State.fields;
      return pause(head, at + 1 - start);
    }
  }
  return pause(head, at - start);
}

/** What the fields say, once all are there. */
function readMeaning(bytes: Uint8Array, start: number, head: RequestHead): RequestFault | null {
  const { fields } = head;
  let hostIndex = -1;
  let connections = 0;
  for (let index = 0; index < fields.count; index++) {
    const id = fields.id[index]!;
    head.dropped[index] = isHopByHop(id);
    switch (id) {
      case FieldId.host:
        if (hostIndex !== -1) return 'twoHosts';
        hostIndex = index;
        break;
      case FieldId.contentLength:
        if (head.lengthIndex !== -1) return 'twoContentLengths';
        head.lengthIndex = index;
        break;
      case FieldId.transferEncoding:
        if (head.codingIndex !== -1) return 'twoTransferEncodings';
        head.codingIndex = index;
        break;
      case FieldId.upgrade:
        head.upgradeIndex = index;
        break;
      case FieldId.connection:
        connections++;
        break;
      case FieldId.expect: {
        if (!readExpect(bytes, start, index, head)) return 'unknownExpectation';
        break;
      }
      case FieldId.te:
        readTe(bytes, start, index, head);
        break;
    }
  }
  for (let index = 0; connections > 0; index++) {
    if (fields.id[index] !== FieldId.connection) continue;
    connections--;
    const fault = readConnection(bytes, start, index, head);
    if (fault !== null) return fault;
  }
  head.keepAlive = !head.optionClose && (head.versionMinor === 1 || head.optionKeepAlive);
  // RFC 9110 7.8: Upgrade in an HTTP/1.0 request must be ignored.
  head.upgrade = head.upgradeIndex !== -1 && head.optionUpgrade && head.versionMinor === 1;
  return readHost(bytes, start, hostIndex, head) ?? readFraming(bytes, start, head);
}

/** A URL as target has already set the host, and wins; the field must be well formed all the same. */
function readHost(
  bytes: Uint8Array,
  start: number,
  hostIndex: number,
  head: RequestHead,
): RequestFault | null {
  if (hostIndex === -1) return head.versionMinor === 1 ? 'missingHost' : null;
  const from = head.fields.valueStart[hostIndex]!;
  const to = head.fields.valueEnd[hostIndex]!;
  if (!isHostAndPort(bytes, start + from, start + to)) return 'badHost';
  if (head.targetForm === TargetForm.origin || head.targetForm === TargetForm.asterisk) {
    head.hostStart = from;
    head.hostEnd = to;
  }
  return null;
}

const CONTINUE = asciiBytes('100-continue');
const TRAILERS = asciiBytes('trailers');

/** False for any other expectation. HTTP/1.0 does not know the field (RFC 9110 10.1.1). */
function readExpect(bytes: Uint8Array, start: number, index: number, head: RequestHead): boolean {
  const from = start + head.fields.valueStart[index]!;
  const to = start + head.fields.valueEnd[index]!;
  if (!spells(bytes, from, to, CONTINUE)) return false;
  head.expectContinue = head.versionMinor === 1;
  return true;
}

/** TE is a list; only the member "trailers" concerns a relay that codes nothing itself. */
function readTe(bytes: Uint8Array, start: number, index: number, head: RequestHead): void {
  let from = start + head.fields.valueStart[index]!;
  const end = start + head.fields.valueEnd[index]!;
  for (let at = from; at <= end; at++) {
    if (at < end && bytes[at] !== 0x2c) continue;
    let to = at;
    while (from < to && (bytes[from] === SP || bytes[from] === HTAB)) from++;
    while (to > from && (bytes[to - 1] === SP || bytes[to - 1] === HTAB)) to--;
    if (spells(bytes, from, to, TRAILERS)) head.teTrailers = true;
    from = at + 1;
  }
}

/** Whether the request has a body at all; without framing it has none (RFC 9112 6.3). */
export function hasBody(head: RequestHead): boolean {
  return head.framing === Framing.chunked || head.contentLength > 0;
}
