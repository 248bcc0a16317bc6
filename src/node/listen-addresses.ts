/**
 * Configured listen addresses as the reactor takes them, and whether they can be had.
 *
 * What a newcomer gets wrong: workers share their addresses with SO_REUSEPORT, and so would two
 * nodes of one user, without an error anywhere. Hence the look before, without that option. And an
 * address of the pool is listened on whether this node holds it or not: it may in a moment.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { ClusterConfig, ListenAddress } from '../core/cluster/config.ts';
import { listenText } from '../core/cluster/difference.ts';
import { ipOctets, ipText } from '../core/util/ip.ts';
import type { Address } from '../io/reactor.ts';

/**
 * Every address of the machine: an IPv6 socket takes IPv4 clients too, as `v6only` is off. A Linux
 * that was booted without IPv6 (`ipv6.disable=1`) has no such file, and no such sockets.
 */
const hasIpv6 = process.platform !== 'linux' || existsSync('/proc/net/if_inet6');
const EVERY = hasIpv6 ? '::' : '0.0.0.0';

export function listenAddress({ host, port }: ListenAddress): Address {
  return { kind: 'ip', host: host ?? EVERY, port };
}

/** Whether it is one of the addresses that move between the nodes. */
export function isOfPool(
  host: string | null,
  { addresses }: Pick<ClusterConfig, 'addresses'>,
): boolean {
  const octets = host === null ? null : ipOctets(host);
  if (octets === null || addresses === null) return false;
  const text = ipText(octets);
  return addresses.pool.some((group) => group.addresses.some((one) => one.address === text));
}

/**
 * @param wanted of those in `config.listen`
 * @returns null when all can be had, else which one cannot, why, and what to do
 */
export async function checkListen(
  wanted: readonly ListenAddress[],
  config: Pick<ClusterConfig, 'addresses' | 'reactor'>,
): Promise<string | null> {
  for (const address of wanted) {
    const code = await attempt(address.host ?? EVERY, address.port);
    // Where the epoll reactor cannot be had after all, its worker says so.
    const comes = isOfPool(address.host, config) && config.reactor !== 'uv';
    if (code === null || (code === 'EADDRNOTAVAIL' && comes)) continue;
    return cannotListen(address, code, config);
  }
  return null;
}

/** @returns null, or the name of the error */
function attempt(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}

/** In words, what an error of bind(2) or listen(2) means to an operator. */
export function cannotListen(
  address: ListenAddress,
  code: string,
  config: Pick<ClusterConfig, 'addresses'>,
): string {
  const ofPool = isOfPool(address.host, config);
  return `cannot listen on ${listenText(address)}: ${listenProblem(code, ofPool)}`;
}

function listenProblem(code: string, ofPool: boolean): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program has it (EADDRINUSE); `ss -ltnp` shows which';
    case 'EACCES':
      return 'not allowed (EACCES); ports below 1024 need root or CAP_NET_BIND_SERVICE';
    case 'EADDRNOTAVAIL':
      return ofPool
        ? 'this node does not hold that address of the pool now, and the reactor "uv" can listen ' +
            'only on what is there (EADDRNOTAVAIL); "epoll" can wait for it'
        : 'this machine does not have that address (EADDRNOTAVAIL)';
    default:
      return code;
  }
}
