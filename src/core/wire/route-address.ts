/**
 * Addresses in rtnetlink: put up, prolong, take down, list.
 *
 * An address of ours is told from others by `IFA_PROTO` (Linux 5.18), and on older kernels by its
 * IPv4 label `eth0:fh`. It is put up with a lifetime: the kernel removes it by itself when nobody
 * prolongs it (docs/operating/kernel-versions.md).
 *
 * What a newcomer gets wrong: an IPv6 address that somebody has put up for good, and that we give a
 * lifetime, hands it to the *route* of its network, which the machine's own address needs as well
 * (net/ipv6/addrconf.c, `modify_prefix_route`; seen on Linux 6.18). `noPrefixRoute` is for that.
 *
 * Source: rtnetlink(7), `include/uapi/linux/if_addr.h`, net/ipv4/devinet.c.
 */
import { ipOctets, ipText } from '../util/ip.ts';
import {
  AddressFamily,
  type Attribute,
  buildMessage,
  LITTLE_ENDIAN,
  MessageFlag,
  MessageType,
  type NetlinkMessage,
  parseAttributes,
  textOf,
  viewOf,
  zeroTerminated,
} from './netlink.ts';

/**
 * Our number in `IFA_PROTO`: any above the kernel's own three (if_addr.h), as no registry exists.
 * The letter f.
 */
export const ADDRESS_PROTOCOL = 102;

/** `IFNAMSIZ` with its final zero. */
const LABEL_LENGTH_MAX = 15;
const LABEL_SUFFIX = ':fh';

const IfaAttribute = {
  address: 1,
  local: 2,
  label: 3,
  cacheInfo: 6,
  flags: 8,
  protocol: 11,
} as const;

/** `IFA_F_NODAD`: usable at once; who had it before us may still be answering. */
const FLAG_NO_DAD = 0x02;
const FLAG_NO_PREFIX_ROUTE = 0x200;

/** `INFINITY_LIFE_TIME`. */
const FOREVER_SECONDS = 0xffff_ffff;

/** An address of an interface, which is known by its index. */
export type AddressOfIndex = {
  readonly index: number;
  readonly address: string;
  readonly prefixLength: number;
};

export type NewAddress = AddressOfIndex & {
  readonly interface: string;
  readonly validMs: number;
  readonly noPrefixRoute: boolean;
};

/** Puts an address up, or prolongs it when it is there. */
export function newAddress(options: NewAddress, sequence: number): Uint8Array {
  const octets = octetsOf(options.address);
  const isV6 = octets.length === 16;
  const attributes: Attribute[] = [
    { type: IfaAttribute.local, value: octets },
    { type: IfaAttribute.address, value: octets },
    { type: IfaAttribute.cacheInfo, value: lifetime(options.validMs, isV6) },
    { type: IfaAttribute.protocol, value: Uint8Array.of(ADDRESS_PROTOCOL) },
  ];
  const label = labelOf(options.interface);
  if (!isV6 && label !== null) {
    attributes.push({ type: IfaAttribute.label, value: zeroTerminated(label) });
  }
  if (isV6) {
    const flags = FLAG_NO_DAD | (options.noPrefixRoute ? FLAG_NO_PREFIX_ROUTE : 0);
    attributes.push({ type: IfaAttribute.flags, value: uint32(flags) });
  }
  const { request, acknowledge, create, replace } = MessageFlag;
  const flags = request | acknowledge | create | replace;
  return buildMessage(
    { type: MessageType.newAddress, flags, sequence },
    { fixed: addressHeader(options, octets), attributes },
  );
}

export function deleteAddress(options: AddressOfIndex, sequence: number): Uint8Array {
  const octets = octetsOf(options.address);
  return buildMessage(
    {
      type: MessageType.deleteAddress,
      flags: MessageFlag.request | MessageFlag.acknowledge,
      sequence,
    },
    {
      fixed: addressHeader(options, octets),
      attributes: [
        { type: IfaAttribute.local, value: octets },
        { type: IfaAttribute.address, value: octets },
      ],
    },
  );
}

export function dumpAddresses(sequence: number): Uint8Array {
  return buildMessage(
    { type: MessageType.getAddress, flags: MessageFlag.request | MessageFlag.dump, sequence },
    { fixed: new Uint8Array(8), attributes: [] },
  );
}

