/**
 * An echo request from a virtual address (RFC 792, RFC 4443 4.1): whoever answers has to look up
 * where that address is, and so finds out that it has moved.
 *
 * The packet begins with the IP header; nobody here waits for the answer.
 */
import { assert } from '../util/assert.ts';
import { ipOctets } from '../util/ip.ts';
import { checksum } from './checksum.ts';
import { ipv6Packet } from './neighbour.ts';

export const ETHERTYPE_IPV4 = 0x0800;

const IPV4_HEADER_SIZE = 20;
const ECHO_SIZE = 8;
const PROTOCOL_ICMP = 1;
const ECHO_REQUEST = 8;
const ECHO_REQUEST_V6 = 128;
const TIME_TO_LIVE = 64;

/** Wackamole's identifier and sequence number: whoever reads a trace knows where it is from. */
const MARK = 0xfefe;

/** @param ends addresses of one family */
export function echoRequest(ends: {
  readonly source: string;
  readonly destination: string;
}): Uint8Array {
  const source = ipOctets(ends.source);
  const destination = ipOctets(ends.destination);
  assert(source !== null && source.length === destination?.length, 'addresses of one family');
  const isV6 = source.length === 16;
  const message = new Uint8Array(ECHO_SIZE);
  const view = new DataView(message.buffer);
  message[0] = isV6 ? ECHO_REQUEST_V6 : ECHO_REQUEST;
  view.setUint16(4, MARK);
  view.setUint16(6, MARK);
  if (isV6) return ipv6Packet(source, destination, message);
  view.setUint16(2, checksum(message));
  return ipv4Packet(source, destination, message);
}

function ipv4Packet(source: Uint8Array, destination: Uint8Array, message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(IPV4_HEADER_SIZE + message.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x45;
  view.setUint16(2, bytes.length);
  view.setUint16(4, MARK);
  bytes[8] = TIME_TO_LIVE;
  bytes[9] = PROTOCOL_ICMP;
  bytes.set(source, 12);
  bytes.set(destination, 16);
  view.setUint16(10, checksum(bytes.subarray(0, IPV4_HEADER_SIZE)));
  bytes.set(message, IPV4_HEADER_SIZE);
  return bytes;
}
