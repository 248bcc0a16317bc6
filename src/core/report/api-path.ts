/**
 * Where the admin API is on the network, and what of a path is the API's own.
 *
 *     <status zone>/api/cluster              for people's browsers, as far as the zone is reachable
 *     /.well-known/forehand/api/node         for the other nodes, at our contact address
 *
 * What a newcomer gets wrong: the second one is answered only to machines that `AcceptStats` names
 * and only when they speak for themselves. A request that another node has relayed brings the field
 * Backhand-Proxied, so no client reaches it through a balanced zone.
 */

/** RFC 8615: of the site, not of any zone. */
export const NODES_PREFIX = '/.well-known/forehand';

const API = '/api/';

/** @returns `node` of `/backhand/api/node`, or null where it is no path of the API */
export function apiName(path: string): string | null {
  const at = path.lastIndexOf(API);
  return at === -1 ? null : path.slice(at + API.length);
}

/** @param target path and query as sent */
export function isBetweenNodes(target: string): boolean {
  return target.startsWith(NODES_PREFIX + API);
}
