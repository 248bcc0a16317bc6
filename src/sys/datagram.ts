/**
 * Datagram sockets: many datagrams per system call, in and out, without allocating.
 *
 * Binding, closing and options are those of `socket.ts`. Every socket made here is non-blocking
 * and closes on exec. The structures are those of 64-bit Linux, the same on all its platforms:
 *
 *     struct mmsghdr   0 name  8 its size  16 iovec  24 how many  32 control  48 flags  56 size
 *     struct iovec     0 address  8 size
 */
import { type Pinned, pin, result, symbols } from './libc.ts';
import type { Family, SockAddr } from './socket.ts';

const libc = symbols({
  socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  setsockopt: { arguments: ['int32', 'int32', 'int32', 'uint64', 'uint32'], return: 'int32' },
  sendmmsg: { arguments: ['int32', 'uint64', 'uint32', 'int32'], return: 'int32' },
  recvmmsg: { arguments: ['int32', 'uint64', 'uint32', 'int32', 'uint64'], return: 'int32' },
});

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

const HEADER_SIZE = 64;
const LENGTH_OFFSET = 56;
const IOVEC_SIZE = 16;
/** `struct sockaddr_in6`, the larger of the two. */
const NAME_SIZE = 28;
/** So that each name begins where a structure may. */
const NAME_STRIDE = 32;

/** Source: socket(2). @returns a descriptor or a negated errno. */
export function datagramSocket(family: Family): number {
  return result(libc.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/** What `receiveMany` fills: `slots` datagrams, where they came from, and how long they are. */
export class Inbox {
  readonly slots: number;
  readonly #slotBytes: number;
  readonly #headers: Pinned;
  readonly #iovecs: Pinned;
  readonly #names: Pinned;
  readonly #bytes: Pinned;

  /** @param slotBytes what is longer is cut off: one more than can come shows that it was. */
  constructor(slots: number, slotBytes: number) {
    this.slots = slots;
    this.#slotBytes = slotBytes;
    this.#headers = pin(slots * HEADER_SIZE);
    this.#iovecs = pin(slots * IOVEC_SIZE);
    this.#names = pin(slots * NAME_STRIDE);
    this.#bytes = pin(slots * slotBytes);
    for (let i = 0; i < slots; i++) {
      const iovec = i * IOVEC_SIZE;
      this.#iovecs.view.setBigUint64(iovec, this.#bytes.address + BigInt(i * slotBytes), true);
      this.#iovecs.view.setBigUint64(iovec + 8, BigInt(slotBytes), true);
      fillHeader(this.#headers, i, {
        name: this.#names.address + BigInt(i * NAME_STRIDE),
        nameSize: NAME_SIZE,
        iovec: this.#iovecs.address + BigInt(iovec),
      });
    }
  }

  get headersAddress(): bigint {
    return this.#headers.address;
  }

  /** The kernel writes how long a name is over how long it may be. */
  rearm(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#headers.view.setUint32(i * HEADER_SIZE + 8, NAME_SIZE, true);
    }
  }

  /** Datagram `i` of the last call. Overwritten by the next one. */
  datagram(i: number): Uint8Array {
    const start = i * this.#slotBytes;
    const size = this.#headers.view.getUint32(i * HEADER_SIZE + LENGTH_OFFSET, true);
    return this.#bytes.bytes.subarray(start, start + size);
  }

  /** Raw `sockaddr_in` or `sockaddr_in6` of all of them; that of `i` begins at `nameOffset(i)`. */
  get names(): DataView {
    return this.#names.view;
  }

  nameOffset(i: number): number {
    return i * NAME_STRIDE;
  }
}

/**
 * Takes what has come, as far as there is room.
 *
 * @returns how many, or a negated errno: `-EAGAIN` for none, or what the network said of something
 *   that was sent (`-ECONNREFUSED`), once. Source: recvmmsg(2).
 */
export function receiveMany(fd: number, inbox: Inbox): number {
  const count = result(libc.recvmmsg(fd, inbox.headersAddress, inbox.slots, MSG_DONTWAIT, 0n));
  if (count > 0) inbox.rearm(count);
  return count;
}

/** One datagram to each of some addresses; what it says is filled in for each call. */
export class Outbox {
  readonly count: number;
  readonly #headers: Pinned;
  /** Not to be collected while the headers point at them. */
  readonly #addresses: readonly SockAddr[];
  readonly #letter: Letter;

  constructor(addresses: readonly SockAddr[], letter: Letter) {
    this.count = addresses.length;
    this.#addresses = addresses;
    this.#letter = letter;
    this.#headers = pin(Math.max(1, addresses.length) * HEADER_SIZE);
    this.#addresses.forEach(({ pinned, size }, i) => {
      const iovec = this.#letter.iovecAddress;
      fillHeader(this.#headers, i, { name: pinned.address, nameSize: size, iovec });
    });
  }

  headersAddress(from: number): bigint {
    return this.#headers.address + BigInt(from * HEADER_SIZE);
  }
}

/** What is sent. All outboxes of a socket may share one, as the kernel copies it. */
export class Letter {
  readonly #bytes: Pinned;
  readonly #iovec = pin(IOVEC_SIZE);

  constructor(bytesMax: number) {
    this.#bytes = pin(bytesMax);
    this.#iovec.view.setBigUint64(0, this.#bytes.address, true);
  }

  get iovecAddress(): bigint {
    return this.#iovec.address;
  }

  /** @returns false when it is too long */
  write(bytes: Uint8Array): boolean {
    if (bytes.length > this.#bytes.bytes.length) return false;
    this.#bytes.bytes.set(bytes);
    this.#iovec.view.setUint32(8, bytes.length, true);
    return true;
  }
}

/**
 * Sends the letter to the addresses from number `from` on.
 *
 * @returns to how many; or a negated errno, when the first could not be sent. Source: sendmmsg(2):
 *   after an error in the middle it says how many were sent before, and not the error.
 */
export function sendMany(fd: number, outbox: Outbox, from: number): number {
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return result(libc.sendmmsg(fd, outbox.headersAddress(from), outbox.count - from, flags));
}

const option = pin(20);

/** Source: ip(7), IP_ADD_MEMBERSHIP. @param group and @param own 4 octets; own 0.0.0.0: any */
export function joinGroup(fd: number, group: Uint8Array, own: Uint8Array): number {
  option.bytes.set(group, 0);
  option.bytes.set(own, 4);
  return result(libc.setsockopt(fd, 0, 35, option.address, 8));
}

/** Source: ipv6(7), IPV6_ADD_MEMBERSHIP. @param group 16 octets; @param index 0: any interface */
export function joinGroup6(fd: number, group: Uint8Array, index: number): number {
  option.bytes.set(group, 0);
  option.view.setUint32(16, index, true);
  return result(libc.setsockopt(fd, 41, 20, option.address, 20));
}

/** Where multicast leaves. Source: ip(7), IP_MULTICAST_IF. @param own 4 octets */
export function sendGroupsFrom(fd: number, own: Uint8Array): number {
  option.bytes.set(own, 0);
  return result(libc.setsockopt(fd, 0, 32, option.address, 4));
}

function fillHeader(
  headers: Pinned,
  i: number,
  { name, nameSize, iovec }: { name: bigint; nameSize: number; iovec: bigint },
): void {
  const at = i * HEADER_SIZE;
  headers.view.setBigUint64(at, name, true);
  headers.view.setUint32(at + 8, nameSize, true);
  headers.view.setBigUint64(at + 16, iovec, true);
  headers.view.setBigUint64(at + 24, 1n, true);
}
