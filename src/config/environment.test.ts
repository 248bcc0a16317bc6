/** The real files, where they differ from any in memory: devices, links, missing and forbidden. */
import { deepEqual, equal, throws } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { reasonOf, systemEnvironment } from './environment.ts';

const { readFile, list } = systemEnvironment({ nodeName: null, defines: [] });
const directory = mkdtempSync(join(tmpdir(), 'forehand-environment-'));
after(() => rmSync(directory, { recursive: true }));

test('readFile() gives the whole text when the file is just small enough', () => {
  const path = join(directory, 'large');
  writeFileSync(path, 'é'.repeat(524_288));
  equal(readFile(path).length, 524_288);
  writeFileSync(path, 'x'.repeat(1_048_577));
  throws(() => readFile(path), { code: 'EFBIG' });
  rmSync(path);
});

const unreadable = [
  ['/dev/zero', 'it is larger than 1 MiB'],
  [tmpdir(), 'it is a directory'],
  ['/nowhere/at/all', 'there is no such file'],
  ['/dev/null/file', 'a part of its path is not a directory'],
] as const;

for (const [path, reason] of unreadable) {
  test(`reasonOf() says "${reason}" when ${path} is read`, () => {
    let said = 'nothing';
    try {
      readFile(path);
    } catch (error) {
      said = reasonOf(error);
    }
    equal(said, reason);
  });
}

test('list() gives names in order, and a link as a file, when it reads a directory', () => {
  mkdirSync(join(directory, 'b'));
  writeFileSync(join(directory, 'c'), '');
  symlinkSync(directory, join(directory, 'a'));
  deepEqual(list(directory), [
    { name: 'a', kind: 'file' },
    { name: 'b', kind: 'directory' },
    { name: 'c', kind: 'file' },
  ]);
  equal(list(join(directory, 'c')), null);
  equal(list('/nowhere/at/all'), null);
});
