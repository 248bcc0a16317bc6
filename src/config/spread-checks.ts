/**
 * What is wrong with a Spread daemon beside everything else on a node.
 *
 * What a newcomer gets wrong: the port that all the world knows for Spread, 4803, is by default
 * that of our group, too: its members hold TCP connections there to see each other die.
 */
import type { AddressesConfig, ClusterConfig, ListenAddress } from '../core/cluster/config.ts';
import { PORT } from '../core/spread/daemon-address.ts';
import type { Diagnostics, Place } from './diagnostic.ts';
import { writeHost } from './values.ts';

export const SPREAD_DEFAULTS = {
  listen: [{ host: '127.0.0.1', port: PORT }],
  port: PORT + 1,
  groupName: 'forehand',
  profile: 'lan',
} as const;

type Taken = { readonly at: ListenAddress; readonly by: string; readonly hint: string | undefined };

export function checkSpread(config: ClusterConfig, place: Place, diagnostics: Diagnostics): void {
  const { spread, addresses } = config;
  if (spread === null) return;
  const { host, port } = spread.group;
  const taken: Taken[] = config.listen.map((at) => ({ at, by: 'the proxy', hint: undefined }));
  if (addresses !== null && mayUseRing(addresses)) {
    const hint = 'give the group another one on all nodes: addresses: { group: { port: 4805 } }';
    taken.push({ at: addresses.group, by: 'the group that shares addresses', hint });
  }
  const wanted = [{ host, port }, ...spread.listen];
  for (const at of wanted) {
    const earlier = taken.find((one) => one.at.port === at.port && overlap(one.at, at));
    taken.push({ at, by: 'Spread', hint: undefined });
    if (earlier === undefined) continue;
    const message = `Spread wants "${writeHost(at.host)}:${at.port}", which is taken by ${earlier.by}`;
    diagnostics.add({ code: 'CONFIG_LISTEN_DUPLICATE', place, message, hint: earlier.hint });
  }
  if (spread.group.secrets.length > 0) return;
  const message = 'the Spread daemons are not signed: whoever sends to their port is one of them';
  const hint = 'announce: { secretFile: ... }, or addresses: { group: { secretFile: ... } }';
  diagnostics.add({ code: 'CONFIG_GROUP_UNSIGNED', place, message, hint });
}

/** At once, or where no daemon answers at the start. An old group has no ring. */
function mayUseRing({ compatibility, group: { engine } }: AddressesConfig): boolean {
  if (compatibility !== null) return false;
  return engine.kind === 'ring' || (engine.kind === 'spread' && engine.otherwise === 'ring');
}

function overlap(a: ListenAddress, b: ListenAddress): boolean {
  return a.host === b.host || isEveryHost(a.host) || isEveryHost(b.host);
}

function isEveryHost(host: string | null): boolean {
  return host === null || host === '0.0.0.0' || host === '::';
}
