/**
 * Reference pages say what the code says: each is held to its table, in both directions.
 *
 *     UPDATE=1 node --test test/docs.test.ts     writes the pages that are made: read the diff
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { statusParts } from '../src/admin/admin.fixture.ts';
import { METRICS } from '../src/admin/metrics.ts';
import { statusOf } from '../src/admin/status.ts';
import { OUTCOMES } from '../src/core/relay/outcome.ts';
import { EVENT_KINDS } from '../src/core/report/node-report.ts';
import { WAYS } from '../src/core/report/record-layout.ts';
import { STATES } from '../src/core/report/server-status.ts';
import { COMMANDS, READS } from '../src/node/admin/admin-api.ts';
import {
  CLUSTER_PICTURE,
  DONE,
  NODE_REPORT,
  RELOADED,
  REQUEST_RECORD,
  WHY_ANSWER,
} from './api-samples.ts';

function pageUrl(name: string): URL {
  return new URL(`../docs/reference/${name}`, import.meta.url);
}

function holdTo(name: string, rendered: string): void {
  if (process.env['UPDATE'] === '1') writeFileSync(pageUrl(name), rendered);
  equal(readFileSync(pageUrl(name), 'utf8'), rendered);
}

const OUTCOMES_HEAD = `# How a request can end

Every request that reaches a node ends with exactly one of these outcomes. It is counted
(\`forehand_outcomes_total\`), shown on the status page, and named in the answer when we make one. A 500 of
the application is \`DONE\`: these words are about the relaying, not about the application. This page is
made from \`src/core/relay/outcome.ts\`.

*Side*: who ended it. *Phase*: how far it had come. *Status*: what the client was told, when nothing
had been sent to it yet. *Proxy-Status*: the error type of RFC 9209 in that answer.
`;

function outcomesPage(): string {
  const sections = OUTCOMES.map(({ code, side, phase, status, proxyStatus, meaning, lookAt }) => {
    const told = status === 0 ? 'none of ours' : String(status);
    const facts = `Side: ${side}. Phase: ${phase}. Status: ${told}.`;
    const error = proxyStatus === null ? '' : ` Proxy-Status: \`${proxyStatus}\`.`;
    return `\n## ${code}\n\n${facts}${error}\n\n${meaning}\n\n*Look at:* ${lookAt}\n`;
  });
  return OUTCOMES_HEAD + sections.join('');
}

const METRICS_HEAD = `# Metrics

What \`/backhand/metrics\` gives to Prometheus. Every node speaks for itself: figures of other servers are
what this node last heard of them. A figure that is not known has no sample. This page is made from
\`src/admin/metrics.ts\`.

| metric | type | labels | meaning |
|---|---|---|---|
`;

function metricsPage(): string {
  const rows = METRICS.map(({ name, type, labels, help }) => {
    const names = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${names === '' ? '–' : names} | ${help} |\n`;
  });
  return METRICS_HEAD + rows.join('');
}

test('docs/reference/outcomes.md is the table of outcomes', () => {
  holdTo('outcomes.md', outcomesPage());
});

test('docs/reference/metrics.md is the table of metrics', () => {
  holdTo('metrics.md', metricsPage());
});

/** `servers[].name`; below these, keys are data and not names of fields. */
const KEYED: Readonly<Record<string, string>> = {
  'counters.single': '{name}',
  'counters.outcomes': '{code}',
  'counters.statuses': '{class}',
  announcements: '{result}',
};

/** A list whose entries are told by its own row. */
const WHOLE = ['zones[].chain'];

function fieldsOf(value: unknown, path: string, whole: readonly string[] = WHOLE): string[] {
  if (typeof value !== 'object' || value === null || whole.includes(path)) return [path];
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, `${path}[]`, whole));
  const keyed = KEYED[path];
  if (keyed !== undefined) return [`${path}.${keyed}`];
  return Object.entries(value).flatMap(([key, item]) => {
    return fieldsOf(item, path === '' ? key : `${path}.${key}`, whole);
  });
}

function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell!);
}

test('docs/reference/status.md lists every field of the JSON and every state, and no others', () => {
  const page = readFileSync(pageUrl('status.md'), 'utf8');
  const [, states = '', fields = ''] = page.split(/^## .*$/m);
  deepEqual(firstCells(states), [...STATES]);
  const expected = new Set(fieldsOf(statusOf(statusParts()), ''));
  ok(expected.size > 30);
  deepEqual(new Set(firstCells(fields)), expected);
});

/** Told where they are defined, by name. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  NodeReport: ['servers[]'],
  ClusterPicture: ['nodes[].server', 'nodes[].seconds[]', 'events[]'],
  WhyAnswer: ['happened.record'],
};

const ANSWERS: Readonly<Record<string, readonly unknown[]>> = {
  NodeReport: [NODE_REPORT],
  ClusterPicture: [CLUSTER_PICTURE],
  RequestRecord: [REQUEST_RECORD],
  WhyAnswer: [WHY_ANSWER],
  Done: [DONE],
  Reloaded: RELOADED,
};

function apiSections(): ReadonlyMap<string, string> {
  const parts = readFileSync(pageUrl('api.md'), 'utf8').split(/^## /m);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
}

for (const [name, samples] of Object.entries(ANSWERS)) {
  test(`docs/reference/api.md lists every field of ${name}, and no others`, () => {
    const whole = ELSEWHERE[name] ?? [];
    const fields = samples.flatMap((sample) => fieldsOf(sample, '', whole));
    deepEqual(
      firstCells(apiSections().get(name) ?? '').toSorted(),
      [...new Set(fields)].toSorted(),
    );
  });
}

test('docs/reference/api.md lists every endpoint, event and way, and no others', () => {
  const sections = apiSections();
  const endpoints = firstCells(sections.get('Endpoints') ?? '');
  const words = endpoints.map((cell) => /^(GET|POST) api\/(\w+)/.exec(cell)!.slice(1).join(' '));
  const all = [...READS.map((name) => `GET ${name}`), ...COMMANDS.map((name) => `POST ${name}`)];
  deepEqual(words.toSorted(), all.toSorted());
  deepEqual(firstCells(sections.get('Kinds of events') ?? ''), [...EVENT_KINDS]);
  const way = /^\| `way` \| string \| (.*) \|$/m.exec(sections.get('RequestRecord') ?? '')![1]!;
  deepEqual(
    [...way.matchAll(/`(\w+)`/g)].map(([, word]) => word),
    [...WAYS],
  );
});
