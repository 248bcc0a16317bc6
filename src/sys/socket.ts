/**
 * Stream sockets: one function per system call, IPv4, IPv6 and unix.
 *
 * Every socket made here is non-blocking and closes on exec. Errors come back as negated errno
 * (see libc.ts); addresses go in and out through one scratch record, so nothing is allocated.
 */
import { type Pinned, pin, result, symbols } from './libc.ts';

const libc = symbols({
  socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  socketpair: { arguments: ['int32', 'int32', 'int32', 'uint64'], return: 'int32' },
  bind: { arguments: ['int32', 'uint64', 'uint32'], return: 'int32' },
  listen: { arguments: ['int32', 'int32'], return: 'int32' },
  accept4: { arguments: ['int32', 'uint64', 'uint64', 'int32'], return: 'int32' },
  connect: { arguments: ['int32', 'uint64', 'uint32'], return: 'int32' },
  getsockname: { arguments: ['int32', 'uint64', 'uint64'], return: 'int32' },
  getsockopt: { arguments: ['int32', 'int32', 'int32', 'uint64', 'uint64'], return: 'int32' },
  setsockopt: { arguments: ['int32', 'int32', 'int32', 'uint64', 'uint32'], return: 'int32' },
  shutdown: { arguments: ['int32', 'int32'], return: 'int32' },
  recv: { arguments: ['int32', 'uint64', 'uint32', 'int32'], return: 'int32' },
  read: { arguments: ['int32', 'uint64', 'uint32'], return: 'int32' },
  write: { arguments: ['int32', 'uint64', 'uint32'], return: 'int32' },
  close: { arguments: ['int32'], return: 'int32' },
});

/** The same for memory whose address we do not keep: dearer, see libc.ts. */
const viaBuffer = symbols({
  send: { arguments: ['int32', 'buffer', 'uint32', 'int32'], return: 'int32' },
  write: { arguments: ['int32', 'buffer', 'uint32'], return: 'int32' },
});

export const Family = { unix: 1, inet: 2, inet6: 10 } as const;
export type Family = (typeof Family)[keyof typeof Family];

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_PEEK = 0x02;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;

/** `struct sockaddr_storage` is 128 bytes; behind it the length that calls read and write. */
const SOCKADDR_SIZE = 128;
const scratch: Pinned = pin(SOCKADDR_SIZE + 16);
const lengthAddress = scratch.address + BigInt(SOCKADDR_SIZE);
const optionAddress = lengthAddress + 8n;

