/**
 * The Connection field: its options, and which field lines therefore end at this hop.
 *
 * RFC 9110 7.6.1 has an intermediary remove every field that Connection names. Taken to the letter
 * that lets a client choose what the next hop does not see, so three kinds of names are different:
 *
 * - Host, Content-Length, Transfer-Encoding: a request that names one is refused. No honest client
 *   does, and whoever obeyed would send on another message than the one received. In a response
 *   the name is ignored: some servers do write "Connection: Transfer-Encoding", and the relay
 *   writes framing itself from `head.framing` and never leaves it out.
 * - What intermediaries say about the client (Via, Forwarded, X-Forwarded-*, Backhand-Proxied):
 *   ignored. A proxy in front of us that passes Connection on would let its client erase them.
 * - Everything else is obeyed.
 *
 * Trailer is not dropped by itself: RFC 9110 6.6.2 defines it end to end, and chunked bodies pass
 * through here with their trailers as they came. For the same reason a trailer that Connection
 * names is not removed, as 7.6.1 would have it; what could do harm there is refused.
 */
import { asciiBytes, BYTE_CLASS, HTAB, lower, SP, spells, TOKEN } from './bytes.ts';
import { FIELD_NAMES, FieldId, fieldIdOf } from './field-id.ts';
import type { MessageHead } from './head.ts';
import type { SharedFault } from './head-error.ts';

/** Each option is looked for in every field line: 32 of them in 100 lines stay below 10 us. */
export const CONNECTION_OPTIONS_MAX = 32;

type ConnectionFault = 'badConnection' | 'tooManyOptions' | 'protectedOption';

const COMMA = 0x2c;
const CLOSE = asciiBytes('close');

/** What naming a known field in Connection does. */
const Naming = { obeyed: 0, ignored: 1, refused: 2 } as const;

/** Dropped whether Connection names them or not: fields of the hop, and of the proxy's own door. */
const alwaysDropped = new Uint8Array(FIELD_NAMES.length);
const namingOf = new Uint8Array(FIELD_NAMES.length);

for (const id of [
  FieldId.connection,
  FieldId.keepAlive,
  FieldId.proxyConnection,
  FieldId.te,
  FieldId.upgrade,
  FieldId.http2Settings,
  FieldId.proxyAuthenticate,
  FieldId.proxyAuthorization,
]) {
  alwaysDropped[id] = 1;
}
for (const id of [
  FieldId.via,
  FieldId.forwarded,
  FieldId.xForwardedFor,
  FieldId.xForwardedProto,
  FieldId.xForwardedHost,
  FieldId.backhandProxied,
]) {
  namingOf[id] = Naming.ignored;
}
for (const id of [FieldId.host, FieldId.contentLength, FieldId.transferEncoding]) {
  namingOf[id] = Naming.refused;
}

/** Notes what line `index` is for either direction: its place, and whether it ends at this hop. */
export function noteField(head: MessageHead, index: number): SharedFault | null {
  const id = head.fields.id[index]!;
  head.dropped[index] = alwaysDropped[id]!;
  switch (id) {
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
      head.connectionCount++;
      break;
  }
  return null;
}

/**
 * Reads all Connection lines, after `noteField` of every line: sets `keepAlive`, `upgrade`, and
 * `dropped` for the fields that are named.
 *
 * @returns `protectedOption` when a name is refused; by then everything has been read and set, so
 *   that the reader of a response may go on
 */
export function readConnections(
  bytes: Uint8Array,
  start: number,
  head: MessageHead,
): ConnectionFault | null {
  let refused: ConnectionFault | null = null;
  for (let index = 0, left = head.connectionCount; left > 0; index++) {
    if (head.fields.id[index] !== FieldId.connection) continue;
    left--;
    const fault = readConnection(bytes, start, index, head);
    if (fault === 'protectedOption') refused = fault;
    else if (fault !== null) return fault;
  }
  // RFC 9112 9.3 forbids proxies to keep HTTP/1.0 clients' connections. To our clients we are the
  // origin server (RFC 9110 3.7, gateway), so there is no proxy that "keep-alive" could mislead.
  const old = head.versionMinor === 0;
  head.keepAlive = !head.optionClose && (!old || head.optionKeepAlive);
  // RFC 9110 7.8: Upgrade in an HTTP/1.0 request must be ignored.
  head.upgrade = !old && head.upgradeIndex !== -1 && head.optionUpgrade;
  return refused;
}

function readConnection(
  bytes: Uint8Array,
  start: number,
  index: number,
  head: MessageHead,
): ConnectionFault | null {
  let at = start + head.fields.valueStart[index]!;
  const end = start + head.fields.valueEnd[index]!;
  let refused: ConnectionFault | null = null;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === COMMA || byte === SP || byte === HTAB) {
      at++;
      continue;
    }
    const from = at;
    while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++;
    if (at === from || !isEndOfOption(bytes, at, end)) return 'badConnection';
    if (++head.optionCount > CONNECTION_OPTIONS_MAX) return 'tooManyOptions';
    if (!noteOption(bytes, start, { from, to: at }, head)) refused = 'protectedOption';
  }
  return refused;
}

/** Behind an option stand only blanks and then a comma or the end: "keep alive" is no list. */
function isEndOfOption(bytes: Uint8Array, at: number, end: number): boolean {
  while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++;
  return at === end || bytes[at] === COMMA;
}

/** False when the option names a field that a request may not have dropped. */
function noteOption(
  bytes: Uint8Array,
  start: number,
  { from, to }: { readonly from: number; readonly to: number },
  head: MessageHead,
): boolean {
  const id = fieldIdOf(bytes, from, to);
  if (id === FieldId.keepAlive) head.optionKeepAlive = true;
  else if (id === FieldId.upgrade) head.optionUpgrade = true;
  else if (id === FieldId.other && spells(bytes, from, to, CLOSE)) head.optionClose = true;
  else if (namingOf[id] === Naming.refused) return false;
  else if (namingOf[id] === Naming.obeyed && alwaysDropped[id] === 0) {
    dropNamed(bytes, start, { from, to }, head);
  }
  return true;
}

function dropNamed(
  bytes: Uint8Array,
  start: number,
  { from, to }: { readonly from: number; readonly to: number },
  head: MessageHead,
): void {
  const { fields } = head;
  for (let index = 0; index < fields.count; index++) {
    const nameStart = fields.nameStart[index]!;
    if (fields.nameEnd[index]! - nameStart !== to - from) continue;
    let same = 0;
    while (
      same < to - from &&
      lower(bytes[start + nameStart + same]!) === lower(bytes[from + same]!)
    ) {
      same++;
    }
    if (same === to - from) head.dropped[index] = 1;
  }
}
