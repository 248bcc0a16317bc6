/**
 * The fields a relay must know, as small numbers, so that it compares no names of its own.
 *
 * A name is found by a perfect hash of its length, first and last byte, and then compared whole.
 * Names not in the table are `other`; a field's meaning never depends on being in it, only ours.
 */
import { assert } from '../util/assert.ts';
import { asciiBytes } from './bytes.ts';

export const FieldId = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  keepAlive: 5,
  proxyConnection: 6,
  te: 7,
  trailer: 8,
  upgrade: 9,
  expect: 10,
  via: 11,
  xForwardedFor: 12,
  xForwardedProto: 13,
  xForwardedHost: 14,
  forwarded: 15,
  backhandProxied: 16,
  cookie: 17,
  proxyAuthenticate: 18,
  proxyAuthorization: 19,
  contentType: 20,
  date: 21,
  server: 22,
  range: 23,
  ifRange: 24,
  ifNoneMatch: 25,
  ifModifiedSince: 26,
  userAgent: 27,
  acceptEncoding: 28,
  setCookie: 29,
  location: 30,
  http2Settings: 31,
  maxForwards: 32,
  authorization: 33,
  contentEncoding: 34,
  contentRange: 35,
} as const;
export type FieldId = (typeof FieldId)[keyof typeof FieldId];

/** The names in the order of their numbers; `other` has none. */
export const FIELD_NAMES: readonly string[] = [
  '',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'via',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'backhand-proxied',
  'cookie',
  'proxy-authenticate',
  'proxy-authorization',
  'content-type',
  'date',
  'server',
  'range',
  'if-range',
  'if-none-match',
  'if-modified-since',
  'user-agent',
  'accept-encoding',
  'set-cookie',
  'location',
  'http2-settings',
  'max-forwards',
  'authorization',
  'content-encoding',
  'content-range',
];

/** Longest name in the table; a longer one is `other` without a look. */
export const FIELD_NAME_BYTES_MAX = 19;

const SLOTS = 256;
const idOfSlot = new Uint8Array(SLOTS);
/** All names one after the other, `FIELD_NAME_BYTES_MAX` bytes for each. */
const nameBytes = new Uint8Array(FIELD_NAMES.length * FIELD_NAME_BYTES_MAX);
const nameLength = new Uint8Array(FIELD_NAMES.length);

for (const [id, name] of FIELD_NAMES.entries()) {
  const bytes = asciiBytes(name);
  nameBytes.set(bytes, id * FIELD_NAME_BYTES_MAX);
  nameLength[id] = bytes.length;
  if (id === FieldId.other) continue;
  const slot = slotOf(bytes.length, bytes[0]!, bytes.at(-1)!);
  assert(idOfSlot[slot] === FieldId.other, `field names share no slot: ${name}`);
  idOfSlot[slot] = id;
}

/** Case does not reach the slot: bit 5, by which letters differ, is set in both bytes. */
function slotOf(length: number, first: number, last: number): number {
  return (length + (first | 0x20) + (last | 0x20) * 12) & (SLOTS - 1);
}

/**
 * Which known field bytes [from, to) name, whatever their case. There must be at least one byte,
 * and all be tchar: among those, bit 5 tells apart only the case of letters, and "^" from "~",
 * which no known name contains.
 */
export function fieldIdOf(bytes: Uint8Array, from: number, to: number): FieldId {
  const length = to - from;
  const id = idOfSlot[slotOf(length, bytes[from]!, bytes[to - 1]!)]!;
  if (nameLength[id] !== length) return FieldId.other;
  const name = id * FIELD_NAME_BYTES_MAX;
  for (let index = 0; index < length; index++) {
    if ((bytes[from + index]! | 0x20) !== nameBytes[name + index]) return FieldId.other;
  }
  return id as FieldId;
}
