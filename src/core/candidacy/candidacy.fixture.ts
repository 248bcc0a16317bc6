/**
 * Servers and requests for tests of candidacy functions: everything ordinary unless said otherwise.
 */
import { type Asking, type Candidacy, Candidates, type Server } from './candidates.ts';

/** When the ordinary request asks; ordinary servers were heard half a second before. */
export const NOW_MS = 1_000_000;

export function server(slot: number, other: Partial<Server> = {}): Server {
  return {
    slot,
    name: `web${slot}`,
    address: `10.0.0.${slot}`,
    port: 80,
    heardMs: NOW_MS - 500,
    bootId: 1,
    state: 0,
    loadMilli: 0,
    loadHwmMilli: 1_000,
    cpuIdleMilli: 1_000,
    cpuCount: 1,
    arriba: 1_000_000,
    memoryTotalMb: 1_000,
    memoryAvailableMb: 500,
    capacity: 100,
    inFlight: 0,
    outstanding: 0,
    sentSinceHeard: 0,
    backhanded: 0,
    turnaroundMs: 0,
    suspect: false,
    ...other,
  };
}

/** One server for each entry, slots from 0. */
export function servers(...others: readonly Partial<Server>[]): Server[] {
  return others.map((other, slot) => server(slot, other));
}

export function asking(other: Partial<Asking> = {}): Asking {
  return {
    nowMs: NOW_MS,
    random: seeded(1),
    method: 'GET',
    target: '/',
    host: 'www.example.com',
    field: () => null,
    fields: () => [],
    clientAddress: '192.0.2.1',
    ...other,
  };
}

/** Uniform in [0, 1), the same for the same seed (Lehmer; Park and Miller, CACM 31(10), 1988). */
export function seeded(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Slots that the functions leave, in order, starting from all of `known`. */
export function left(
  functions: Candidacy | readonly Candidacy[],
  known: readonly Server[],
  request: Asking = asking(),
): number[] {
  return slotsOf(applied(functions, known, request));
}

export function applied(
  functions: Candidacy | readonly Candidacy[],
  known: readonly Server[],
  request: Asking = asking(),
): Candidates {
  const candidates = new Candidates();
  candidates.reset(known);
  for (const { apply } of [functions].flat()) apply(candidates, request);
  return candidates;
}

export function slotsOf(candidates: Candidates): number[] {
  return candidates.servers.slice(0, candidates.count).map(({ slot }) => slot);
}
