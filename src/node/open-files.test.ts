/** A document root that cannot be served is told by its setting, its path and the reason. */
import { equal, ok, throws } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFiles } from './open-files.ts';

const directoryIndex = ['index.html'];
const file = import.meta.filename;

const refused = [
  ['is missing', '/nonexist', 'there is no such directory'],
  ['is a file', file, 'it is no directory'],
  ['is below a file', join(file, 'www'), 'it is no directory'],
] as const;

for (const [what, documentRoot, reason] of refused) {
  test(`openFiles() names the setting, the path and why when the directory ${what}`, () => {
    const message = `cannot serve DocumentRoot "${documentRoot}": ${reason}`;
    throws(() => openFiles({ application: null, documentRoot, directoryIndex }), { message });
  });
}

test('openFiles() opens a directory, and looks for none when it is not to serve files', () => {
  const documentRoot = import.meta.dirname;
  ok(openFiles({ application: null, documentRoot, directoryIndex }) !== null);
  equal(openFiles({ application: null, documentRoot: null, directoryIndex }), null);
  const application = { kind: 'unix', path: '/run/a' } as const;
  equal(openFiles({ application, documentRoot: '/nonexist', directoryIndex }), null);
});