export type RouteAddress = AddressOfIndex & {
  readonly kind: 'present' | 'gone';
  /** Null: it says nothing, an IPv6 address or an older kernel. */
  readonly label: string | null;
  /** `IFA_PROTO`; null: not known. */
  readonly protocol: number | null;
  /** Until the kernel removes it; null: it does not. */
  readonly validSeconds: number | null;
};

/** @returns the address of a `RTM_NEWADDR` or `RTM_DELADDR`; null for anything else */
export function parseAddress({ type, body }: NetlinkMessage): RouteAddress | null {
  if (type !== MessageType.newAddress && type !== MessageType.deleteAddress) return null;
  if (body.length < 8) return null;
  const family = body[0];
  if (family !== AddressFamily.inet && family !== AddressFamily.inet6) return null;
  const attributes = parseAttributes(body.subarray(8));
  // `IFA_ADDRESS` is the other end on a point-to-point link; IPv6 gives `IFA_LOCAL` only there.
  const octets = attributes?.get(IfaAttribute.local) ?? attributes?.get(IfaAttribute.address);
  const prefixLength = body[1]!;
  const size = family === AddressFamily.inet ? 4 : 16;
  if (octets?.length !== size || prefixLength > size * 8) return null;
  const label = attributes?.get(IfaAttribute.label);
  const cacheInfo = attributes?.get(IfaAttribute.cacheInfo);
  const validSeconds = cacheInfo?.length === 16 ? viewOf(cacheInfo).getUint32(4, LITTLE_ENDIAN) : 0;
  return {
    kind: type === MessageType.newAddress ? 'present' : 'gone',
    index: viewOf(body).getUint32(4, LITTLE_ENDIAN),
    address: ipText(octets),
    prefixLength,
    label: label === undefined ? null : textOf(label),
    protocol: attributes?.get(IfaAttribute.protocol)?.[0] ?? null,
    validSeconds: validSeconds === 0 || validSeconds === FOREVER_SECONDS ? null : validSeconds,
  };
}

/** Whether this program, in this life or another, has put it up. */
export function isLabelledOurs({ protocol, label }: RouteAddress): boolean {
  return protocol === ADDRESS_PROTOCOL || (label?.endsWith(LABEL_SUFFIX) ?? false);
}

/** @returns null when the name of the interface leaves no room for one */
function labelOf(name: string): string | null {
  const label = name + LABEL_SUFFIX;
  return label.length <= LABEL_LENGTH_MAX ? label : null;
}

/** `struct ifaddrmsg`. Scope: the whole world, 0. */
function addressHeader({ index, prefixLength }: AddressOfIndex, octets: Uint8Array): Uint8Array {
  const isV6 = octets.length === 16;
  const fixed = new Uint8Array(8);
  fixed[0] = isV6 ? AddressFamily.inet6 : AddressFamily.inet;
  fixed[1] = prefixLength;
  fixed[2] = isV6 ? FLAG_NO_DAD : 0;
  viewOf(fixed).setUint32(4, index, LITTLE_ENDIAN);
  return fixed;
}

/**
 * `struct ifa_cacheinfo`: preferred and valid, in seconds, the rest is the kernel's.
 *
 * An IPv6 address of which nothing is preferred answers, and is never the source of what the
 * machine itself begins (RFC 6724 rule 3). IPv4 has no such rule and ignores the field.
 */
function lifetime(validMs: number, isV6: boolean): Uint8Array {
  const validSeconds = Math.max(1, Math.ceil(validMs / 1_000));
  const value = new Uint8Array(16);
  const view = viewOf(value);
  view.setUint32(0, isV6 ? 0 : validSeconds, LITTLE_ENDIAN);
  view.setUint32(4, validSeconds, LITTLE_ENDIAN);
  return value;
}

function uint32(number: number): Uint8Array {
  const value = new Uint8Array(4);
  viewOf(value).setUint32(0, number, LITTLE_ENDIAN);
  return value;
}

function octetsOf(address: string): Uint8Array {
  const octets = ipOctets(address);
  if (octets === null) throw new Error(`invariant broken: not an address: ${address}`);
  return octets;
}
