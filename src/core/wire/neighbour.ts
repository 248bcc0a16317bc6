/**
 * Neighbour discovery (RFC 4861): what ARP is for IPv4, as ICMPv6 in an IPv6 packet.
 *
 * The packet begins with the IPv6 header; the kernel writes the Ethernet header. What a newcomer
 * gets wrong: the hop limit is 255 and is checked, because a router would have lowered it. A packet
 * with less comes from outside the link, and could take an address away from us if it were
 * believed (RFC 4861 7.1.2).
 */
import { assert } from '../util/assert.ts';
import { ipOctets, ipText } from '../util/ip.ts';
import { checksum, pseudoHeader } from './checksum.ts';
import { macOctets, macText } from './mac.ts';

export const ETHERTYPE_IPV6 = 0x86dd;
export const IPV6_HEADER_SIZE = 40;
export const NEXT_HEADER_ICMPV6 = 58;
export const HOP_LIMIT = 255;
export const ADVERTISEMENT = 136;
const SOLICITATION = 135;

/** Where the target's address stands in a packet of either kind. */
export const TARGET_OFFSET = IPV6_HEADER_SIZE + 8;
const MESSAGE_SIZE = 24;

const OPTION_SOURCE = 1;
const OPTION_TARGET = 2;
const FLAG_ROUTER = 0x80;
const FLAG_SOLICITED = 0x40;
const FLAG_OVERRIDE = 0x20;

export const ALL_NODES = 'ff02::1';
const UNSPECIFIED = '::';

export type NeighbourPacket = {
  readonly kind: 'solicitation' | 'advertisement';
  readonly source: string;
  readonly destination: string;
  /** Whose hardware address is asked for, or told. */
  readonly target: string;
  /** The one told: the target's in an advertisement, the source's in a solicitation. */
  readonly mac: string | null;
  /** Of an advertisement. */
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
};

/**
 * An advertisement that nobody asked for, in which the address is at `mac` from now on (7.2.6).
 *
 * @param destination all nodes of the link, or one of them
 * @param router whether this machine forwards: hosts that hear otherwise forget their route
 */
export function unsolicitedAdvertisement(
  holder: { readonly address: string; readonly mac: string; readonly router: boolean },
  destination: string = ALL_NODES,
): Uint8Array {
  return buildNeighbour({
    kind: 'advertisement',
    source: holder.address,
    destination,
    target: holder.address,
    mac: holder.mac,
    router: holder.router,
    solicited: false,
    override: true,
  });
}

/** RFC 4862 5.4.2: asks who has an address, from no address, so that nobody notes it down. */
export function neighbourProbe(address: string): Uint8Array {
  return buildNeighbour({
    ...ASKING,
    source: UNSPECIFIED,
    destination: solicitedNode(address),
    target: address,
    mac: null,
  });
}

/** Asks where a neighbour is, as one does before speaking to it: it notes down who asks. */
export function solicit(
  neighbourAddress: string,
  holder: { readonly address: string; readonly mac: string },
): Uint8Array {
  return buildNeighbour({
    ...ASKING,
    source: holder.address,
    destination: solicitedNode(neighbourAddress),
    target: neighbourAddress,
    mac: holder.mac,
  });
}

const ASKING = {
  kind: 'solicitation',
  router: false,
  solicited: false,
  override: false,
} as const;

/** RFC 4291 2.7.1: the group of all who share the last 24 bits of the address. */
export function solicitedNode(address: string): string {
  const group = octetsOf('ff02::1:ff00:0');
  group.set(octetsOf(address).subarray(13), 13);
  return ipText(group);
}

