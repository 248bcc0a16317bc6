/**
 * Asks a zone's chain about one request, past or hypothetical, and tells all of what it did.
 *
 *     zones ─► the one that decides ─► its chain, function by function ─► way ─► what happened
 *
 * It runs the very functions the relay runs (`choose`, `wayOf`, `ZoneMap`), so it cannot explain
 * another rule than the one in force. What a newcomer gets wrong: for a past request it needs the
 * cluster table of then, and that is a picture up to a second old (table-history.ts). So it may
 * come to another winner than the relay did; it then says so, and what may be the reason.
 */

import type { Asking, Candidacy, Server } from '../candidacy/candidates.ts';
import type { PassName } from '../candidacy/chain.ts';
import { drawsOf } from '../candidacy/draws.ts';
import { type Explanation, explain } from '../candidacy/explain.ts';
import { redirectAuthority } from '../candidacy/redirect.ts';
import { type ChainWay, wayOf } from '../candidacy/way.ts';
import { OUTCOMES } from '../relay/outcome.ts';
import { targetPath } from '../zone/target-path.ts';
import type { ResolvedZone, ZoneMap } from '../zone/zone-of.ts';
import type { KeptRequest } from './request-record.ts';
import type { WhyAnswer, WhyChain, WhyHappened, WhyPass } from './why-answer.ts';
import { differsOf } from './why-differs.ts';
import { zonesOf } from './why-zones.ts';

export type WhySubject = {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly client: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What was recorded of it; null: it is made up. */
  readonly kept: KeptRequest | null;
};

export type WhyParts = {
  readonly node: string;
  readonly zones: ZoneMap;
  readonly onEmpty: 'unavailable' | 'local';
  /** 80 for http. */
  readonly portDefault: number;
  /** What serves what falls to this node, in words: `http://127.0.0.1:3000`. */
  readonly local: string;
  readonly table: {
    readonly known: readonly Server[];
    readonly takenMs: number;
    /** Of the request's time; false where that is no longer kept. */
    readonly ofThen: boolean;
  };
  readonly nowMs: number;
  readonly random: () => number;
};

export function why(subject: WhySubject, parts: WhyParts): WhyAnswer {
  const { target, kept } = subject;
  const mapped = targetPath(target);
  const resolved = parts.zones.of(target);
  const looks = parts.zones.explain(target);
  const chain = chainToAsk(subject, resolved);
  const asked = chain === null ? null : ask(chain, subject, parts);
  const verdict = verdictOf({ subject, parts, resolved, asked });
  const happened = kept === null ? null : happenedOf(kept);
  const told = asked === null || chain === null ? null : chainOf(chain, asked, parts);
  return {
    version: 1,
    id: kept?.record.id ?? null,
    node: parts.node,
    request: {
      method: subject.method,
      target,
      host: subject.host,
      client: subject.client,
      fields: subject.fields.map(([name]) => name),
    },
    path: mapped.kind === 'path' && mapped.path !== '' ? mapped.path : null,
    file: looks[0]?.file ?? null,
    refused: mapped.kind === 'refused' ? mapped.refusal : null,
    zones: zonesOf(looks, resolved),
    zone: resolved?.name ?? null,
    chain: told,
    ...verdict,
    happened,
    differs: kept === null ? null : differsOf(kept, { told, way: verdict.way, chain }),
    notes: notesOf(kept, told, parts),
  };
}

/** Null where no chain is asked: refused, the status page, no balancing, relayed already. */
function chainToAsk(
  { kept }: WhySubject,
  resolved: ResolvedZone | null,
): readonly Candidacy[] | null {
  if (resolved === null || resolved.handler !== null || kept?.record.relayed === true) return null;
  return kept?.record.outcome === 'BAD_REQUEST' ? null : resolved.chain;
}

function ask(chain: readonly Candidacy[], subject: WhySubject, parts: WhyParts): Explanation {
  const { method, target, host, client: clientAddress, fields, kept } = subject;
  const values = (wanted: string): string[] =>
    fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  // Then as now: what counts is how old its announcements were when the request came.
  const nowMs = kept !== null && parts.table.ofThen ? kept.record.atMs : parts.nowMs;
  const seed = kept?.seed ?? 0;
  const asking: Asking = {
    nowMs,
    random: seed === 0 ? parts.random : drawsOf(seed),
    method,
    target,
    host,
    field: (name) => values(name)[0] ?? null,
    fields: values,
    clientAddress,
  };
  return explain(chain, parts.table.known, asking);
}

