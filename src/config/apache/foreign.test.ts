/** Our words and Apache's are apart, or a directive of ours could be ignored in silence. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { FOREIGN_DIRECTIVES, isForeignDirective } from './foreign.ts';
import { RULES } from './walk.ts';

test('isForeignDirective() is false when a directive is ours', () => {
  deepEqual([...RULES.keys(), 'include', 'includeoptional'].filter(isForeignDirective), []);
});

const foreign = [
  ['KeepAlive', true],
  ['keepalive', true],
  ['SSLEngine', true],
  ['H2MaxWorkers', true],
  ['RewriteRule', true],
  ['php_value', true],
  ['Bakchand', false],
  ['Lissten', false],
  ['Frobnicate', false],
] as const;

for (const [name, expected] of foreign) {
  test(`isForeignDirective() is ${expected} when asked for ${name}`, () => {
    equal(isForeignDirective(name), expected);
  });
}

test('FOREIGN_DIRECTIVES names each directive once', () => {
  const names = FOREIGN_DIRECTIVES.map((name) => name.toLowerCase());
  equal(new Set(names).size, names.length);
});
