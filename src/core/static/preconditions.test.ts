/** Conditional requests, row by row of RFC 9110 13.2.2. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type Conditions, dateSeconds, ifRangeHolds, preconditionStatus } from './preconditions.ts';

const NONE: Conditions = {
  ifMatch: null,
  ifNoneMatch: null,
  ifModifiedSince: null,
  ifUnmodifiedSince: null,
};
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT';
const SAME = 'Sun, 06 Nov 1994 08:49:37 GMT';
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT';
const representation = { etag: '"a"', modifiedMs: 784_111_777_900 };

const rows: readonly (readonly [Partial<Conditions>, 304 | 412 | null])[] = [
  [{}, null],
  [{ ifMatch: '*' }, null],
  [{ ifMatch: '"b", "a"' }, null],
  [{ ifMatch: '"b"' }, 412],
  [{ ifMatch: 'W/"a"' }, 412],
  [{ ifMatch: '"a"', ifUnmodifiedSince: BEFORE }, null],
  [{ ifUnmodifiedSince: BEFORE }, 412],
  [{ ifUnmodifiedSince: SAME }, null],
  [{ ifUnmodifiedSince: 'yesterday' }, null],
  [{ ifNoneMatch: '*' }, 304],
  [{ ifNoneMatch: '"a"' }, 304],
  [{ ifNoneMatch: '"b", W/"a"' }, 304],
  [{ ifNoneMatch: '"b"' }, null],
  [{ ifNoneMatch: '"b"', ifModifiedSince: AFTER }, null],
  [{ ifModifiedSince: BEFORE }, null],
  [{ ifModifiedSince: SAME }, 304],
  [{ ifModifiedSince: AFTER }, 304],
  [{ ifModifiedSince: 'never' }, null],
  [{ ifMatch: '"b"', ifNoneMatch: '"a"' }, 412],
];

for (const [conditions, status] of rows) {
  test(`preconditionStatus() is ${status} when asked ${JSON.stringify(conditions)}`, () => {
    equal(preconditionStatus({ ...NONE, ...conditions }, representation), status);
  });
}

const ifRanges: readonly (readonly [string | null, boolean])[] = [
  [null, true],
  ['"a"', true],
  ['"b"', false],
  ['W/"a"', false],
  [SAME, true],
  [BEFORE, false],
  [AFTER, false],
  ['nonsense', false],
];

for (const [field, holds] of ifRanges) {
  test(`ifRangeHolds() is ${holds} when asked ${field}`, () => {
    equal(ifRangeHolds(field, representation), holds);
  });
}

test('dateSeconds() agrees with the clock of the machine when a date is one', () => {
  for (let day = 0; day < 60_000; day += 37) {
    const ms = day * 86_400_000 + 12_345_000;
    equal(dateSeconds(new Date(ms).toUTCString()), ms / 1_000);
  }
});

test('dateSeconds() is null when a date is none', () => {
  for (const text of [
    null,
    '',
    'x',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
  ]) {
    equal(dateSeconds(text), null, `${text}`);
  }
});
