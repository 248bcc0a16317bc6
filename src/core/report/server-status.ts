/**
 * One node as another one knows it: what it announced last, and what came of asking it.
 *
 * What a newcomer gets wrong: null means "not known", and never zero. A machine whose capacity
 * nobody told is not a machine without room.
 */

/**
 * What a reader should think of a server, worst first. `silent` servers get requests only when
 * nobody else is left (`chain.ts`); `stale` ones missed announcements and are on the way there.
 */
export const STATES = ['silent', 'stale', 'suspect', 'sick', 'draining', 'relaying', 'up'] as const;
export type State = (typeof STATES)[number];

export type ServerStatus = {
  readonly entry: number;
  readonly name: string;
  readonly self: boolean;
  readonly address: string;
  readonly port: number;
  readonly state: State;
  readonly ageMs: number;
  readonly memoryTotalBytes: number | null;
  readonly memoryAvailableBytes: number | null;
  /** Requests its application could take at once, and how many of those it still can. */
  readonly serversTotal: number | null;
  readonly serversReady: number | null;
  readonly inFlight: number;
  readonly outstanding: number;
  readonly turnaroundMs: number | null;
  readonly requests: number;
  readonly arriba: number | null;
  readonly cpuCount: number;
  readonly load: number;
  readonly loadHwm: number;
  readonly cpuIdleRatio: number;
};

/** Above a page: how many of all are as they should be. */
export function headline(nodes: readonly { readonly state: string }[]): string {
  // A director that serves nothing itself does all that it should.
  const up = nodes.filter(({ state }) => state === 'up' || state === 'relaying').length;
  const all = nodes.length === 1 ? '1 server' : `${nodes.length} servers`;
  return up === nodes.length ? `${all}, all up` : `${up} of ${all} up`;
}
