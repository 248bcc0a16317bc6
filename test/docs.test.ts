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
import { STATES, statusOf } from '../src/admin/status.ts';
import { OUTCOMES } from '../src/core/relay/outcome.ts';

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

function fieldsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || WHOLE.includes(path)) return [path];
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, `${path}[]`));
  const keyed = KEYED[path];
  if (keyed !== undefined) return [`${path}.${keyed}`];
  return Object.entries(value).flatMap(([key, item]) => {
    return fieldsOf(item, path === '' ? key : `${path}.${key}`);
  });
}

test('docs/reference/status.md lists every field of the JSON and every state, and no others', () => {
  const page = readFileSync(pageUrl('status.md'), 'utf8');
  const [, states = '', fields = ''] = page.split(/^## .*$/m);
  const firstCells = (text: string) =>
    [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell);
  deepEqual(firstCells(states), [...STATES]);
  const expected = new Set(fieldsOf(statusOf(statusParts()), ''));
  ok(expected.size > 30);
  deepEqual(new Set(firstCells(fields)), expected);
});
