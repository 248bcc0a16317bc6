/**
 * The address this node announces as its contact.
 *
 * The configured one, or the own interface address that lies in a network of `accept`: the
 * cluster's network is where the other nodes relay to. Among several, the first network that has
 * one counts.
 *
 * What a newcomer gets wrong: the first address of the host's own name, which the original took, is
 * 127.0.1.1 on half of all machines. Nothing is guessed here: no address in `accept` is a mistake.
 */
import type { Network } from '../cluster/config.ts';
import { ipOctets, networkContains } from '../util/ip.ts';

export type Contact =
  | { readonly address: string }
  | { readonly error: string; readonly hint: string };

export type ContactFacts = {
  readonly configured: string | null;
  readonly accept: readonly Network[];
  /** Addresses of this machine's interfaces. */
  readonly own: readonly string[];
};

export function contactAddress({ configured, accept, own }: ContactFacts): Contact {
  if (configured !== null) return { address: configured };
  for (const network of accept) {
    for (const address of own) {
      const octets = ipOctets(address);
      if (octets !== null && networkContains(network, octets)) return { address };
    }
  }
  const networks = accept.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  return {
    error:
      `no address of this machine (${own.join(', ') || 'none'}) ` +
      `is in the networks of the cluster (${networks.join(', ') || 'none'})`,
    hint: 'correct AcceptStats, or name the address: MulticastStats <own address> <destination>',
  };
}
