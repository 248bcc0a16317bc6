/**
 * Interfaces and neighbours in rtnetlink.
 *
 * What a newcomer gets wrong: bridges speak in the same messages. A port that leaves its bridge is
 * a `RTM_DELLINK` of the family `AF_BRIDGE`, and the interface is there as before; so only messages
 * without a family are believed.
 *
 * Source: rtnetlink(7), `include/uapi/linux/if_link.h`, `include/uapi/linux/neighbour.h`.
 */
import { ipText } from '../util/ip.ts';
import { macText } from './mac.ts';
import {
  AddressFamily,
  buildMessage,
  LITTLE_ENDIAN,
  MessageFlag,
  MessageType,
  type NetlinkMessage,
  parseAttributes,
  textOf,
  viewOf,
} from './netlink.ts';

const LINK_HEADER_SIZE = 16;
const NEIGHBOUR_HEADER_SIZE = 12;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const NDA_DST = 1;
const NDA_LLADDR = 2;

const IFF_UP = 0x1;
/** Up, and RFC 2863's operational state is `up` or not known: there is a carrier. */
const IFF_RUNNING = 0x40;

/** `NUD_REACHABLE`, `STALE`, `DELAY`, `PROBE`, `PERMANENT`: there is a hardware address. */
const USABLE_STATES = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;

export type RouteLink = {
  readonly kind: 'present' | 'gone';
  readonly index: number;
  readonly interface: string;
  /** Empty where there is none: loopback, tunnels. */
  readonly mac: string;
  readonly up: boolean;
};

export type RouteNeighbour = {
  readonly index: number;
  readonly address: string;
  readonly mac: string;
};

export function dumpLinks(sequence: number): Uint8Array {
  return buildMessage(
    { type: MessageType.getLink, flags: MessageFlag.request | MessageFlag.dump, sequence },
    { fixed: new Uint8Array(LINK_HEADER_SIZE), attributes: [] },
  );
}

/** Of both families. */
export function dumpNeighbours(sequence: number): Uint8Array {
  return buildMessage(
    { type: MessageType.getNeighbour, flags: MessageFlag.request | MessageFlag.dump, sequence },
    { fixed: new Uint8Array(NEIGHBOUR_HEADER_SIZE), attributes: [] },
  );
}

/** @returns the interface of a `RTM_NEWLINK` or `RTM_DELLINK`; null for anything else */
export function parseLink({ type, body }: NetlinkMessage): RouteLink | null {
  if (type !== MessageType.newLink && type !== MessageType.deleteLink) return null;
  if (body.length < LINK_HEADER_SIZE || body[0] !== AddressFamily.any) return null;
  const attributes = parseAttributes(body.subarray(LINK_HEADER_SIZE));
  const name = attributes?.get(IFLA_IFNAME);
  if (name === undefined) return null;
  const view = viewOf(body);
  const flags = view.getUint32(8, LITTLE_ENDIAN);
  const isPresent = type === MessageType.newLink;
  const hardware = attributes?.get(IFLA_ADDRESS);
  const hasMac = hardware?.length === 6 && hardware.some((octet) => octet !== 0);
  return {
    kind: isPresent ? 'present' : 'gone',
    index: view.getInt32(4, LITTLE_ENDIAN),
    interface: textOf(name),
    mac: hasMac ? macText(hardware) : '',
    up: isPresent && (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) !== 0,
  };
}

/** @returns a neighbour whose hardware address is known; null for anything else */
export function parseNeighbour({ type, body }: NetlinkMessage): RouteNeighbour | null {
  if (type !== MessageType.newNeighbour || body.length < NEIGHBOUR_HEADER_SIZE) return null;
  const family = body[0];
  if (family !== AddressFamily.inet && family !== AddressFamily.inet6) return null;
  const view = viewOf(body);
  if ((view.getUint16(8, LITTLE_ENDIAN) & USABLE_STATES) === 0) return null;
  const attributes = parseAttributes(body.subarray(NEIGHBOUR_HEADER_SIZE));
  const octets = attributes?.get(NDA_DST);
  const hardware = attributes?.get(NDA_LLADDR);
  if (octets?.length !== (family === AddressFamily.inet ? 4 : 16) || hardware?.length !== 6) {
    return null;
  }
  return {
    index: view.getInt32(4, LITTLE_ENDIAN),
    address: ipText(octets),
    mac: macText(hardware),
  };
}
