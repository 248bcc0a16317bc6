/**
 * The response head as the client gets it, made in place in front of the body bytes that came
 * along. See `request-out.ts` for the picture; here the head usually *shrinks*.
 *
 * What a newcomer gets wrong: most answers need nothing but the loss of a Connection field, and
 * many not even that. Then the bytes go out as they came in.
 */
import { asciiBytes } from '../http1/bytes.ts';
import { FieldId } from '../http1/field-id.ts';
import { Framing } from '../http1/head.ts';
import type { ResponseHead } from '../http1/response-head.ts';

/** What the client is to be told about its own connection. */
export const ClientConnection = {
  /** HTTP/1.1 and the connection stays: the default, so nothing is said (RFC 9112 9.3). */
  silent: 0,
  keepAlive: 1,
  close: 2,
  upgrade: 3,
} as const;
export type ClientConnection = (typeof ClientConnection)[keyof typeof ClientConnection];

const KEEP_ALIVE = asciiBytes('Connection: keep-alive\r\n');
const CLOSE = asciiBytes('Connection: close\r\n');
const UPGRADE = asciiBytes('Connection: Upgrade\r\n');
const NOTHING = new Uint8Array(0);
const CR = 0x0d;
const LF = 0x0a;
const MINOR = 7;
const ONE = 0x31;

/** Most bytes a new head can be longer than the old one. */
export const RESPONSE_GROWTH_BYTES_MAX = 64;

/**
 * Rewrites the head at [start, start + head.headBytes) of `memory`.
 *
 * @param unchunk the client does not know chunked coding, so the body goes out without it
 * @returns where the new head starts; it ends at `start + head.headBytes`
 */
export function rewriteResponseHead(
  memory: Uint8Array,
  start: number,
  head: ResponseHead,
  { connection, unchunk }: { connection: ClientConnection; unchunk: boolean },
): number {
  // We answer in our own version, whatever the node spoke (RFC 9110 6.2): always 1.1.
  memory[start + MINOR] = ONE;
  const added = linesFor(connection);
  const unframed = (unchunk && head.framing === Framing.chunked) || isBare(head.status);
  const left = leftOutBytes(head, unframed);
  if (added.length === 0) return left === 0 ? start : closeGaps(memory, start, head, unframed);

  const upgrade =
    connection === ClientConnection.upgrade ? upgradeLine(memory, start, head) : NOTHING;
  const { fields } = head;
  const end = start + head.headBytes;
  const exact = start + left - added.length - upgrade.length;
  const first = Math.min(exact, start);
  let at = first;
  let copied = start;
  for (let i = 0; i < fields.count; i++) {
    if (!isLeftOut(head, i, unframed)) continue;
    at = move(memory, at, copied, start + fields.nameStart[i]!);
    copied = start + fields.lineEnd[i]!;
  }
  at = move(memory, at, copied, end - 2);
  for (let i = 0; i < added.length; i++) memory[at++] = added[i]!;
  for (let i = 0; i < upgrade.length; i++) memory[at++] = upgrade[i]!;
  memory[at] = CR;
  memory[at + 1] = LF;
  if (first !== exact) memory.copyWithin(exact, first, at + 2);
  return exact;
}

/**
 * Takes lines out and adds none: what is before each moves towards the end, the last part first, so
 * that nothing is covered before it has moved, and the most of it (what is behind them) stays.
 */
function closeGaps(
  memory: Uint8Array,
  start: number,
  head: ResponseHead,
  unframed: boolean,
): number {
  const { count, nameStart, lineEnd } = head.fields;
  let to = start + head.headBytes;
  let partEnd = to;
  for (let i = count - 1; i >= 0; i--) {
    if (!isLeftOut(head, i, unframed)) continue;
    to = moveUp(memory, to, start + lineEnd[i]!, partEnd);
    partEnd = start + nameStart[i]!;
  }
  return moveUp(memory, to, start, partEnd);
}

/** @returns where bytes [from, end) begin now that they end at `to` */
function moveUp(memory: Uint8Array, to: number, from: number, end: number): number {
  const at = to - (end - from);
  if (at !== from && from < end) memory.copyWithin(at, from, end);
  return at;
}

function linesFor(connection: ClientConnection): Uint8Array {
  switch (connection) {
    case ClientConnection.keepAlive:
      return KEEP_ALIVE;
    case ClientConnection.close:
      return CLOSE;
    case ClientConnection.upgrade:
      return UPGRADE;
    default:
      return NOTHING;
  }
}

function upgradeLine(memory: Uint8Array, start: number, head: ResponseHead): Uint8Array {
  const index = head.fields.indexOf(FieldId.upgrade);
  if (index < 0) return NOTHING;
  const { nameStart, lineEnd } = head.fields;
  return memory.slice(start + nameStart[index]!, start + lineEnd[index]!);
}

/** Whose head must not speak of a body (RFC 9110 8.6, RFC 9112 6.1), though some servers' do. */
function isBare(status: number): boolean {
  return status < 200 || status === 204;
}

function leftOutBytes(head: ResponseHead, unframed: boolean): number {
  const { count, nameStart, lineEnd } = head.fields;
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    if (isLeftOut(head, i, unframed)) bytes += lineEnd[i]! - nameStart[i]!;
  }
  return bytes;
}

function isLeftOut(head: ResponseHead, index: number, unframed: boolean): boolean {
  if (head.dropped[index] === 1) return true;
  if (!unframed) return false;
  const id = head.fields.id[index]!;
  return id === FieldId.transferEncoding || id === FieldId.contentLength || id === FieldId.trailer;
}

function move(memory: Uint8Array, at: number, from: number, to: number): number {
  if (from < to) memory.copyWithin(at, from, to);
  return at + to - from;
}
