/**
 * `bySession [identifier]`: a client that has a session goes to the server the session lives on.
 *
 * The application begins its session identifiers with its own address: eight hex digits, network
 * order, `PHPSESSID=7f000001...` for 127.0.0.1. The identifier (default `PHPSESSID=`, the `=` is
 * part of it) is looked for at the start of each cookie of every Cookie field, then of each
 * argument of the query. The first one that names a server of the list that is alive narrows the
 * list to it; a name that is not in the list, or not alive, or no address, leaves the list as it
 * is.
 *
 * Alive: announced itself up or draining, heard within `AGE_MS_DEFAULT`, and no connection to it
 * has failed since. So `bySession` may stand before `byAge`, as in the article, without a dead
 * server's clients being left with nobody; and once a connection failed, choosing again finds them
 * another.
 *
 * What a newcomer gets wrong: the client chooses here. It is no protection, and it shows addresses.
 */

import { type ArgumentError, nameOf, orThrow } from './argument.ts';
import { AGE_MS_DEFAULT } from './by-age.ts';
import {
  type Asking,
  type Candidacy,
  type Candidates,
  NodeState,
  type Server,
} from './candidates.ts';

export const SESSION_IDENTIFIER_DEFAULT = 'PHPSESSID=';

export function bySession(identifier?: string): Candidacy {
  return orThrow('bySession', parseBySession(identifier ?? null));
}

export function parseBySession(argument: string | null): Candidacy | ArgumentError {
  const identifier = argument ?? SESSION_IDENTIFIER_DEFAULT;
  if (identifier === '') return { error: 'expected an identifier', hint: 'for example PHPSESSID=' };
  return {
    name: nameOf('bySession', argument),
    findsSession: true,
    apply: (candidates, asking) => {
      const server = sessionServer(candidates, asking, identifier);
      if (server === null) return;
      candidates.narrowTo(server);
      candidates.session = server;
    },
    figure: (server, candidates) => (candidates.session === server ? 'has the session' : ''),
  };
}

function sessionServer(candidates: Candidates, asking: Asking, identifier: string): Server | null {
  for (const cookies of asking.fields('cookie')) {
    const server = firstNamed(cookies, 0, identifier, candidates, asking);
    if (server !== null) return server;
  }
  const query = asking.target.indexOf('?');
  if (query === -1) return null;
  return firstNamed(asking.target, query + 1, identifier, candidates, asking);
}

function firstNamed(
  text: string,
  from: number,
  identifier: string,
  candidates: Candidates,
  asking: Asking,
): Server | null {
  let at = text.indexOf(identifier, from);
  for (; at !== -1; at = text.indexOf(identifier, at + 1)) {
    // `MYPHPSESSID=` is another application's cookie.
    if (at > from && !/[;&\s]/.test(text[at - 1]!)) continue;
    const address = addressOf(text, at + identifier.length);
    const server = address === null ? null : aliveAt(address, candidates, asking);
    if (server !== null) return server;
  }
  return null;
}

/** Eight hex digits at `from` as an IPv4 address: `7f000001` is 127.0.0.1. */
function addressOf(text: string, from: number): string | null {
  const digits = text.slice(from, from + 8);
  if (!/^[0-9a-f]{8}$/i.test(digits)) return null;
  const bits = Number.parseInt(digits, 16);
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

function aliveAt(address: string, candidates: Candidates, asking: Asking): Server | null {
  for (let i = 0; i < candidates.count; i++) {
    const server = candidates.servers[i]!;
    if (server.address === address && isAlive(server, asking)) return server;
  }
  return null;
}

function isAlive(server: Server, { nowMs }: Asking): boolean {
  return (
    server.state < NodeState.sick && !server.suspect && nowMs - server.heardMs <= AGE_MS_DEFAULT
  );
}