export function buildNeighbour(packet: NeighbourPacket): Uint8Array {
  const isAdvertisement = packet.kind === 'advertisement';
  const message = new Uint8Array(MESSAGE_SIZE + (packet.mac === null ? 0 : 8));
  message[0] = isAdvertisement ? ADVERTISEMENT : SOLICITATION;
  message[4] =
    (packet.router ? FLAG_ROUTER : 0) |
    (packet.solicited ? FLAG_SOLICITED : 0) |
    (packet.override ? FLAG_OVERRIDE : 0);
  message.set(octetsOf(packet.target), 8);
  if (packet.mac !== null) {
    const mac = macOctets(packet.mac);
    assert(mac !== null, 'a hardware address');
    // Lengths of options count eight octets.
    message.set([isAdvertisement ? OPTION_TARGET : OPTION_SOURCE, 1, ...mac], MESSAGE_SIZE);
  }
  return ipv6Packet(octetsOf(packet.source), octetsOf(packet.destination), message);
}

/** ICMPv6 in IPv6, with the checksum put in. */
export function ipv6Packet(
  source: Uint8Array,
  destination: Uint8Array,
  message: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(IPV6_HEADER_SIZE + message.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 6 << 4;
  view.setUint16(4, message.length);
  bytes[6] = NEXT_HEADER_ICMPV6;
  bytes[7] = HOP_LIMIT;
  bytes.set(source, 8);
  bytes.set(destination, 24);
  bytes.set(message, IPV6_HEADER_SIZE);
  const { length: size } = message;
  const summed = pseudoHeader({ source, destination, size, nextHeader: NEXT_HEADER_ICMPV6 });
  view.setUint16(IPV6_HEADER_SIZE + 2, checksum(summed, message));
  return bytes;
}

/** @returns null for all that RFC 4861 7.1.1 and 7.1.2 want discarded. Padding may follow. */
export function parseNeighbour(bytes: Uint8Array): NeighbourPacket | null {
  if (bytes.length < IPV6_HEADER_SIZE + MESSAGE_SIZE) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint16(4);
  const isIcmp = bytes[0]! >> 4 === 6 && bytes[6] === NEXT_HEADER_ICMPV6 && bytes[7] === HOP_LIMIT;
  if (!isIcmp || size < MESSAGE_SIZE || size > bytes.length - IPV6_HEADER_SIZE) return null;
  const source = bytes.subarray(8, 24);
  const destination = bytes.subarray(24, 40);
  const message = bytes.subarray(IPV6_HEADER_SIZE, IPV6_HEADER_SIZE + size);
  const summed = pseudoHeader({ source, destination, size, nextHeader: NEXT_HEADER_ICMPV6 });
  const isAdvertisement = message[0] === ADVERTISEMENT;
  if (!isAdvertisement && message[0] !== SOLICITATION) return null;
  if (message[1] !== 0 || checksum(summed, message) !== 0) return null;
  const target = message.subarray(8, MESSAGE_SIZE);
  const flags = isAdvertisement ? message[4]! : 0;
  const isToMany = destination[0] === 0xff;
  const solicited = (flags & FLAG_SOLICITED) !== 0;
  if (target[0] === 0xff || (isToMany && solicited)) return null;
  const options = parseOptions(message.subarray(MESSAGE_SIZE));
  if (options === null) return null;
  return {
    kind: isAdvertisement ? 'advertisement' : 'solicitation',
    source: ipText(source),
    destination: ipText(destination),
    target: ipText(target),
    mac: options.get(isAdvertisement ? OPTION_TARGET : OPTION_SOURCE) ?? null,
    router: (flags & FLAG_ROUTER) !== 0,
    solicited,
    override: (flags & FLAG_OVERRIDE) !== 0,
  };
}

/** @returns the hardware addresses, by type of option; null when one has no length */
function parseOptions(bytes: Uint8Array): ReadonlyMap<number, string> | null {
  const macs = new Map<number, string>();
  let offset = 0;
  while (offset < bytes.length) {
    const size = (bytes[offset + 1] ?? 0) * 8;
    if (size === 0 || size > bytes.length - offset) return null;
    if (size === 8) macs.set(bytes[offset]!, macText(bytes.subarray(offset + 2, offset + 8)));
    offset += size;
  }
  return macs;
}

/** Of 16 octets; an IPv4 address is our bug. */
function octetsOf(address: string): Uint8Array {
  const octets = ipOctets(address);
  assert(octets?.length === 16, 'an IPv6 address');
  return octets;
}
