/**
 * One request as it is remembered for the live log, the access log and `forehand why`.
 *
 * What a newcomer gets wrong: only so many are kept (the newest of each worker), and what is kept
 * of a head is cut. A record says what happened; `why` runs the zone's chain again with what the
 * cluster table said at that time.
 */
import type { WAYS } from './record-layout.ts';

export type RequestWay = (typeof WAYS)[number];

export type RequestRecord = {
  /** `2-k3f9`: the worker and the number of the request in it, base 36. Of one life of a node. */
  readonly id: string;
  readonly node: string;
  /** When its head was whole, ms since the epoch. */
  readonly atMs: number;
  /** Where it came from; behind another node that is trusted, where that one had it from. */
  readonly client: string;
  /** '' where no request could be made out, then target, host and protocol are '' too. */
  readonly method: string;
  /** Path and query, cut. */
  readonly target: string;
  readonly host: string;
  /** `HTTP/1.1`. */
  readonly protocol: string;
  readonly referer: string | null;
  readonly userAgent: string | null;
  /** The zone it is in; null: no zone. */
  readonly zone: string | null;
  readonly way: RequestWay;
  /** Another node had balanced it before, so no chain was asked here. */
  readonly relayed: boolean;
  /** Whom the chain chose; null: nobody, or no chain was asked. */
  readonly chosen: string | null;
  /** Who was asked last, and so served it if anybody did; null: nobody, or this node. */
  readonly server: string | null;
  /** Code of the outcome table (core/relay/outcome.ts). */
  readonly outcome: string;
  /** 0: nothing could be answered. */
  readonly status: number;
  /** Of the answer's body, as it was sent. */
  readonly bytesOut: number;
  readonly tries: number;
  /** From the whole head to each of these, ms; null: it did not come to that. */
  readonly sentMs: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
};

/** A record with what `why` needs to ask the chain again. */
export type KeptRequest = {
  readonly record: RequestRecord;
  /** As it came, without credentials. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Some fields are missing, for want of room. */
  readonly cut: boolean;
  /** A field with credentials was left out. */
  readonly credentials: boolean;
  /** What its random numbers began with (draws.ts); 0: none were drawn. */
  readonly seed: number;
  /** The chain ran again after all of the first list had failed. */
  readonly chosenAgain: boolean;
};
