/** Lines and words of Apache files, each with the spot it stands at. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Diagnostics } from '../diagnostic.ts';
import { type Line, lexLines } from './lexer.ts';

function lex(source: string): { lines: Line[]; codes: string[] } {
  const diagnostics = new Diagnostics();
  const lines = lexLines('a.conf', source, diagnostics);
  return { lines, codes: diagnostics.list.map(({ code }) => code) };
}

/** A line as `kind name|word|word`. */
function shown(line: Line): string {
  const words = line.kind === 'close' ? [] : line.words.map(({ text }) => text);
  return `${line.kind} ${[line.name.text, ...words].join('|')}`;
}

const lines = [
  ['a directive', 'Listen 80', ['directive Listen|80']],
  ['blanks around it', '\t Listen\t 80 \t \n', ['directive Listen|80']],
  ['nothing', '\n  \n\t\n', []],
  ['a comment', '# Listen 80\n  # more\nListen 81', ['directive Listen|81']],
  ['a "#" further on', 'Listen 80 # why', ['directive Listen|80|#|why']],
  ['a continued line', 'Listen \\\n  80\nPort 1', ['directive Listen|80', 'directive Port|1']],
  ['a continued word', 'Lis\\\nten 80', ['directive Listen|80']],
  ['a continued line with CRLF', 'Listen \\\r\n80\r\n', ['directive Listen|80']],
  ['a backslash at the end of the file', 'Listen 80\\', ['directive Listen|80']],
  ['a continued comment', '# a \\\nListen 80\nPort 1', ['directive Port|1']],
  ['double quotes', 'ServerName "a b" c', ['directive ServerName|a b|c']],
  ['single quotes', "ServerName 'a \" b'", ['directive ServerName|a " b']],
  ['an empty word', 'ServerName ""', ['directive ServerName|']],
  ['an escaped quote', 'ServerName "a\\"b"', ['directive ServerName|a"b']],
  ['an escaped backslash', 'ServerName "a\\\\b" c\\\\d', ['directive ServerName|a\\b|c\\d']],
  ['a regular expression', '<Files ~ "\\.php$">', ['open Files|~|\\.php$']],
  ['a ">" in a pattern', '<FilesMatch "a>b">', ['open FilesMatch|a>b']],
  ['a bare pattern', '<Location /a>', ['open Location|/a']],
  ['a blank before ">"', '<Location /a >', ['open Location|/a']],
  ['an end', '  </Files>  ', ['close Files']],
  ['a byte order mark', '\ufeffListen 80', ['directive Listen|80']],
] as const;

for (const [what, source, expected] of lines) {
  test(`lexLines() reads ${expected.length} lines when there is ${what}`, () => {
    const { lines: found, codes } = lex(source);
    deepEqual(found.map(shown), expected);
    deepEqual(codes, []);
  });
}

const broken = [
  ['an open quote', 'ServerName "a b', ['directive ServerName|a b']],
  ['an open quote in a section', '<Files "a>', ['open Files|a']],
  ['no ">"', '<Files "a"', ['open Files|a']],
  ['no name', '< >', []],
  ['something behind ">"', '<Files "a"> # all', ['open Files|a']],
  ['an end without ">"', '</Files', []],
] as const;

for (const [what, source, expected] of broken) {
  test(`lexLines() reports one slip when there is ${what}`, () => {
    const { lines: found, codes } = lex(source);
    deepEqual(found.map(shown), expected);
    deepEqual(codes, ['CONFIG_SYNTAX']);
  });
}

test('lexLines() keeps the place of every word when lines are continued', () => {
  const source = '\n  Listen \\\n\t"80" x\\\ny';
  const [line] = lex(source).lines;
  equal(line?.kind, 'directive');
  if (line?.kind !== 'directive') return;
  const spans = [line.name, ...line.words].map(({ span }) => source.slice(span.start, span.end));
  deepEqual(spans, ['Listen', '"80"', 'x\\\ny']);
});
