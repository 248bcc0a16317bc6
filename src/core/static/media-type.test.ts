/** Types by name. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { mediaType } from './media-type.ts';

const rows: readonly (readonly [string, string])[] = [
  ['index.html', 'text/html; charset=utf-8'],
  ['INDEX.HTML', 'text/html; charset=utf-8'],
  ['a.tar.gz', 'application/gzip'],
  ['Makefile', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['a.', 'application/octet-stream'],
  ['a.exe', 'application/octet-stream'],
  // Names of what every object has.
  ['a.constructor', 'application/octet-stream'],
  ['a.__proto__', 'application/octet-stream'],
];

for (const [name, type] of rows) {
  test(`mediaType() is ${type} when a file is called ${name}`, () => {
    equal(mediaType(name), type);
  });
}
