/** Goal: globs match what fnmatch(3) with FNM_PATHNAME matches, in bounded time. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { compileGlob, matchesGlob } from './glob.ts';

const cases: readonly (readonly [glob: string, text: string, matches: boolean])[] = [
  ['*.php', 'a.php', true],
  ['*.php', '.php', true],
  ['*.php', 'a.php5', false],
  ['*.php', 'a/b.php', false],
  ['a*b*c', 'aXbYbZc', true],
  ['a**c', 'abc', true],
  ['*', '', true],
  ['*', 'a/b', false],
  ['/*/x', '/a/x', true],
  ['/*/x', '/a/b/x', false],
  ['/a*/b', '/abc/b', true],
  ['page?.html', 'page1.html', true],
  ['page?.html', 'page.html', false],
  ['a?b', 'a/b', false],
  ['[a-c]x', 'bx', true],
  ['[a-c]x', 'dx', false],
  ['[!a-c]x', 'dx', true],
  ['[^a-c]x', 'bx', false],
  ['[]]x', ']x', true],
  ['[a-]x', '-x', true],
  ['[!a]b', '/b', false],
  ['[abc', '[abc', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['a\\', 'a\\', true],
  ['A', 'a', false],
  ['', '', true],
  ['', 'a', false],
];

test('matchesGlob() matches as fnmatch does', () => {
  for (const [glob, text, matches] of cases) {
    equal(matchesGlob(compileGlob(glob), text), matches, `"${glob}" on "${text}"`);
  }
});

test('matchesGlob() stays quick when many stars nearly match', () => {
  const glob = compileGlob(`${'*a'.repeat(50)}*b`);
  // Finishing at all is the point: a backtracking matcher takes longer than the universe is old.
  equal(matchesGlob(glob, 'a'.repeat(8_000)), false);
});
