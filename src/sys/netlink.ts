/**
 * Netlink sockets of the routing family: how the kernel is told of addresses, and tells of them.
 *
 * Sending, receiving and closing are those of `socket.ts`. What a newcomer gets wrong: the kernel
 * works inside `send`, so that the answer waits before it returns, and nobody ever has to block.
 * A socket belongs to the network namespace of the thread that opens it.
 *
 * Source: netlink(7).
 */
import { pin, result, symbols } from './libc.ts';

const libc = symbols({
  socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  bind: { arguments: ['int32', 'uint64', 'uint32'], return: 'int32' },
  setsockopt: { arguments: ['int32', 'int32', 'int32', 'uint64', 'uint32'], return: 'int32' },
});

const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** Multicast groups, as bits of `nl_groups` (`RTMGRP_...`, linux/rtnetlink.h). */
export const NetlinkGroup = { link: 0x1, ipv4Address: 0x10, ipv6Address: 0x100 } as const;

/** `struct sockaddr_nl`, or the value of an option. */
const scratch = pin(12);

/** @returns a descriptor, or a negated errno; root is not needed to open it */
export function netlinkSocket(): number {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  return result(libc.socket(AF_NETLINK, type, NETLINK_ROUTE));
}

/** @param groups a sum of `NetlinkGroup` bits; 0 only hears what it is answered */
export function bindNetlink(fd: number, groups: number): number {
  scratch.bytes.fill(0);
  scratch.view.setUint16(0, AF_NETLINK, true);
  scratch.view.setUint32(8, groups, true);
  return result(libc.bind(fd, scratch.address, 12));
}

/** `level` and `name` of setsockopt(2). */
export const NetlinkOption = {
  /** Errors do not repeat the request (Linux 4.3). */
  capAcknowledge: [270, 10],
  /** Errors come with a text (Linux 4.12). */
  extendedAcknowledge: [270, 11],
  /** Bytes that may wait to be read, beyond what `net.core.rmem_max` allows; CAP_NET_ADMIN. */
  receiveBufferForce: [1, 33],
} as const;
export type NetlinkOption = (typeof NetlinkOption)[keyof typeof NetlinkOption];

export function setNetlinkOption(fd: number, [level, name]: NetlinkOption, value: number): number {
  scratch.view.setInt32(0, value, true);
  return result(libc.setsockopt(fd, level, name, scratch.address, 4));
}
