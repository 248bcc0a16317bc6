/** Configured listen addresses as the reactor takes them. */
import type { ListenAddress } from '../core/cluster/config.ts';
import type { Address } from '../io/reactor.ts';

/** Every address of the machine: an IPv6 socket takes IPv4 clients too, as `v6only` is off. */
const EVERY = '::';

export function listenAddresses(listen: readonly ListenAddress[]): Address[] {
  return listen.map(({ host, port }) => ({ kind: 'ip', host: host ?? EVERY, port }));
}
