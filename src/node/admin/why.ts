/**
 * `why`, as the control socket and the admin API ask it: a query, and what this node knows.
 *
 *     GET /why?id=2-k3f9
 *     GET /why?target=/shop?cart=1&host=www.example.com&field=Cookie:PHPSESSID=0a000001x
 *
 * What a newcomer gets wrong: the main thread asks the chain here, not a worker. A function of the
 * user's own runs in another copy of its module, without whatever it has gathered in the worker.
 */
import { nearest } from '../../config/suggest.ts';
import type { Server } from '../../core/candidacy/candidates.ts';
import type { ClusterConfig } from '../../core/cluster/config.ts';
import type { TableHistory } from '../../core/report/table-history.ts';
import { type WhySubject, why as whyOf } from '../../core/report/why.ts';
import type { WhyAnswer } from '../../core/report/why-answer.ts';
import type { ZoneMap } from '../../core/zone/zone-of.ts';
import { PORT_DEFAULT } from '../../proxy/decision.ts';
import type { RequestLog } from './request-log.ts';

export type WhyQuery =
  | { readonly kind: 'past'; readonly id: string }
  | {
      readonly kind: 'hypothetical';
      readonly method: string;
      readonly target: string;
      readonly host: string;
      readonly client: string;
      readonly fields: readonly (readonly [name: string, value: string])[];
    };

export type WhySources = {
  readonly requests: RequestLog;
  readonly history: TableHistory;
  readonly config: ClusterConfig;
  readonly zones: ZoneMap;
  /** The cluster table as it is. */
  readonly known: () => readonly Server[];
  readonly nowMs: () => number;
};

export type WhyFailed = { readonly error: string };

/** A picture of the table that is further from the request is of another time. */
const PICTURE_GAP_MS_MAX = 3_000;

const KEYS = ['id', 'method', 'target', 'host', 'client', 'field', 'format'];

/** @returns the query, or what is wrong with it */
export function whyQueryOf(parameters: URLSearchParams): WhyQuery | WhyFailed {
  for (const key of parameters.keys()) {
    if (KEYS.includes(key)) continue;
    const meant = nearest(key, KEYS);
    const hint = meant === null ? `there are ${KEYS.join(', ')}` : `did you mean "${meant}"?`;
    return { error: `"${key}" is nothing to ask by: ${hint}` };
  }
  const id = parameters.get('id');
  if (id !== null) return { kind: 'past', id };
  const written = parameters.get('target');
  if (written === null) return { error: 'say which request: id=2-k3f9, or target=/path' };
  const url = /^https?:\/\//i.test(written) ? URL.parse(written) : null;
  const target = url === null ? written : url.pathname + url.search;
  if (!/^[/*]/.test(target)) {
    return { error: `"${target}" is no target: expected a path that begins with "/", or a URL` };
  }
  const fields: [string, string][] = [];
  for (const text of parameters.getAll('field')) {
    const colon = text.indexOf(':');
    if (colon < 1) return { error: `"${text}" is no field: expected Name: value` };
    fields.push([text.slice(0, colon).trim(), text.slice(colon + 1).trim()]);
  }
  const host = parameters.get('host') ?? url?.host ?? '';
  if (host !== '' && !fields.some(([name]) => name.toLowerCase() === 'host')) {
    fields.unshift(['Host', host]);
  }
  return {
    kind: 'hypothetical',
    method: (parameters.get('method') ?? 'GET').toUpperCase(),
    target,
    host,
    client: parameters.get('client') ?? '127.0.0.1',
    fields,
  };
}

export function why(query: WhyQuery, sources: WhySources): WhyAnswer | WhyFailed {
  const { requests, history, config, zones, known, nowMs } = sources;
  const kept = query.kind === 'past' ? requests.find(query.id) : null;
  if (query.kind === 'past' && kept === null) return { error: notKept(query.id, config) };
  const subject: WhySubject =
    kept === null
      ? { ...(query as Extract<WhyQuery, { kind: 'hypothetical' }>), kept }
      : { ...kept.record, fields: kept.fields, kept };
  const then = kept === null ? null : history.at(kept.record.atMs, PICTURE_GAP_MS_MAX);
  const table =
    then === null ? { known: known(), takenMs: nowMs(), ofThen: false } : { ...then, ofThen: true };
  return whyOf(subject, {
    node: config.nodeName,
    zones,
    onEmpty: config.onEmpty,
    portDefault: PORT_DEFAULT,
    local: localText(config),
    table,
    nowMs: nowMs(),
    random: Math.random,
  });
}

function notKept(id: string, { record }: ClusterConfig): string {
  const form = /^\d+-[0-9a-z]+$/.test(id) ? '' : ' (ids look like 2-k3f9)';
  const sampled = record ? '' : '; without record: true only some requests are recorded';
  return `no request "${id}" is remembered here${form}: only the newest are${sampled}`;
}

function localText({ application, documentRoot }: ClusterConfig): string {
  if (application?.kind === 'unix') return `the application at ${application.path}`;
  if (application !== null) return `the application at ${application.host}:${application.port}`;
  return documentRoot === null ? 'nothing: there is no application' : `files in ${documentRoot}`;
}
