/** Regular expressions of Apache: judged by what they match here, not by how they are spelled. */
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { isComplaint } from '../values.ts';
import { translateRegex } from './pattern.ts';

/** Expression, a text it matches, a text it does not. */
const translated = [
  ['\\.php$', 'a.php', 'a.phps'],
  ['\\.(gif|jpe?g)$', 'a.jpg', 'a.png'],
  ['^/[[:alpha:]_]+$', '/a_b', '/a1'],
  ['^[^[:space:]]+$', 'ab', 'a b'],
  ['^[]a]+$', ']a', 'b'],
  ['^[^]a]+$', 'b', ']'],
  ['^[a[b]+$', 'a[b', 'c'],
  ['(?i)\\.PHP$', 'a.php', 'a.phps'],
  ['(?i:\\.PHP)$', 'a.php', 'a.phps'],
  ['(?P<name>a)\\1', 'aa', 'ab'],
  ['\\Aab\\z', 'ab', 'abc'],
  ['\\<ab\\>', 'x ab y', 'xaby'],
  ['a(?#comment)b', 'ab', 'acb'],
  ['a\\hb', 'a\tb', 'ab'],
  ['a/b', 'a/b', 'ab'],
  ['^(?!/img/)', '/a', '/img/a'],
  ['a{2}', 'aa', 'a'],
] as const;

for (const [source, matching, other] of translated) {
  test(`translateRegex() keeps the meaning when it reads ${source}`, () => {
    const read = translateRegex(source);
    ok(!isComplaint(read));
    equal(new RegExp(read.value).test(matching), true, matching);
    equal(new RegExp(read.value).test(other), false, other);
    equal(new RegExp(read.value).source, read.value, 'a literal of it reads back the same');
  });
}

const refused = [
  ['*.php', 'nothing to repeat'],
  ['(a', 'unterminated group'],
  ['[a', 'unterminated character class'],
  ['a\\', '\\ at end of pattern'],
  ['(?>a)', 'an atomic group'],
  ['a++', 'a possessive quantifier'],
  ['a{1,2}+', 'a possessive quantifier'],
  ['\\Qa\\E', 'an escape that only PCRE has'],
  ['(?x) a', 'these flags'],
  ['a(?i)b', 'these flags'],
  ['(?R)', 'recursion'],
  ['(?(1)a|b)', 'a condition'],
  ['(*UTF8)a', 'a verb'],
] as const;

for (const [source, reason] of refused) {
  test(`translateRegex() says "${reason}" when it reads ${source}`, () => {
    const read = translateRegex(source);
    ok(isComplaint(read));
    ok(read.complaint.message.includes(reason), read.complaint.message);
  });
}
