/**
 * Which packets the kernel hands to us: small programs of its classic packet filter.
 *
 * They see the packet from the network header on, run for every one that arrives, and let through
 * those that claim one of our addresses. What a newcomer gets wrong: an IPv6 address is compared by
 * its last 32 bits only, so who reads compares all of it again.
 *
 * Source: Documentation/networking/filter.rst, `include/uapi/linux/filter.h`.
 */
import { ipOctets } from '../util/ip.ts';
import {
  ADVERTISEMENT,
  HOP_LIMIT,
  IPV6_HEADER_SIZE,
  NEXT_HEADER_ICMPV6,
  TARGET_OFFSET,
} from './neighbour.ts';

/** `struct sock_filter`: where a comparison jumps to counts the instructions passed over. */
export type Instruction = {
  readonly code: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly operand: number;
};

/**
 * Two instructions each; more than the 4096 of BPF_MAXINSNS, or than optmem_max (20 480 bytes on
 * kernels before 6.7, 8 bytes each), the kernel refuses.
 */
export const FILTER_ADDRESSES_MAX = 1_000;

const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;

const ARP_SENDER_ADDRESS_OFFSET = 14;
const IPV6_NEXT_HEADER_OFFSET = 6;
const IPV6_HOP_LIMIT_OFFSET = 7;

const ALL = 0xffff_ffff;

/** ARP packets whose sender is one of the IPv4 addresses. */
export function arpFilter(addresses: readonly string[]): readonly Instruction[] {
  return [statement(LOAD_WORD, ARP_SENDER_ADDRESS_OFFSET), ...isOneOf(addresses, 4)];
}

/** Neighbour advertisements for one of the IPv6 addresses. */
export function advertisementFilter(addresses: readonly string[]): readonly Instruction[] {
  return [
    ...byteIs(IPV6_NEXT_HEADER_OFFSET, NEXT_HEADER_ICMPV6),
    ...byteIs(IPV6_HOP_LIMIT_OFFSET, HOP_LIMIT),
    ...byteIs(IPV6_HEADER_SIZE, ADVERTISEMENT),
    statement(LOAD_WORD, TARGET_OFFSET + 12),
    ...isOneOf(addresses, 16),
  ];
}

function byteIs(offset: number, value: number): Instruction[] {
  return [
    statement(LOAD_BYTE, offset),
    { code: JUMP_EQUAL, whenTrue: 1, whenFalse: 0, operand: value },
    statement(RETURN, 0),
  ];
}

/** Those of the other family are left out. A jump reaches 255 far, so each has its own return. */
function isOneOf(addresses: readonly string[], size: 4 | 16): Instruction[] {
  const words = addresses
    .map((address) => ipOctets(address))
    .filter((octets) => octets?.length === size)
    .map((octets) => new DataView(octets!.buffer).getUint32(size - 4));
  return [...new Set(words)]
    .flatMap((operand) => [
      { code: JUMP_EQUAL, whenTrue: 0, whenFalse: 1, operand },
      statement(RETURN, ALL),
    ])
    .concat(statement(RETURN, 0));
}

function statement(code: number, operand: number): Instruction {
  return { code, whenTrue: 0, whenFalse: 0, operand };
}
