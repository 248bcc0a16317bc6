/**
 * What Wackamole 2.1.4 says in its Spread group, byte for byte.
 *
 *     1 STATE     gid 3 × int │ own address │ index │ mature │ n │ n × (address, claim)
 *                 │ p │ p × address
 *     2 MATURING  nothing
 *     3 BALANCE   count │ count × (new owner's own address, address)
 *     4 OPERATOR  never sent
 *     5 ARPCACHE  k × (address, hardware address 6 bytes, 2 bytes of nothing)
 *
 * What a newcomer gets wrong: integers are in the order of the sender's machine, addresses always
 * in network order. The original turns round both when the machines differ, so that two of them
 * of different order understand no address of each other; here addresses are never turned.
 *
 * Refused as a whole is what the original never sends and could not read without harm; what it
 * would read past the end of (a BALANCE that counts more than it brings) is `missing` here.
 */
import { assert } from '../util/assert.ts';
import { ipOctets } from '../util/ip.ts';

/** Spread's type of each message. Others are ignored: ours (`kin.ts`) are such. */
export const MessageType = {
  state: 1,
  maturing: 2,
  balance: 3,
  operator: 4,
  arpCache: 5,
} as const;

/** Numbers on the wire; 1 and 3 are in nobody's use. */
export const Priority = { unclaimed: 0, claimed: 2, prefer: 4, preferClaimed: 5 } as const;
const PRIORITY_MAX = 5;

/** MAX_PSEUDO: addresses and members that the original has room for. */
export const SLOTS_MAX = 254;

/** The original's buffer. */
export const MESSAGE_BYTES_MAX = 100_000;

const ARP_ENTRY_BYTES = 12;

/** A membership's name: the same three numbers at all, in whatever order their bytes came. */
export type Gid = readonly [number, number, number];

/** What a member holds, and how strongly. */
export type Claimed = { readonly address: string; readonly priority: number };

export type Move = { readonly address: string; readonly to: string };

export type ArpEntry = { readonly address: string; readonly mac: string };

export type WackamoleMessage =
  | {
      readonly kind: 'state';
      readonly gid: Gid;
      /** The sender's own address, by which all know it. */
      readonly real: string;
      readonly index: number;
      readonly mature: boolean;
      readonly claims: readonly Claimed[];
      readonly prefers: readonly string[];
    }
  | { readonly kind: 'maturing' }
  | { readonly kind: 'balance'; readonly moves: readonly Move[]; readonly missing: number }
  | { readonly kind: 'operator' }
  | { readonly kind: 'arpCache'; readonly entries: readonly ArpEntry[] };

/** Whether integers begin with their least octet. */
export type ByteOrder = { readonly little: boolean };

/** Of the machine this runs on: what Spread calls not swapped. */
export const OWN_ORDER: ByteOrder = {
  little: new Uint8Array(new Uint32Array([1]).buffer)[0] === 1,
};

export function orderOf({ swapped }: { readonly swapped: boolean }): ByteOrder {
  return { little: OWN_ORDER.little !== swapped };
}

/** @param bytes at least 12: the beginning of a membership message, in this machine's order */
export function gidOf(bytes: Uint8Array): Gid {
  assert(bytes.length >= 12, 'a gid is three integers');
  const view = viewOf(bytes);
  const word = (index: number): number => view.getInt32(4 * index, OWN_ORDER.little);
  return [word(0), word(1), word(2)];
}

export function sameGid(a: Gid, b: Gid): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

export function encode(message: WackamoleMessage, order: ByteOrder): Uint8Array {
  const writer = new Words(order);
  switch (message.kind) {
    case 'state':
      for (const word of message.gid) writer.int(word);
      writer.address(message.real);
      writer.int(message.index);
      writer.int(message.mature ? 1 : 0);
      writer.int(message.claims.length);
      for (const { address, priority } of message.claims) {
        writer.address(address);
        writer.int(priority);
      }
      writer.int(message.prefers.length);
      for (const address of message.prefers) writer.address(address);
      break;
    case 'balance':
      writer.int(message.moves.length + message.missing);
      for (const { address, to } of message.moves) {
        writer.address(to);
        writer.address(address);
      }
      break;
    case 'arpCache':
      for (const { address, mac } of message.entries) {
        writer.address(address);
        for (const part of mac.split(':')) writer.octet(Number.parseInt(part, 16));
        writer.octet(0);
        writer.octet(0);
      }
      break;
    case 'maturing':
    case 'operator':
  }
  return writer.bytes();
}

