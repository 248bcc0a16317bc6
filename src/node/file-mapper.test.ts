import { equal } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileMapper } from './file-mapper.ts';

const root = mkdtempSync(join(tmpdir(), 'forehand-mapper-'));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'shop'));
mkdirSync(join(root, 'empty'));
writeFileSync(join(root, 'shop/index.php'), '');
writeFileSync(join(root, 'x.php'), '');

const cases: readonly (readonly [path: string, file: string])[] = [
  ['/x.php', '/x.php'],
  ['/x.php/info/more', '/x.php'],
  ['/x.php/', '/x.php'],
  ['/shop/', '/shop/index.php'],
  ['/shop', '/shop'],
  ['/empty/', '/empty/'],
  ['/missing/deep', '/missing/deep'],
  ['/x.php/1/2/3/4/5/6/7/8/9', '/x.php/1/2/3/4/5/6/7/8/9'],
  [`/${'a'.repeat(5_000)}`, `/${'a'.repeat(5_000)}`],
];

for (const [path, file] of cases) {
  test(`fileMapper() maps ${path.slice(0, 40)}`, () => {
    equal(fileMapper(`${root}/`, ['index.html', 'index.php'])(path), root + file);
  });
}

test('fileMapper() maps nothing without a document root', () => {
  equal(fileMapper(null, ['index.html'])('/x.php'), null);
});
