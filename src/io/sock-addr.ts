/** Addresses as people write them, as the kernel wants them. */
import { ipOctets } from '../core/util/ip.ts';
import { type SockAddr, sockAddrInet, sockAddrInet6, sockAddrUnix } from '../sys/socket.ts';
import type { Address } from './reactor.ts';

/** @returns null when it is no IP literal or too long a path */
export function sockAddr(address: Address): SockAddr | null {
  if (address.kind === 'unix') return sockAddrUnix(address.path);
  const octets = ipOctets(address.host);
  if (octets === null) return null;
  if (octets.length === 4) return sockAddrInet(octets, address.port);
  return sockAddrInet6(octets, address.port, 0);
}
