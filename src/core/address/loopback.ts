/** Pools whose addresses are all of the loopback network: every machine has those already. */
import { ipOctets } from '../util/ip.ts';
import type { AddressGroup } from './pool.ts';

/** RFC 1122 3.2.1.3 (g). */
const LOOPBACK_NET = 127;

export function isLoopback(address: string): boolean {
  const octets = ipOctets(address);
  return octets !== null && octets.length === 4 && octets[0] === LOOPBACK_NET;
}

/** Such a pool needs no root: to hold one of its addresses means to listen there. */
export function isLoopbackPool(pool: readonly AddressGroup[]): boolean {
  return pool.every(({ addresses }) => addresses.every(({ address }) => isLoopback(address)));
}
