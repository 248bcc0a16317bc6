/**
 * The datagram in which a node tells the others how it is.
 *
 *     0      4      5      6          8                       length        length + 32
 *     | fhnd | vers | zero |  length  |  fields ...           | HMAC-SHA256 |
 *
 *     field:  | type | size |  value, `size` bytes, most significant first  |
 *
 * Version 1 holds every field of `FIELDS`, each once and in any order; types it does not know are
 * skipped, so that a newer node can say more without splitting the cluster. The version changes
 * only when an old node could misread a new datagram. Everything is whole numbers ("keep floats off
 * the network", CNDS-2000-2), so all machines read the same.
 *
 * What a newcomer gets wrong: `decode` is fed by anyone who can send a datagram. It never throws,
 * and a datagram with a single doubtful field is refused as a whole. The signature covers all
 * before it and stands in no field: what is not signed must not be parsed first.
 */
import { NodeState } from '../candidacy/candidates.ts';
import { ipOctets, ipText } from '../util/ip.ts';

export type Announcement = {
  /** At most `NAME_BYTES_MAX` in UTF-8. */
  readonly name: string;
  /** Contact address and port: where the node takes relayed requests. An IP literal. */
  readonly address: string;
  readonly port: number;
  /** Random, drawn at start. */
  readonly bootId: number;
  /** Counts the announcements of one boot, from 1. */
  readonly sequence: number;
  /** On the sender's clock, in ms since the epoch. */
  readonly sentMs: number;
  /** The next one is due after this long. */
  readonly intervalMs: number;
  readonly state: NodeState;
  readonly loadMilli: number;
  /** The decayed peak, not the mark; see `load-hwm.ts`. */
  readonly loadPeakMilli: number;
  readonly cpuIdleMilli: number;
  readonly cpuCount: number;
  readonly arriba: number;
  readonly memoryTotalMb: number;
  readonly memoryAvailableMb: number;
  readonly capacity: number;
  readonly inFlight: number;
};

export type RejectedReason =
  | 'malformed'
  | 'not-ours'
  | 'version'
  | 'unsigned'
  | 'bad-signature'
  | 'missing-field'
  | 'bad-value';

export type Rejected = { readonly rejected: RejectedReason };

/** HMAC-SHA256 with the cluster's secret. `verify` must take the same time whatever differs. */
export type Signer = {
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => boolean;
};

export const NAME_BYTES_MAX = 63;

/**
 * Fits one Ethernet frame with room for what later versions add; a datagram is never fragmented.
 */
export const ANNOUNCEMENT_BYTES_MAX = 1_200;

const MAGIC = [0x66, 0x68, 0x6e, 0x64];
const VERSION = 1;
const HEADER_BYTES = 8;
const SIGNATURE_BYTES = 32;

type Numeric = Exclude<keyof Announcement, 'name' | 'address'>;

const TYPE_NAME = 1;
const TYPE_ADDRESS = 2;

/** Type numbers are for ever: a field that goes out of use leaves its number behind. */
const FIELDS: readonly (readonly [type: number, name: Numeric, bytes: 1 | 2 | 4 | 8])[] = [
  [3, 'port', 2],
  [4, 'bootId', 8],
  [5, 'sequence', 4],
  [6, 'sentMs', 8],
  [7, 'intervalMs', 4],
  [8, 'state', 1],
  [9, 'loadMilli', 4],
  [10, 'loadPeakMilli', 4],
  [11, 'cpuIdleMilli', 2],
  [12, 'cpuCount', 2],
  [13, 'arriba', 8],
  [14, 'memoryTotalMb', 4],
  [15, 'memoryAvailableMb', 4],
  [16, 'capacity', 4],
  [17, 'inFlight', 4],
];

/** Two fields of their own kind, and the numbers. */
const FIELD_COUNT = FIELDS.length + 2;

export function encode(announcement: Announcement, signer: Signer | null): Uint8Array {
  const bytes = new Uint8Array(ANNOUNCEMENT_BYTES_MAX);
  const view = new DataView(bytes.buffer);
  let at = HEADER_BYTES;
  const put = (type: number, value: Uint8Array) => {
    bytes[at] = type;
    bytes[at + 1] = value.length;
    bytes.set(value, at + 2);
    at += 2 + value.length;
  };
  put(TYPE_NAME, nameBytes(announcement.name));
  put(TYPE_ADDRESS, ipOctets(announcement.address) ?? new Uint8Array());
  for (const [type, name, size] of FIELDS) {
    bytes[at] = type;
    bytes[at + 1] = size;
    putUint(view, at + 2, size, announcement[name]);
    at += 2 + size;
  }
  bytes.set(MAGIC);
  bytes[4] = VERSION;
  view.setUint16(6, at);
  if (signer === null) return bytes.slice(0, at);
  bytes.set(signer.sign(bytes.subarray(0, at)), at);
  return bytes.slice(0, at + SIGNATURE_BYTES);
}

