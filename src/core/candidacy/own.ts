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
    apply: (candidates, asking) => {
      // A copy: the function may keep, sort or truncate what it is given.
      const given = candidates.servers.slice(0, candidates.count);
      const returned = callContained(own, given.slice(), asking);
      const reason = returned.kind === 'thrown' ? returned.reason : faultIn(returned.value, given);
      if (returned.kind === 'thrown' || reason !== null) {
        candidates.onFault({ candidacy: name, reason: reason ?? '' });
        return;
      }
      const servers = returned.value as readonly Server[];
      for (let i = 0; i < servers.length; i++) candidates.servers[i] = servers[i]!;
      candidates.count = servers.length;
    },
  };
}

type Returned =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'thrown'; readonly reason: string };

function callContained(own: OwnFunction, servers: readonly Server[], asking: Asking): Returned {
  try {
    return { kind: 'value', value: own(servers, asking) };
  } catch (error) {
    return { kind: 'thrown', reason: `threw ${describe(error)}` };
  }
}

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
function describe(value: unknown): string {
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value !== 'object' || value === null) return String(value);
    const { name } = value as { name?: unknown };
    return typeof name === 'string' ? `"${name}"` : Object.prototype.toString.call(value);
  } catch {
    return 'something that cannot be described';
  }
}
