import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { columns, cut } from './columns.ts';

const HEADS = [
  { title: 'NAME', align: 'left' },
  { title: 'N', align: 'right' },
] as const;

test('columns() are as wide as their widest cell, colour not counted', () => {
  deepEqual(
    columns(HEADS, [
      ['\x1b[1mweb1\x1b[22m', '7'],
      ['a', '100'],
    ]),
    ['NAME    N', '\x1b[1mweb1\x1b[22m    7', 'a     100'],
  );
});

test('columns() cuts lines that are too long, and fills what is missing', () => {
  deepEqual(columns(HEADS, [['a-long-name']], 6), ['NAME …', 'a-lon…']);
});

test('cut() leaves what fits as it is', () => {
  equal(cut('\x1b[1mweb1\x1b[22m', 4), '\x1b[1mweb1\x1b[22m');
  equal(cut('\x1b[1mweb10\x1b[22m', 4), 'web…');
});
