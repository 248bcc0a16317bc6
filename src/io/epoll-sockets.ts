/** Sockets that connect and sockets that listen, made ready for the epoll reactor. */
import { Errno } from '../sys/libc.ts';
import {
  bind,
  close,
  connect,
  Family,
  listen,
  localPort,
  type SockAddr,
  SocketOption,
  setOption,
  streamSocket,
} from '../sys/socket.ts';
import type { Address, ListenOptions, SocketError } from './reactor.ts';
import { sockAddr } from './sock-addr.ts';
import { socketError } from './socket-error.ts';

/** Addresses connected to before. A cluster has few; the bound is against a caller who has many. */
const connectAddresses = new Map<string, SockAddr>();
const CONNECT_ADDRESSES_MAX = 1_024;

function connectAddress(address: Address): SockAddr | null {
  const key = address.kind === 'ip' ? `${address.host}|${address.port}` : address.path;
  const known = connectAddresses.get(key);
  if (known !== undefined) return known;
  const made = sockAddr(address);
  if (made === null) return null;
  if (connectAddresses.size >= CONNECT_ADDRESSES_MAX) connectAddresses.clear();
  connectAddresses.set(key, made);
  return made;
}

/** @returns a socket on its way (`fd` -1 when there is none), and why it cannot be, or null. */
export function connectSocket(address: Address): { fd: number; error: SocketError | null } {
  const target = connectAddress(address);
  if (target === null) return { fd: -1, error: 'EADDRNOTAVAIL' };
  const fd = streamSocket(target.family);
  if (fd < 0) return { fd: -1, error: socketError(fd) };
  if (target.family !== Family.unix) setOption(fd, SocketOption.noDelay, 1);
  const status = connect(fd, target);
  // A unix socket whose queue is full answers EAGAIN and would never become writable.
  const failed = status < 0 && status !== -Errno.EINPROGRESS;
  return { fd, error: failed ? socketError(status) : null };
}

export type BoundSocket = { readonly fd: number; readonly port: number; readonly family: Family };

/** @returns a listening socket, or why there is none. */
export function listenSocket(options: ListenOptions): BoundSocket | SocketError {
  const address = sockAddr(options.address);
  if (address === null) return 'EADDRNOTAVAIL';
  const fd = streamSocket(address.family);
  if (fd < 0) return socketError(fd);
  if (address.family !== Family.unix) {
    setOption(fd, SocketOption.reuseAddr, 1);
    if (options.reusePort) setOption(fd, SocketOption.reusePort, 1);
    // Accepted sockets inherit it on Linux (tcp(7) is silent; net/ipv4/tcp_minisocks.c copies it).
    setOption(fd, SocketOption.noDelay, 1);
  }
  if (address.family === Family.inet6) setOption(fd, SocketOption.v6Only, 0);
  if (options.freeBind === true) {
    // Linux 2.4, and 4.15 for IPv6 (ip(7), IP_FREEBIND; include/uapi/linux/in6.h).
    const v6 = address.family === Family.inet6;
    setOption(fd, v6 ? SocketOption.freeBind6 : SocketOption.freeBind, 1);
  }
  const bound = bind(fd, address);
  const status = bound < 0 ? bound : listen(fd, options.backlog);
  if (status < 0) {
    close(fd);
    return socketError(status);
  }
  const port = address.family === Family.unix ? 0 : localPort(fd);
  return { fd, port, family: address.family };
}
