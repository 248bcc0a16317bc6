/**
 * ARP over Ethernet for IPv4 (RFC 826), without the Ethernet header: the kernel writes that.
 *
 * What a newcomer gets wrong: a Linux neighbour that has updated its entry within the last second
 * (`locktime`) takes no other hardware address from a reply, which is how Wackamole lost
 * take-overs for tens of seconds. It makes an exception for *gratuitous* packets: sender and
 * target address are one, and in a reply the target's hardware address is the sender's, too
 * (net/ipv4/arp.c, `arp_is_garp`). So `gratuitousReply` is spelt that way.
 */
import { assert } from '../util/assert.ts';
import { ipOctets, ipText } from '../util/ip.ts';
import { BROADCAST_MAC, macOctets, macText } from './mac.ts';

export const ARP_SIZE = 28;
export const ETHERTYPE_ARP = 0x0806;

const UNKNOWN_MAC = '00:00:00:00:00:00';
const UNKNOWN_ADDRESS = '0.0.0.0';
const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
const OPERATION = { request: 1, reply: 2 } as const;

export type ArpPacket = {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
};

/** Who says it: an address, and the hardware address it is at. */
export type Holder = { readonly address: string; readonly mac: string };

/** RFC 5227 3: an announcement. Updates who has an entry for it, without asking for an answer. */
export function gratuitousRequest({ address, mac }: Holder): Uint8Array {
  return buildArp({
    operation: 'request',
    senderMac: mac,
    senderAddress: address,
    targetMac: UNKNOWN_MAC,
    targetAddress: address,
  });
}

/** The same for those who learn only from replies. */
export function gratuitousReply({ address, mac }: Holder): Uint8Array {
  return buildArp({
    operation: 'reply',
    senderMac: mac,
    senderAddress: address,
    targetMac: mac,
    targetAddress: address,
  });
}

/** As if the neighbour had asked: for those who take only replies that are meant for them. */
export function replyTo(
  neighbour: { readonly address: string; readonly mac: string | null },
  { address, mac }: Holder,
): Uint8Array {
  return buildArp({
    operation: 'reply',
    senderMac: mac,
    senderAddress: address,
    // Wackamole writes the broadcast address when it knows no other.
    targetMac: neighbour.mac ?? BROADCAST_MAC,
    targetAddress: neighbour.address,
  });
}

/** Asks where a neighbour is, as one does before speaking to it: it notes down who asks. */
export function askFor(neighbourAddress: string, { address, mac }: Holder): Uint8Array {
  return buildArp({
    operation: 'request',
    senderMac: mac,
    senderAddress: address,
    targetMac: UNKNOWN_MAC,
    targetAddress: neighbourAddress,
  });
}

/** RFC 5227 2.1.1: asks who has an address, and spoils nobody's cache by it. */
export function arpProbe({ address, mac }: Holder): Uint8Array {
  return buildArp({
    operation: 'request',
    senderMac: mac,
    senderAddress: UNKNOWN_ADDRESS,
    targetMac: UNKNOWN_MAC,
    targetAddress: address,
  });
}

export function buildArp(packet: ArpPacket): Uint8Array {
  const bytes = new Uint8Array(ARP_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, HARDWARE_ETHERNET);
  view.setUint16(2, PROTOCOL_IPV4);
  bytes[4] = 6;
  bytes[5] = 4;
  view.setUint16(6, OPERATION[packet.operation]);
  bytes.set(sized(macOctets(packet.senderMac), 6), 8);
  bytes.set(sized(ipOctets(packet.senderAddress), 4), 14);
  bytes.set(sized(macOctets(packet.targetMac), 6), 18);
  bytes.set(sized(ipOctets(packet.targetAddress), 4), 24);
  return bytes;
}

/** @returns null for what is not a request or reply of IPv4 over Ethernet. Padding may follow. */
export function parseArp(bytes: Uint8Array): ArpPacket | null {
  if (bytes.length < ARP_SIZE) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== HARDWARE_ETHERNET || view.getUint16(2) !== PROTOCOL_IPV4) return null;
  if (bytes[4] !== 6 || bytes[5] !== 4) return null;
  const operation = view.getUint16(6);
  if (operation !== OPERATION.request && operation !== OPERATION.reply) return null;
  return {
    operation: operation === OPERATION.request ? 'request' : 'reply',
    senderMac: macText(bytes.subarray(8, 14)),
    senderAddress: ipText(bytes.subarray(14, 18)),
    targetMac: macText(bytes.subarray(18, 24)),
    targetAddress: ipText(bytes.subarray(24, 28)),
  };
}

function sized(octets: Uint8Array | null, size: number): Uint8Array {
  assert(octets?.length === size, `an address of ${size} octets`);
  return octets;
}
