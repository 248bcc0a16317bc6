/**
 * Where the application is. A host name is looked up once, at start: an application on this machine
 * has no business moving, and a proxy that asks a name server per request has a new way to fail.
 */
import { lookup } from 'node:dns/promises';
import type { Application } from '../core/cluster/config.ts';
import { ipOctets } from '../core/util/ip.ts';
import type { Address } from '../io/reactor.ts';

/** Throws what the resolver throws, with the name in its message. */
export async function resolveApplication(application: Application | null): Promise<Address | null> {
  if (application === null) return null;
  if (application.kind === 'unix') return application;
  const { host, port } = application;
  if (ipOctets(host) !== null) return { kind: 'ip', host, port };
  const { address } = await lookup(host);
  return { kind: 'ip', host: address, port };
}
