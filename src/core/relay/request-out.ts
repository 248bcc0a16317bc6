/**
 * The request head as the node gets it, made in place in the worker's receive buffer.
 *
 *     before   ........ GET / ... CRLF  Host ... CRLF  Keep-Alive ... CRLF  CRLF  body ...
 *     after    GET / ... CRLF  Host ... CRLF  our own lines ... CRLF  CRLF        body ...
 *                                                                                 ▲ does not move
 *
 * The new head ends where the old one ended, so that it leaves in one `send` with the body bytes
 * that came with it, and nothing is copied but the head itself. Room is taken from the headroom in
 * front of it.
 *
 * What is left out: fields that end at this hop (RFC 9110 7.6.1), and from clients we do not trust
 * whatever claims to speak for somebody else (X-Forwarded-*, Forwarded, Backhand-Proxied).
 */
import { asciiBytes } from '../http1/bytes.ts';
import { FieldId } from '../http1/field-id.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { TargetForm } from '../http1/target.ts';
import { assert } from '../util/assert.ts';

/** Who sent the request, as far as the node is told. */
export type Provenance = {
  /** A peer inside `AcceptStats` speaks for its clients; its fields of that kind are passed on. */
  readonly trusted: boolean;
  /** Our own lines, whole and ready made: Via, X-Forwarded-For and so on. At least one. */
  readonly lines: Uint8Array;
};

/** Most bytes a new head can be longer than the old one, beside `provenance.lines`. */
const GROWTH_BYTES_MAX = 64;

const UPGRADE = asciiBytes('Connection: Upgrade\r\n');
const VERSION = asciiBytes(' HTTP/1.1\r\n');
const HOST = asciiBytes('Host: ');
const SLASH = 0x2f;
const CR = 0x0d;
const LF = 0x0a;

/** Below this many bytes a loop beats the call of `set` (Node 26.10: both about 60 ns there). */
const LOOP_BYTES_MAX = 64;

/**
 * Rewrites the head at [start, start + head.headBytes) of `memory`.
 *
 * @param headroom bytes before `start` that may be overwritten
 * @returns where the new head starts; it ends at `start + head.headBytes`
 */
export function rewriteRequestHead(
  memory: Uint8Array,
  start: number,
  head: RequestHead,
  { provenance, headroom }: { provenance: Provenance; headroom: number },
): number {
  const { lines, trusted } = provenance;
  const { fields } = head;
  // Taken before anything moves; both are rare, and short.
  const upgrade = head.upgrade ? upgradeLines(memory, start, head) : null;
  const opening = isPlain(head) ? null : openingLines(memory, start, head);

  const from = start + head.methodStart;
  const firstLine = fields.count > 0 ? fields.nameStart[0]! : head.headBytes - 2;
  const left = leftOutBytes(head, trusted);
  const added = lines.length + (upgrade?.length ?? 0) + (opening?.length ?? 0);
  const removed = left + (opening === null ? 0 : firstLine - head.methodStart);
  const end = start + head.headBytes;
  const exact = from - added + removed;
  // Lines are moved in order, so none may move towards the end: it would cover the next one.
  const first = Math.min(exact, from);
  assert(start - first <= headroom, 'a new head fits the headroom');

  let at = first;
  let copied = from;
  if (opening !== null) {
    at = put(memory, at, opening);
    copied = start + firstLine;
  }
  if (left > 0) {
    for (let i = 0; i < fields.count; i++) {
      if (!isLeftOut(head, i, trusted)) continue;
      at = move(memory, at, copied, start + fields.nameStart[i]!);
      copied = start + fields.lineEnd[i]!;
    }
  }
  at = move(memory, at, copied, end - 2);
  if (upgrade !== null) at = put(memory, at, upgrade);
  at = put(memory, at, lines);
  memory[at] = CR;
  memory[at + 1] = LF;
  if (first !== exact) memory.copyWithin(exact, first, at + 2);
  return exact;
}

/** How much headroom a request can need: what the caller must leave free. */
export function requestHeadroom(lines: Uint8Array, headBytesMax: number): number {
  return lines.length + GROWTH_BYTES_MAX + headBytesMax;
}

/** The usual request line, which is passed on byte by byte. */
function isPlain(head: RequestHead): boolean {
  return head.versionMinor === 1 && head.targetForm !== TargetForm.absolute;
}

/**
 * The request line made anew: always HTTP/1.1, as that is what *we* speak to nodes (RFC 9112 2.3),
 * and a path instead of a URL. The URL's host then takes the place of Host (RFC 9112 3.2.2), and a
 * request of HTTP/1.0 that has none gets an empty one (RFC 9112 3.2).
 */
function openingLines(memory: Uint8Array, start: number, head: RequestHead): Uint8Array {
  const text: number[] = [];
  const add = (from: number, to: number): void => {
    for (let i = start + from; i < start + to; i++) text.push(memory[i]!);
  };
  add(head.methodStart, head.methodEnd + 1);
  const isUrl = head.targetForm === TargetForm.absolute;
  const pathStart = isUrl ? head.pathStart : head.targetStart;
  if (isUrl && memory[start + pathStart] !== SLASH) text.push(SLASH);
  // An empty path of a URL ends where the target ends, so there is nothing more to add then.
  add(pathStart, head.targetEnd);
  text.push(...VERSION);
  if (isUrl || head.fields.indexOf(FieldId.host) < 0) {
    text.push(...HOST);
    add(head.hostStart, head.hostEnd);
    text.push(CR, LF);
  }
  return Uint8Array.from(text);
}

/** Both fields end at this hop, so they are said anew (RFC 9110 7.8). */
function upgradeLines(memory: Uint8Array, start: number, head: RequestHead): Uint8Array {
  const { nameStart, lineEnd } = head.fields;
  const from = start + nameStart[head.upgradeIndex]!;
  const line = memory.slice(from, start + lineEnd[head.upgradeIndex]!);
  const lines = new Uint8Array(UPGRADE.length + line.length);
  lines.set(UPGRADE);
  lines.set(line, UPGRADE.length);
  return lines;
}

function leftOutBytes(head: RequestHead, trusted: boolean): number {
  const { count, nameStart, lineEnd } = head.fields;
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    if (isLeftOut(head, i, trusted)) bytes += lineEnd[i]! - nameStart[i]!;
  }
  return bytes;
}

function isLeftOut(head: RequestHead, index: number, trusted: boolean): boolean {
  if (head.dropped[index] === 1) return true;
  const id = head.fields.id[index]!;
  if (!trusted && id >= FieldId.xForwardedFor && id <= FieldId.backhandProxied) return true;
  return id === FieldId.host && head.targetForm === TargetForm.absolute;
}

function move(memory: Uint8Array, at: number, from: number, to: number): number {
  if (from < to) memory.copyWithin(at, from, to);
  return at + to - from;
}

function put(memory: Uint8Array, at: number, bytes: Uint8Array): number {
  if (bytes.length > LOOP_BYTES_MAX) memory.set(bytes, at);
  else for (let i = 0; i < bytes.length; i++) memory[at + i] = bytes[i]!;
  return at + bytes.length;
}
