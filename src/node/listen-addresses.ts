/**
 * Configured listen addresses as the reactor takes them, and whether they can be had.
 *
 * What a newcomer gets wrong: workers share their addresses with SO_REUSEPORT, and so would two
 * nodes of one user, without an error anywhere. Hence the look before, without that option.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { ListenAddress } from '../core/cluster/config.ts';
import type { Address } from '../io/reactor.ts';

/**
 * Every address of the machine: an IPv6 socket takes IPv4 clients too, as `v6only` is off. A Linux
 * that was booted without IPv6 (`ipv6.disable=1`) has no such file, and no such sockets.
 */
const hasIpv6 = process.platform !== 'linux' || existsSync('/proc/net/if_inet6');
const EVERY = hasIpv6 ? '::' : '0.0.0.0';

export function listenAddresses(listen: readonly ListenAddress[]): Address[] {
  return listen.map(({ host, port }) => ({ kind: 'ip', host: host ?? EVERY, port }));
}

/** @returns null when all can be had, else which one cannot, why, and what to do */
export async function checkListen(listen: readonly ListenAddress[]): Promise<string | null> {
  for (const { host, port } of listen) {
    const code = await attempt(host ?? EVERY, port);
    if (code !== null) return `cannot listen on ${host ?? '*'}:${port}: ${listenProblem(code)}`;
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

/** What an error of bind(2) or listen(2) means to an operator. */
export function listenProblem(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program has it (EADDRINUSE); `ss -ltnp` shows which';
    case 'EACCES':
      return 'not allowed (EACCES); ports below 1024 need root or CAP_NET_BIND_SERVICE';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address (EADDRNOTAVAIL)';
    default:
      return code;
  }
}
