/**
 * Goal: every spelling of a path ends in one form, and what programs read differently is refused.
 */
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { targetPath } from './target-path.ts';

const paths: readonly (readonly [target: string, path: string])[] = [
  ['/', '/'],
  ['/a/b.php', '/a/b.php'],
  ['/a?b=/../c', '/a'],
  ['/?', '/'],
  ['/a%20b', '/a b'],
  ['/%7Euser', '/~user'],
  ['/%c3%a9', '/é'],
  ['/%e9', '/é'],
  ['/a//b///c', '/a/b/c'],
  ['//host/a', '/host/a'],
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/a/b/..', '/a/'],
  ['/a/.', '/a/'],
  ['/a//../b', '/b'],
  ['/a/%2e%2E/b', '/b'],
  ['/%252e%252e/b', '/%2e%2e/b'],
  ['/.htaccess', '/.htaccess'],
  ['/a/...', '/a/...'],
  ['/a+b', '/a+b'],
  ['http://example.com/a/../b?c', '/b'],
  ['http://example.com', '/'],
  ['http://example.com?q', '/'],
  ['*', ''],
  ['example.com:443', ''],
];

const refusals: readonly (readonly [target: string, status: number, reason: string])[] = [
  ['/a%2fb', 404, 'encoded slash'],
  ['/a%2Fb', 404, 'encoded slash'],
  ['/a%00.php', 404, 'encoded NUL'],
  ['/a%0', 400, 'invalid percent escape'],
  ['/a%zz', 400, 'invalid percent escape'],
  ['/100%', 400, 'invalid percent escape'],
  ['/..', 400, 'path above the root'],
  ['/a/../../etc/passwd', 400, 'path above the root'],
  ['/%2e%2e/etc/passwd', 400, 'path above the root'],
];

test('targetPath() decodes once, merges slashes and removes dot segments', () => {
  for (const [target, path] of paths) {
    deepEqual(targetPath(target), { kind: 'path', path }, target);
  }
});

test('targetPath() refuses what different programs would read differently', () => {
  for (const [target, status, reason] of refusals) {
    deepEqual(targetPath(target), { kind: 'refused', refusal: { status, reason } }, target);
  }
});