/** @returns null when it is refused, or is of a type that the original ignores */
export function decode(type: number, bytes: Uint8Array, order: ByteOrder): WackamoleMessage | null {
  if (bytes.length > MESSAGE_BYTES_MAX) return null;
  switch (type) {
    case MessageType.state:
      return decodeState(bytes, order);
    case MessageType.maturing:
      return { kind: 'maturing' };
    case MessageType.balance:
      return decodeBalance(bytes, order);
    case MessageType.operator:
      return { kind: 'operator' };
    case MessageType.arpCache:
      return decodeArpCache(bytes);
    default:
      return null;
  }
}

function decodeState(bytes: Uint8Array, { little }: ByteOrder): WackamoleMessage | null {
  const view = viewOf(bytes);
  const int = (at: number): number => view.getInt32(at, little);
  if (bytes.length < 32) return null;
  const count = int(24);
  const prefersAt = 28 + 8 * count;
  if (!isCount(count) || bytes.length < prefersAt + 4) return null;
  const prefers = int(prefersAt);
  // More than was counted is read by nobody, so it does no harm.
  if (!isCount(prefers) || bytes.length < prefersAt + 4 + 4 * prefers) return null;
  const claims = Array.from({ length: count }, (_, i): Claimed => {
    return { address: addressAt(bytes, 28 + 8 * i), priority: int(32 + 8 * i) };
  });
  if (claims.some(({ priority }) => priority < 0 || priority > PRIORITY_MAX)) return null;
  return {
    kind: 'state',
    gid: [int(0), int(4), int(8)],
    real: addressAt(bytes, 12),
    index: int(16),
    mature: int(20) === 1,
    claims,
    prefers: Array.from({ length: prefers }, (_, i) => addressAt(bytes, prefersAt + 4 + 4 * i)),
  };
}

function decodeBalance(bytes: Uint8Array, { little }: ByteOrder): WackamoleMessage | null {
  if (bytes.length < 4) return null;
  const count = viewOf(bytes).getInt32(0, little);
  if (!isCount(count)) return null;
  const whole = Math.min(count, Math.floor((bytes.length - 4) / 8));
  const moves = movesIn(bytes, { from: 0, to: whole });
  return { kind: 'balance', moves, missing: count - whole };
}

/** The moves of a BALANCE, from one on to before another. */
export function movesIn(
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): Move[] {
  return Array.from({ length: to - from }, (_, i): Move => {
    const at = 4 + 8 * (from + i);
    return { to: addressAt(bytes, at), address: addressAt(bytes, at + 4) };
  });
}

function decodeArpCache(bytes: Uint8Array): WackamoleMessage | null {
  if (bytes.length % ARP_ENTRY_BYTES !== 0) return null;
  const entries: ArpEntry[] = [];
  for (let at = 0; at < bytes.length; at += ARP_ENTRY_BYTES) {
    const octets = [...bytes.subarray(at + 4, at + 10)];
    const mac = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
    entries.push({ address: addressAt(bytes, at), mac });
  }
  return { kind: 'arpCache', entries };
}

function isCount(count: number): boolean {
  return count >= 0 && count <= SLOTS_MAX;
}

function addressAt(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 4).join('.');
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Writes words of four octets. */
class Words {
  readonly #little: boolean;
  readonly #octets: number[] = [];

  constructor({ little }: ByteOrder) {
    this.#little = little;
  }

  int(value: number): void {
    const octets = [value >>> 24, value >>> 16, value >>> 8, value].map((octet) => octet & 0xff);
    this.#octets.push(...(this.#little ? octets.toReversed() : octets));
  }

  address(text: string): void {
    const octets = ipOctets(text);
    assert(octets?.length === 4, 'the original knows IPv4 only; the configuration has checked');
    this.#octets.push(...octets);
  }

  octet(value: number): void {
    this.#octets.push(value & 0xff);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#octets);
  }
}
