/**
 * Who may be a client: as `spread.access_ip` of the C daemon says it, and no one else.
 *
 *     unix  localhost  10.0.0.7  192.168.10.0/24  2001:db8::/32
 *
 * What a newcomer gets wrong: a client says its name and proves nothing. So where it comes from is
 * all there is to go by; whoever may connect may send to every group.
 */
import type { Network } from '../../cluster/config.ts';
import { ipOctets, networkContains } from '../../util/ip.ts';

export type AccessRule =
  /** Through the socket in the file system. */
  { readonly kind: 'unix' } | { readonly kind: 'network'; readonly network: Network };

export const LOOPBACK: readonly AccessRule[] = [
  { kind: 'network', network: { address: '127.0.0.0', prefixLength: 8 } },
  { kind: 'network', network: { address: '::1', prefixLength: 128 } },
];

/** What is allowed when nothing is said. */
export const DEFAULT_ACCESS: readonly AccessRule[] = [{ kind: 'unix' }, ...LOOPBACK];

/** @param from an IP address, or null through the socket in the file system */
export function isAllowed(rules: readonly AccessRule[], from: string | null): boolean {
  if (from === null) return rules.some(({ kind }) => kind === 'unix');
  // A socket that takes both families says IPv4 in IPv6; a link-local address names its interface.
  const octets = ipOctets(from.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, ''));
  if (octets === null) return false;
  return rules.some((rule) => rule.kind === 'network' && networkContains(rule.network, octets));
}
