/**
 * Where a redirected client is sent: the authority of the Location field (RFC 9110 10.2.2).
 *
 * The port is the chosen server's own and left out where it is the scheme's default. A name format
 * that carries a port keeps it.
 */
import type { Delivery, Server } from './candidates.ts';
import { formatName } from './name-format.ts';

export type RedirectFacts = {
  /** Value of the Host field, port included. */
  readonly host: string;
  /** 80 for http, 443 for https. */
  readonly portDefault: number;
};

/** `null` for a delivery that is no redirect. */
export function redirectAuthority(
  delivery: Delivery,
  server: Server,
  { host, portDefault }: RedirectFacts,
): string | null {
  if (delivery.kind === 'proxy') return null;
  const port = server.port === portDefault ? '' : `:${server.port}`;
  if (delivery.kind === 'redirectToName') {
    const name = formatName(delivery.format, server.name, host);
    if (name !== null) return name.includes(':') ? name : name + port;
  }
  return (server.address.includes(':') ? `[${server.address}]` : server.address) + port;
}
