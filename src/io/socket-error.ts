/** Names for what the kernel says of a socket: the only errors that leave this layer. */
import { Errno } from '../sys/libc.ts';
import type { SocketError } from './reactor.ts';

const names = new Map<number, SocketError>([
  [Errno.ECONNREFUSED, 'ECONNREFUSED'],
  [Errno.ECONNRESET, 'ECONNRESET'],
  [Errno.EPIPE, 'EPIPE'],
  [Errno.ETIMEDOUT, 'ETIMEDOUT'],
  [Errno.EHOSTUNREACH, 'EHOSTUNREACH'],
  [Errno.ENETUNREACH, 'ENETUNREACH'],
  [Errno.EADDRINUSE, 'EADDRINUSE'],
  [Errno.EADDRNOTAVAIL, 'EADDRNOTAVAIL'],
  [Errno.EACCES, 'EACCES'],
  [Errno.ENOENT, 'ENOENT'],
  [Errno.EMFILE, 'EMFILE'],
  [Errno.ENFILE, 'EMFILE'],
]);

/** @param errno positive or negated, as it comes from `sys`. */
export function socketError(errno: number): SocketError {
  return names.get(Math.abs(errno)) ?? 'UNKNOWN';
}
