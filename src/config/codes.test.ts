/**
 * docs/reference/config-errors.md is the table of codes, and nothing else is.
 *
 *     UPDATE=1 node --test src/config/codes.test.ts     writes the document: read the diff
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { CODES, type CodeEntry } from './codes.ts';

const DOCUMENT = new URL('../../docs/reference/config-errors.md', import.meta.url);

const HEAD = `# Configuration errors

What \`forehand check\` says, by code. An **error** keeps a node from starting; a **warning** does
not, but the node will hardly do what was meant; a **note** is for your information. This page is
made from \`src/config/codes.ts\`.
`;

function render(): string {
  const entries: [string, CodeEntry][] = Object.entries(CODES);
  const sections = entries.map(([code, { severity, happened, weDo, youCan }]) => {
    const rows = [
      `*What happened:* ${happened}`,
      `*What we do:* ${weDo}`,
      `*What you can do:* ${youCan}`,
    ];
    return `\n## ${code}\n\n**${severity}**\n\n${rows.join('\n\n')}\n`;
  });
  return HEAD + sections.join('');
}

test('CODES and docs/reference/config-errors.md agree in both directions', () => {
  if (process.env['UPDATE'] === '1') writeFileSync(DOCUMENT, render());
  equal(readFileSync(DOCUMENT, 'utf8'), render());
});

test('CODES holds no code that nothing reports', () => {
  const sources = globSync('src/config/**/*.ts')
    .filter((path) => !path.endsWith('.test.ts') && !path.endsWith('/codes.ts'))
    .map((path) => readFileSync(path, 'utf8'));
  ok(sources.length > 20, 'run from the top of the project');
  const unused = Object.keys(CODES).filter((code) => {
    return !sources.some((source) => source.includes(`'${code}'`));
  });
  deepEqual(unused, []);
});

test('CODES is written in full sentences', () => {
  for (const [code, entry] of Object.entries(CODES)) {
    for (const text of [entry.happened, entry.weDo, entry.youCan]) {
      ok(/^[A-Z`"].*\.$/s.test(text), `${code}: ${text}`);
    }
  }
});
