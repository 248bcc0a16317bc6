/**
 * Another node's report, as it came over the network: checked before anything reads it.
 *
 * What a newcomer gets wrong: it is another machine's word. A wrong one must not do more than be
 * wrong about that machine, so what the picture is made of is checked field by field; what is not
 * known to us, from a later version, is left in.
 */
import * as v from 'valibot';
import type { NodeReport } from '../../core/report/node-report.ts';

const TEXT_LENGTH_MAX = 2_000;
const ROWS_MAX = 1_000;

const text = v.pipe(v.string(), v.maxLength(TEXT_LENGTH_MAX));
const count = v.pipe(v.number(), v.finite());
const rows = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(v.array(schema), v.maxLength(ROWS_MAX));

const second = v.looseObject({
  atMs: count,
  requests: count,
  failed: count,
  p50Ms: v.nullable(count),
  p95Ms: v.nullable(count),
  p99Ms: v.nullable(count),
});

const event = v.looseObject({
  sequence: count,
  atMs: count,
  kind: text,
  text,
  subject: v.nullable(text),
  origin: v.nullable(text),
});

const keeper = v.looseObject({
  view: v.nullable(text),
  members: rows(v.looseObject({ name: text })),
  groups: rows(
    v.looseObject({
      group: text,
      owner: v.nullable(text),
      heir: v.nullable(text),
      why: text,
      stranger: v.boolean(),
      others: rows(v.looseObject({ name: text, why: text })),
    }),
  ),
});

const engine = v.looseObject({
  kind: v.picklist(['ring', 'corosync', 'spread']),
  connected: v.boolean(),
  trouble: v.nullable(text),
  strangers: rows(v.looseObject({ member: text, why: text })),
});

const report = v.looseObject({
  version: v.literal(1),
  node: text,
  software: text,
  startedMs: count,
  nowMs: count,
  state: v.nullable(text),
  listen: rows(text),
  seconds: rows(second),
  clientsOpen: count,
  inFlight: count,
  servers: rows(v.looseObject({ name: text })),
  addresses: v.nullable(
    v.looseObject({ keeper, holding: rows(text), engine: v.optional(v.nullable(engine)) }),
  ),
  events: rows(event),
});

/** @returns the report, or null when it is none of this version */
export function parseReport(body: string): NodeReport | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  return v.is(report, value) ? (value as unknown as NodeReport) : null;
}
