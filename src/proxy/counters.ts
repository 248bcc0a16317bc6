/**
 * What a worker has done, in numbers that every thread can read while it works.
 *
 * One array for each worker, written by that worker alone, so no write needs a lock; a reader sums
 * over all of them and may see a request counted whose bytes are not yet. Doubles, because they
 * count past 2^32 and are exact to 2^53.
 */
import { OUTCOMES, type Outcome, outcomeIndex } from '../core/relay/outcome.ts';

/**
 * Upper bounds of the latency histogram in ms; the last bucket has none. Prometheus' usual steps.
 */
export const LATENCY_BOUNDS_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
] as const;

/** Single numbers. The order is the layout. */
const NAMES = [
  'clientsAccepted',
  'clientsOpen',
  'requests',
  'requestsInFlight',
  'bytesFromClients',
  'bytesToClients',
  'backendConnects',
  'backendConnectsFailed',
  'backendReuses',
  'retries',
  'retriesRefused',
  'deliveredLocal',
  'deliveredProxy',
  'deliveredRedirect',
  'latencyMsSum',
] as const;
export type CounterName = (typeof NAMES)[number];

const OUTCOMES_AT = NAMES.length;
const STATUS_AT = OUTCOMES_AT + OUTCOMES.length;
/** 1xx to 5xx. */
const STATUS_CLASSES = 5;
const LATENCY_AT = STATUS_AT + STATUS_CLASSES;
const LATENCY_BUCKETS = LATENCY_BOUNDS_MS.length + 1;

export const COUNTERS_BYTES = 8 * (LATENCY_AT + LATENCY_BUCKETS);

const places = Object.fromEntries(NAMES.map((name, index) => [name, index])) as Record<
  CounterName,
  number
>;

/** The places, for the hot path: `counters.add(At.requests, 1)`. */
export const At: Readonly<Record<CounterName, number>> = places;

export class Counters {
  readonly #cells: Float64Array;

  /** @param buffer `COUNTERS_BYTES` of shared memory, this worker's own */
  constructor(buffer: SharedArrayBuffer) {
    this.#cells = new Float64Array(buffer);
  }

  add(place: number, amount: number): void {
    this.#cells[place]! += amount;
  }

  /** Once for every request. */
  ended(outcome: Outcome): void {
    this.#cells[OUTCOMES_AT + outcomeIndex(outcome)]! += 1;
  }

  /** Once for every final answer. */
  answered(status: number, latencyMs: number): void {
    this.#cells[STATUS_AT + Math.floor(status / 100) - 1]! += 1;
    this.#cells[places.latencyMsSum]! += latencyMs;
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_MS.length && latencyMs > LATENCY_BOUNDS_MS[bucket]!) bucket++;
    this.#cells[LATENCY_AT + bucket]! += 1;
  }
}

export type Totals = {
  readonly single: Readonly<Record<CounterName, number>>;
  /** By outcome code. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** `1xx` to `5xx`. */
  readonly statuses: Readonly<Record<string, number>>;
  /** One more than `LATENCY_BOUNDS_MS`; not cumulative. */
  readonly latencies: readonly number[];
};

/** The sum over all workers. */
export function totals(buffers: readonly SharedArrayBuffer[]): Totals {
  const arrays = buffers.map((buffer) => new Float64Array(buffer));
  const sum = (place: number): number => arrays.reduce((total, array) => total + array[place]!, 0);
  return {
    single: Object.fromEntries(NAMES.map((name) => [name, sum(places[name])])) as Record<
      CounterName,
      number
    >,
    outcomes: Object.fromEntries(
      OUTCOMES.map((outcome, index) => [outcome.code, sum(OUTCOMES_AT + index)]),
    ),
    statuses: Object.fromEntries(
      Array.from({ length: STATUS_CLASSES }, (_, i) => [`${i + 1}xx`, sum(STATUS_AT + i)]),
    ),
    latencies: Array.from({ length: LATENCY_BUCKETS }, (_, i) => sum(LATENCY_AT + i)),
  };
}