/** Source: socket(2). @returns a descriptor or a negated errno. */
export function streamSocket(family: Family): number {
  return result(libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/** Two unix sockets that are connected to each other. @returns them, or a negated errno. */
export function socketPair(): readonly [number, number] | number {
  const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const status = result(libc.socketpair(Family.unix, type, 0, scratch.address));
  if (status < 0) return status;
  return [scratch.view.getInt32(0, true), scratch.view.getInt32(4, true)];
}

/** A socket address as bytes: `struct sockaddr_in`, `_in6` or `_un`. Made once, used often. */
export type SockAddr = { readonly family: Family; readonly pinned: Pinned; readonly size: number };

/** Source: ip(7). @param octets the 4 bytes of the address. */
export function sockAddrInet(octets: ArrayLike<number>, port: number): SockAddr {
  const pinned = pin(16);
  pinned.view.setUint16(0, Family.inet, true);
  pinned.view.setUint16(2, port, false);
  pinned.bytes.set(octets, 4);
  return { family: Family.inet, pinned, size: 16 };
}

/**
 * Source: ipv6(7). @param octets the 16 bytes; @param scopeId interface of a link-local one, or
 * 0.
 */
export function sockAddrInet6(octets: ArrayLike<number>, port: number, scopeId: number): SockAddr {
  const pinned = pin(28);
  pinned.view.setUint16(0, Family.inet6, true);
  pinned.view.setUint16(2, port, false);
  pinned.bytes.set(octets, 8);
  pinned.view.setUint32(24, scopeId, true);
  return { family: Family.inet6, pinned, size: 28 };
}

/** Source: unix(7). @returns null when the path does not fit its 107 bytes and a final zero. */
export function sockAddrUnix(path: string): SockAddr | null {
  const name = new TextEncoder().encode(path);
  if (name.length > 107) return null;
  const pinned = pin(110);
  pinned.view.setUint16(0, Family.unix, true);
  pinned.bytes.set(name, 2);
  return { family: Family.unix, pinned, size: 2 + name.length + 1 };
}

/** Source: bind(2). `-EADDRINUSE`, `-EADDRNOTAVAIL` and `-EACCES` are the user's to mend. */
export function bind(fd: number, address: SockAddr): number {
  return result(libc.bind(fd, address.pinned.address, address.size));
}

export function listen(fd: number, backlog: number): number {
  return result(libc.listen(fd, backlog));
}

/**
 * Takes one connection; the peer's address is then read with `acceptedAddress`.
 *
 * @returns a descriptor, or a negated errno: `-EAGAIN` none waits, `-EMFILE`/`-ENFILE` no
 *   descriptor is free (the connection keeps waiting), `-ECONNABORTED` it left in between.
 *   Source: accept(2).
 */
export function accept(fd: number): number {
  scratch.view.setUint32(SOCKADDR_SIZE, SOCKADDR_SIZE, true);
  const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  return result(libc.accept4(fd, scratch.address, lengthAddress, flags));
}

/**
 * What the last `accept` or `localName` has filled in, as the raw `sockaddr`: valid until the next
 * call that fills it.
 */
export function acceptedAddress(): DataView {
  return scratch.view;
}

/** Source: connect(2). @returns 0, `-EINPROGRESS` (wait for writability), or what is wrong. */
export function connect(fd: number, address: SockAddr): number {
  return result(libc.connect(fd, address.pinned.address, address.size));
}

/**
 * Asks for the local end of a socket, which is then read with `acceptedAddress`.
 *
 * @returns 0, or a negated errno. Source: getsockname(2).
 */
export function localName(fd: number): number {
  scratch.view.setUint32(SOCKADDR_SIZE, SOCKADDR_SIZE, true);
  return result(libc.getsockname(fd, scratch.address, lengthAddress));
}

/** @returns the local port of an IP socket, or a negated errno. Source: getsockname(2). */
export function localPort(fd: number): number {
  const status = localName(fd);
  return status < 0 ? status : scratch.view.getUint16(2, false);
}

/** `level` and `name` of setsockopt(2), as numbers of Linux's headers. */
export const SocketOption = {
  reuseAddr: [1, 2],
  error: [1, 4],
  broadcast: [1, 6],
  sendBuffer: [1, 7],
  receiveBuffer: [1, 8],
  /** Beyond `net.core.wmem_max`; CAP_NET_ADMIN. */
  sendBufferForce: [1, 32],
  reusePort: [1, 15],
  noDelay: [6, 1],
  deferAccept: [6, 9],
  v6Only: [41, 26],
  freeBind: [0, 15],
  multicastTtl: [0, 33],
  multicastInterface6: [41, 17],
  multicastHops: [41, 18],
  freeBind6: [41, 78],
} as const;
export type SocketOption = (typeof SocketOption)[keyof typeof SocketOption];

export function setOption(fd: number, [level, name]: SocketOption, value: number): number {
  scratch.view.setInt32(SOCKADDR_SIZE + 8, value, true);
  return result(libc.setsockopt(fd, level, name, optionAddress, 4));
}

/** The error a socket has met since it was last asked: a positive errno, 0 for none (socket(7)). */
export function pendingError(fd: number): number {
  scratch.view.setUint32(SOCKADDR_SIZE, 4, true);
  const [level, name] = SocketOption.error;
  const status = result(libc.getsockopt(fd, level, name, optionAddress, lengthAddress));
  return status < 0 ? -status : scratch.view.getInt32(SOCKADDR_SIZE + 8, true);
}

/**
 * Source: read(2): recv(2) without flags, and so with an argument less, for which see libc.ts.
 *
 * @param fd a socket that does not block
 * @returns bytes, 0 at the end of the stream, `-EAGAIN` for none yet.
 */
export function read(fd: number, address: bigint, size: number): number {
  return result(libc.read(fd, address, size));
}

/**
 * Source: write(2): send(2) without flags. Node ignores SIGPIPE unless somebody has taken a
 * listener for it away again (`cli/run.ts` keeps one), so a peer that is gone is `-EPIPE` here too.
 *
 * @param fd a socket that does not block
 * @returns how many bytes the kernel took, `-EAGAIN` when it took none.
 */
export function write(fd: number, address: bigint, size: number): number {
  return result(libc.write(fd, address, size));
}

export function writeBytes(fd: number, bytes: Uint8Array): number {
  return result(viaBuffer.write(fd, bytes, bytes.length));
}

/** Source: recv(2). @returns as `read`, also for a socket that blocks. */
export function recv(fd: number, address: bigint, size: number): number {
  return result(libc.recv(fd, address, size, MSG_DONTWAIT));
}

/** Whether a read would find something, without reading it. @returns as `recv` for one byte. */
export function peek(fd: number): number {
  return result(libc.recv(fd, scratch.address, 1, MSG_DONTWAIT | MSG_PEEK));
}

/** Source: send(2). @returns as `write`, also for a socket that blocks. */
export function sendBytes(fd: number, bytes: Uint8Array): number {
  return result(viaBuffer.send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/** Half-close: the peer reads an end, we may still read. Source: shutdown(2). */
export function shutdownWrite(fd: number): number {
  return result(libc.shutdown(fd, SHUT_WR));
}

/**
 * Closes a descriptor. Never retried: on Linux the descriptor is gone even after EINTR, and a
 * second close could hit one that another part of the program has just opened.
 *
 * Source: close(2), "Dealing with error returns from close()".
 */
export function close(fd: number): number {
  return result(libc.close(fd));
}
