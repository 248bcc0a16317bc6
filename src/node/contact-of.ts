/**
 * Where a node can be reached by the others, and whether it serves anything there.
 *
 * What a newcomer gets wrong: an address of the pool is no contact. It is here today and at another
 * machine tomorrow.
 */
import { contactAddress } from '../core/announce/contact.ts';
import type { ClusterConfig, ListenAddress } from '../core/cluster/config.ts';
import { isOfPool } from './listen-addresses.ts';

export type Contact = { readonly address: string; readonly port: number };

/** @param own addresses of this machine */
export function contactOf(
  config: ClusterConfig,
  own: readonly string[],
): Contact | { readonly error: string } {
  const { accept, announce } = config;
  const port = config.contact.port ?? config.listen[0]?.port ?? 80;
  if (accept.length === 0 && announce.destinations.length === 0) {
    // A node by itself relays to nobody and is relayed to by nobody; the table wants an address.
    return { address: config.contact.host ?? config.listen[0]?.host ?? '127.0.0.1', port };
  }
  // The listening address, when there is just one, is where the others can reach us.
  const only = config.listen.length === 1 ? (config.listen[0]?.host ?? null) : null;
  const candidates = only === null ? own : [only, ...own];
  const preferred = candidates.filter((address) => !isOfPool(address, config));
  const found = contactAddress({ configured: config.contact.host, accept, own: preferred });
  if ('error' in found) return { error: `${found.error}\n  hint: ${found.hint}` };
  return { address: found.address, port };
}

/** What another program takes at our contact, an Apache on this machine, that one serves. */
export function hasNothingToServe(config: ClusterConfig, { address, port }: Contact): boolean {
  const { application, documentRoot, listen } = config;
  const isOurs = (own: ListenAddress): boolean =>
    own.port === port && (own.host === null || own.host === address);
  return application === null && documentRoot === null && listen.some(isOurs);
}
