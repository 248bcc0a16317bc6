/** The committed bundle of the status page is what its sources make, and small. */
import { equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bundlePage, PAGE_DIRECTORY } from '../scripts/bundle-page.ts';

const BYTES_MAX = 150_000;

const bundled = await bundlePage();

for (const { name, text } of bundled) {
  test(`src/admin/page/${name} is as npm run page makes it`, () => {
    equal(readFileSync(join(PAGE_DIRECTORY, name), 'utf8'), text);
  });
}

test('the page is at most 150 kB compressed, and loads nothing from elsewhere', () => {
  const bytes = bundled.reduce((sum, { text }) => sum + gzipSync(text).length, 0);
  ok(bytes <= BYTES_MAX, `${bytes} bytes`);
  for (const { name, text } of bundled) {
    const urls = text.match(/https?:\/\/[^\s"')]+/g) ?? [];
    const outside = urls.filter((url) => !url.startsWith('http://www.w3.org/'));
    equal(outside.join(' '), '', name);
  }
});