/**
 * @param signer with one, unsigned datagrams are refused; without, signatures are not looked at, so
 *   that a secret can be introduced machine by machine
 */
export function decode(bytes: Uint8Array, signer: Signer | null): Announcement | Rejected {
  const length = signedLength(bytes);
  if (typeof length !== 'number') return length;
  const signed = bytes.subarray(0, length);
  if (signer !== null) {
    if (bytes.length === length) return { rejected: 'unsigned' };
    if (!signer.verify(signed, bytes.subarray(length))) return { rejected: 'bad-signature' };
  }
  return readFields(signed);
}

export function isRejected(decoded: Announcement | Rejected): decoded is Rejected {
  return 'rejected' in decoded;
}

/** The part before the signature, once it is plain that this is a datagram of ours. */
function signedLength(bytes: Uint8Array): number | Rejected {
  if (bytes.length < HEADER_BYTES || bytes.length > ANNOUNCEMENT_BYTES_MAX) {
    return { rejected: 'malformed' };
  }
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return { rejected: 'not-ours' };
  if (bytes[4] !== VERSION) return { rejected: 'version' };
  const length = (bytes[6]! << 8) | bytes[7]!;
  const hasSignature = bytes.length === length + SIGNATURE_BYTES;
  if (length < HEADER_BYTES || (bytes.length !== length && !hasSignature)) {
    return { rejected: 'malformed' };
  }
  return length;
}

function readFields(bytes: Uint8Array): Announcement | Rejected {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Map<string, string | number>();
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    const type = bytes[at]!;
    const size = bytes[at + 1];
    if (size === undefined || at + 2 + size > bytes.length) return { rejected: 'malformed' };
    const field = FIELDS.find(([known]) => known === type);
    const value =
      type === TYPE_NAME
        ? nameText(bytes.subarray(at + 2, at + 2 + size))
        : type === TYPE_ADDRESS
          ? addressText(bytes.subarray(at + 2, at + 2 + size))
          : field?.[2] === size
            ? getUint(view, at + 2, size)
            : null;
    at += 2 + size;
    const name = type === TYPE_NAME ? 'name' : type === TYPE_ADDRESS ? 'address' : field?.[1];
    if (name === undefined) continue;
    if (value === null) return { rejected: 'bad-value' };
    if (values.has(name)) return { rejected: 'malformed' };
    values.set(name, value);
  }
  if (values.size < FIELD_COUNT) return { rejected: 'missing-field' };
  // Every field is there once and of its own type: `FIELDS` and the two others are all there are.
  const announcement = Object.fromEntries(values) as unknown as Announcement;
  return isSensible(announcement) ? announcement : { rejected: 'bad-value' };
}

/** What no node would say of itself. Figures that are merely odd are not our business. */
function isSensible(announcement: Announcement): boolean {
  return (
    announcement.port > 0 &&
    announcement.state <= NodeState.relaying &&
    announcement.cpuIdleMilli <= 1_000 &&
    announcement.memoryAvailableMb <= announcement.memoryTotalMb
  );
}

/** As much of it as fits, without cutting a character in two. */
function nameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(NAME_BYTES_MAX);
  return bytes.subarray(0, new TextEncoder().encodeInto(name, bytes).written);
}

/** Names are shown on pages and written to logs, where a line break could forge a line. */
function nameText(bytes: Uint8Array): string | null {
  if (bytes.length === 0 || bytes.length > NAME_BYTES_MAX) return null;
  try {
    const name = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u.test(name) ? null : name;
  } catch {
    return null;
  }
}

/** Not the unspecified address and not a multicast one: nothing there could serve. */
function addressText(bytes: Uint8Array): string | null {
  if (bytes.length !== 4 && bytes.length !== 16) return null;
  const first = bytes[0]!;
  const isMulticast = bytes.length === 4 ? first >= 224 : first === 0xff;
  if (isMulticast || bytes.every((byte) => byte === 0)) return null;
  return ipText(bytes);
}

/** A figure too large for its field is cut to the largest: wrapped, a huge load would look idle. */
function putUint(view: DataView, at: number, size: number, value: number): void {
  const max = size === 8 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * size) - 1;
  const whole = Number.isNaN(value) ? 0 : Math.min(Math.max(0, Math.round(value)), max);
  if (size === 8) view.setUint32(at, Math.floor(whole / 2 ** 32));
  for (let low = whole % 2 ** 32, i = Math.min(size, 4) - 1; i >= 0; i--) {
    view.setUint8(at + (size === 8 ? 4 : 0) + i, low % 256);
    low = Math.floor(low / 256);
  }
}

function getUint(view: DataView, at: number, size: number): number | null {
  if (size === 1) return view.getUint8(at);
  if (size === 2) return view.getUint16(at);
  if (size === 4) return view.getUint32(at);
  const value = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  return Number.isSafeInteger(value) ? value : null;
}