type Verdict = Pick<WhyAnswer, 'way' | 'because' | 'location'>;

type Facts = {
  readonly subject: WhySubject;
  readonly parts: WhyParts;
  readonly resolved: ResolvedZone | null;
  readonly asked: Explanation | null;
};

function verdictOf({ subject, parts, resolved, asked }: Facts): Verdict {
  const { kept } = subject;
  if (kept?.record.outcome === 'BAD_REQUEST' || resolved === null) {
    const because =
      resolved === null ? 'its path has no one meaning' : 'it is no request that HTTP/1.1 allows';
    return { way: 'refuse', because, location: null };
  }
  if (resolved.handler === 'status') {
    const because = 'the status page answers, whatever chain there is around it';
    return { way: 'status', because, location: null };
  }
  if (asked === null) {
    const why =
      kept?.record.relayed === true
        ? 'another node has balanced it, and a request is balanced once'
        : 'no chain applies to it';
    return { way: 'local', because: `${why}: served here, by ${parts.local}`, location: null };
  }
  const { server, delivery } = asked;
  const way = wayOf(server, delivery, resolved.selfRedirect, parts.onEmpty);
  const facts = { host: subject.host, portDefault: parts.portDefault };
  const authority = server === null ? null : redirectAuthority(delivery, server, facts);
  const location = way === 'redirect' ? `http://${authority}${subject.target}` : null;
  return { way, because: becauseOf(way, asked, parts), location };
}

function becauseOf(way: ChainWay, { server }: Explanation, parts: WhyParts): string {
  switch (way) {
    case 'local':
      return server === null
        ? `the chain left nobody, and what then falls to this node is served by ${parts.local}`
        : `the chain chose this node: served by ${parts.local}`;
    case 'node':
      return `relayed to ${server!.name} at ${server!.address}:${server!.port}`;
    case 'redirect':
      return `the client is sent to ${server!.name}`;
    case 'nobody':
      return 'the chain left nobody: 503';
  }
}

const MEANINGS: Readonly<Record<PassName, string>> = {
  eligible: 'those that are up and were heard of lately',
  sessionless: 'the same without the session, as its server cannot take the request',
  unsuspected: 'the same without those that took no connection',
  everyone: 'all that have anything to serve, as nobody better was left',
};

function chainOf(chain: readonly Candidacy[], asked: Explanation, parts: WhyParts): WhyChain {
  const passes = asked.passes.map(({ pass, given, withheld, steps }): WhyPass => {
    let before = given.map(({ name }) => name);
    const told = steps.map(({ candidacy, left, dropped, fault }) => {
      const after = left.map(judged);
      const step = { candidacy, before, after, dropped: dropped.map(judged), fault };
      before = after.map(({ server }) => server);
      return step;
    });
    return {
      pass,
      meaning: MEANINGS[pass],
      given: given.map(({ name }) => name),
      withheld: withheld.map(judged),
      steps: told,
    };
  });
  const [, ...others] = asked.servers;
  return {
    functions: chain.map(({ name }) => name),
    tableMs: parts.table.takenMs,
    tableOfThen: parts.table.ofThen,
    passes,
    winner: asked.server?.name ?? null,
    others: others.map(({ name }) => name),
    nobody: asked.reason,
  };
}

function judged({ server, figure }: { readonly server: Server; readonly figure: string }) {
  return { server: server.name, figure };
}

function happenedOf({ record }: KeptRequest): WhyHappened {
  const outcome = OUTCOMES.find(({ code }) => code === record.outcome);
  return { record, meaning: outcome?.meaning ?? '', lookAt: outcome?.lookAt ?? '' };
}

function notesOf(kept: KeptRequest | null, told: WhyChain | null, parts: WhyParts): string[] {
  const notes: string[] = [];
  if (told !== null && parts.table.known.length === 0) notes.push('no server is known');
  if (kept === null) {
    if (told?.functions.some((name) => name === 'byRandom')) {
      notes.push('byRandom draws anew for each request: ask again, and it may be another');
    }
    return notes;
  }
  if (kept.cut) notes.push('the head was too long to be kept whole: some fields are missing');
  if (kept.credentials) notes.push('a field with credentials was left out, as always');
  if (kept.chosenAgain) {
    notes.push(
      'the chain was asked again when all of its first list had failed; this is the first',
    );
  }
  return notes;
}
