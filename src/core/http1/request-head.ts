/**
 * The head of a request: request line, fields, and what they mean for whoever relays it.
 *
 *     request line (`scan-request-line.ts`) ─► fields (`scan-fields.ts`) ─► meaning
 *
 * What one byte can show is refused at that byte; what takes several lines to see (two Hosts, a
 * length beside "chunked") is refused when the head is whole.
 *
 * What a newcomer gets wrong: `headBytes` and all offsets count from `start`, including an empty
 * line or two in front of the request line. And with a URL as target the Host field is not who is
 * asked for: `hostStart` and `hostEnd` then lie in the target (RFC 9112 3.2.2).
 */
import { asciiBytes, HTAB, SP, spells } from './bytes.ts';
import { noteField, readConnections } from './connection.ts';
import { FieldId } from './field-id.ts';
import { readFraming } from './framing.ts';
import { MessageHead, Parse } from './head.ts';
import { type RequestFault, requestErrors } from './head-error.ts';
import { isHostAndPort } from './host.ts';
import { MethodId } from './method-id.ts';
import { scanFields } from './scan-fields.ts';
import { LineState, scanRequestLine } from './scan-request-line.ts';
import { TargetForm } from './target.ts';

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
  lineState: number = LineState.begin;
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
    this.lineState = LineState.begin;
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
  if (head.lineState !== LineState.done) {
    const fault = scanRequestLine(bytes, start, limit, head);
    if (fault !== null) return refuse(head, fault);
  }
  if (head.lineState === LineState.done) {
    const parse = scanFields(bytes, start, limit, fields);
    if (parse === Parse.bad) return refuse(head, fields.fault ?? 'badNameByte');
    if (parse === Parse.complete) {
      head.headBytes = fields.offset;
      const fault = readMeaning(bytes, start, head);
      return fault === null ? Parse.complete : refuse(head, fault);
    }
  }
  if (fields.offset < bytesMax) return Parse.partial;
  return refuse(head, head.lineState === LineState.done ? 'headTooLarge' : 'targetTooLong');
}

function refuse(head: RequestHead, fault: RequestFault): Parse {
  head.error = requestErrors[fault];
  return Parse.bad;
}

/** What the fields say, once all are there. */
function readMeaning(bytes: Uint8Array, start: number, head: RequestHead): RequestFault | null {
  const { fields } = head;
  let hostIndex = -1;
  for (let index = 0; index < fields.count; index++) {
    const fault = noteField(head, index);
    if (fault !== null) return fault;
    switch (fields.id[index]) {
      case FieldId.host:
        if (hostIndex !== -1) return 'twoHosts';
        hostIndex = index;
        break;
      case FieldId.expect:
        if (!readExpect(bytes, start, index, head)) return 'unknownExpectation';
        break;
      case FieldId.te:
        readTe(bytes, start, index, head);
        break;
    }
  }
  return (
    readConnections(bytes, start, head) ??
    readHost(bytes, start, hostIndex, head) ??
    readFraming(bytes, start, head)
  );
}

/**
 * A URL as target has already set the host, and wins; the field must be well formed all the same.
 */
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
