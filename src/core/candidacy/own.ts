/**
 * Candidacy functions of the user's own, contained.
 *
 *     candidacy('preferNear', (servers, asking) => servers.toSorted(byDistance))
 *
 * It gets the candidates in order and returns candidates in order: fewer, reordered or the same. It
 * runs inside the relay, so what it does wrong must not reach a client: if it throws, or returns
 * something other than an array of servers it was given, each at most once, the list stays as it
 * was and `Candidates.onFault` is told. An empty array is an answer, and means nobody.
 *
 * What a newcomer gets wrong: it cannot be asynchronous. A promise is not an array.
 */
import type { Asking, Candidacy, Server } from './candidates.ts';

export type OwnFunction = (servers: readonly Server[], asking: Asking) => readonly Server[];

export function candidacy(name: string, own: OwnFunction): Candidacy {
  return {
    name,
    source: Function.prototype.toString.call(own),
    apply: (candidates, asking) => {
      // A copy: the function may keep, sort or truncate what it is given.
      const given = candidates.servers.slice(0, candidates.count);
      const returned = callContained(own, given, asking);
      if (returned.kind === 'fault') {
        candidates.onFault({ candidacy: name, reason: returned.reason });
        return;
      }
      const { servers } = returned;
      for (let i = 0; i < servers.length; i++) candidates.servers[i] = servers[i]!;
      candidates.count = servers.length;
    },
  };
}

type Returned =
  | { readonly kind: 'servers'; readonly servers: readonly Server[] }
  | { readonly kind: 'fault'; readonly reason: string };

function callContained(own: OwnFunction, given: readonly Server[], asking: Asking): Returned {
  try {
    const value: unknown = own(given.slice(), asking);
    const { then } = (value ?? {}) as { then?: unknown };
    // Refused below like anything that is no array; but nobody else would take its rejection.
    if (typeof then === 'function') then.call(value, ignore, ignore);
    // A copy again, as what is checked must be what is used: a getter may say two things.
    const servers: unknown = Array.isArray(value) ? value.slice() : value;
    const reason = faultIn(servers, given);
    if (reason !== null) return { kind: 'fault', reason };
    return { kind: 'servers', servers: servers as readonly Server[] };
  } catch (error) {
    return { kind: 'fault', reason: `threw ${describe(error)}` };
  }
}

function ignore(): void {}

function faultIn(value: unknown, given: readonly Server[]): string | null {
  if (!Array.isArray(value)) return `returned ${describe(value)}, not an array of servers`;
  for (let i = 0; i < value.length; i++) {
    const server: unknown = value[i];
    if (!given.includes(server as Server)) return `returned ${describe(server)}, not a candidate`;
    if (value.indexOf(server) !== i) return `returned ${(server as Server).name} twice`;
  }
  return null;
}

/** Whatever it is, in a few words. Even this is user territory: its `toString` may throw. */
export function describe(value: unknown): string {
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value !== 'object' || value === null) return String(value);
    const { name } = value as { name?: unknown };
    return typeof name === 'string' ? `"${name}"` : Object.prototype.toString.call(value);
  } catch {
    return 'something that cannot be described';
  }
}
