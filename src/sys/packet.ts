/**
 * Packet sockets: what arrives at an interface, and sending without asking a route.
 *
 * They are of the cooked kind (`SOCK_DGRAM`): the kernel takes the Ethernet header off and puts it
 * on, so VLANs and bonds need no care here. Root, or CAP_NET_RAW.
 *
 * What a newcomer gets wrong: a packet socket receives from *every* interface until it is bound to
 * one, and nothing at all until it is bound to a protocol. That is used: one socket hears all.
 *
 * Source: packet(7).
 */
import { pin, result, symbols } from './libc.ts';

const libc = symbols({
  socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  bind: { arguments: ['int32', 'uint64', 'uint32'], return: 'int32' },
  setsockopt: { arguments: ['int32', 'int32', 'int32', 'uint64', 'uint32'], return: 'int32' },
  sendto: {
    arguments: ['int32', 'buffer', 'uint32', 'int32', 'uint64', 'uint32'],
    return: 'int32',
  },
  recvfrom: {
    arguments: ['int32', 'uint64', 'uint32', 'int32', 'uint64', 'uint64'],
    return: 'int32',
  },
});

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

/** `struct sockaddr_ll`, and behind it the length that recvfrom(2) reads and writes. */
const SOCKADDR_SIZE = 20;
const scratch = pin(SOCKADDR_SIZE + 4);
const lengthAddress = scratch.address + BigInt(SOCKADDR_SIZE);

/** @returns a descriptor that hears nothing yet, or a negated errno: `-EPERM` without the right */
export function packetSocket(): number {
  return result(libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/** From now on it hears packets of the protocol. @param index of an interface; 0: every one */
export function bindPacket(fd: number, protocol: number, index: number): number {
  fillAddress({ protocol, index, mac: null });
  return result(libc.bind(fd, scratch.address, SOCKADDR_SIZE));
}

export type PacketDestination = {
  /** An Ethernet type. */
  readonly protocol: number;
  /** Index of the interface that it leaves by. */
  readonly index: number;
  /** The 6 octets of a hardware address. */
  readonly mac: Uint8Array;
};

/** @param bytes from the network header on. @returns how many were sent, or a negated errno */
export function sendPacket(fd: number, bytes: Uint8Array, to: PacketDestination): number {
  fillAddress(to);
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return result(libc.sendto(fd, bytes, bytes.length, flags, scratch.address, SOCKADDR_SIZE));
}

/** Takes one packet. @returns its size, or `-EAGAIN` for none, `-ENETDOWN` when a link went down */
export function receivePacket(fd: number, address: bigint, size: number): number {
  scratch.view.setUint32(SOCKADDR_SIZE, SOCKADDR_SIZE, true);
  const from = scratch.address;
  return result(libc.recvfrom(fd, address, size, MSG_DONTWAIT, from, lengthAddress));
}

/** Index of the interface at which the last packet arrived: valid until the next call here. */
export function receivedIndex(): number {
  return scratch.view.getInt32(4, true);
}

/** The sender's hardware address in the last packet: a copy. */
export function receivedMac(): Uint8Array {
  return scratch.bytes.slice(12, 18);
}

/** `struct sock_filter`: 8 bytes. */
type Instruction = {
  readonly code: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly operand: number;
};

/** From now on only packets arrive that the program returns a size for. Replaces the one before. */
export function attachFilter(fd: number, program: readonly Instruction[]): number {
  const filter = pin(program.length * 8);
  program.forEach(({ code, whenTrue, whenFalse, operand }, at) => {
    filter.view.setUint16(at * 8, code, true);
    filter.view.setUint8(at * 8 + 2, whenTrue);
    filter.view.setUint8(at * 8 + 3, whenFalse);
    filter.view.setUint32(at * 8 + 4, operand, true);
  });
  // `struct sock_fprog`: how many, and where. The kernel copies them before it returns.
  const description = pin(16);
  description.view.setUint16(0, program.length, true);
  description.view.setBigUint64(8, filter.address, true);
  return result(libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, description.address, 16));
}

type Address = { protocol: number; index: number; mac: Uint8Array | null };

function fillAddress({ protocol, index, mac }: Address): void {
  scratch.bytes.fill(0, 0, SOCKADDR_SIZE);
  scratch.view.setUint16(0, AF_PACKET, true);
  scratch.view.setUint16(2, protocol, false);
  scratch.view.setInt32(4, index, true);
  if (mac === null) return;
  scratch.view.setUint8(11, mac.length);
  scratch.bytes.set(mac, 12);
}
