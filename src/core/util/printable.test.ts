import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableLines } from './printable.ts';

test('printable() writes out what would move a cursor, and nothing else', () => {
  equal(printable('a\x1b[2Jb\nc\x7f\x9b'), 'a\\x1b[2Jb\\x0ac\\x7f\\x9b');
  equal(printable('Größe ✔'), 'Größe ✔');
});

test('printableLines() keeps lines, and sets in all but the first', () => {
  equal(printableLines('a\nb\rc'), 'a\n  b\\x0dc');
});
