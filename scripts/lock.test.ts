/**
 * Goal: `npm ci` accepts the lock file on every platform, not just where it was last written.
 *
 * npm leaves packages for other platforms out when it cannot ask its registry for them, and then
 * refuses its own file.
 */
import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Entry = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

test('package-lock.json has an entry for each package that another entry asks for', () => {
  const path = join(import.meta.dirname, '../package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> };
  const wanted = Object.values(lock.packages).flatMap((entry) => [
    ...Object.keys(entry.dependencies ?? {}),
    ...Object.keys(entry.optionalDependencies ?? {}),
  ]);
  ok(wanted.length > 20, `${wanted.length} packages`);
  const missing = wanted.filter((name) => lock.packages[`node_modules/${name}`] === undefined);
  deepEqual(missing, []);
});
