/**
 * Documents lead somewhere: each link has its end, and each page can be reached from README.md.
 */
import { deepEqual, ok } from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];

/** Files of the project that a page links to, as paths from the root; no URLs, no headings. */
function linksOf(page: string): string[] {
  const prose = readFileSync(join(ROOT, page), 'utf8').replace(/^```.*?^```/gms, '');
  return [...prose.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target));
}

test('every link between documents has its end', () => {
  const links = pages.flatMap((page) => linksOf(page).map((target) => ({ page, target })));
  ok(links.length > 80);
  deepEqual(
    links.filter(({ target }) => !existsSync(join(ROOT, target))),
    [],
  );
});

test('every page of the documentation can be reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    if (page.endsWith('.md')) for (const target of linksOf(page)) reached.add(target);
    // The records of decisions are listed by their directory.
    if (page === 'docs/decisions/')
      for (const one of pages) if (one.startsWith(page)) reached.add(one);
  }
  deepEqual(
    pages.filter((page) => !reached.has(page)),
    [],
  );
});
