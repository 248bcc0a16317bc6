/** How a diagnostic looks, character by character, and what the collection keeps. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type Diagnostic, Diagnostics, positionAt, renderDiagnostic } from './diagnostic.ts';

function at(start: number, end: number, hint?: string): Diagnostic {
  const place = { file: 'a.conf', span: { start, end } };
  return { code: 'CONFIG_BAD_VALUE', place, message: 'wrong', hint };
}

const positions = [
  ['', 0, '1:1'],
  ['abc', 3, '1:4'],
  ['\nabc', 0, '1:1'],
  ['\nabc', 1, '2:1'],
  ['a\nb\nc', 4, '3:1'],
] as const;

for (const [source, offset, expected] of positions) {
  test(`positionAt() is ${expected} when asked for ${offset} in ${JSON.stringify(source)}`, () => {
    const { line, column } = positionAt(source, offset);
    equal(`${line}:${column}`, expected);
  });
}

const rendered = [
  [
    'one line',
    'Listen x',
    at(7, 8),
    'a.conf:1:8: error: wrong [CONFIG_BAD_VALUE]',
    'Listen x',
    '       ^',
  ],
  [
    'tabs',
    '\tListen\tx',
    at(8, 9),
    'a.conf:1:9: error: wrong [CONFIG_BAD_VALUE]',
    '\tListen\tx',
    '\t      \t^',
  ],
  ['CRLF', 'a\r\nb x\r\n', at(5, 6), 'a.conf:2:3: error: wrong [CONFIG_BAD_VALUE]', 'b x', '  ^'],
  ['no width', 'abc', at(3, 3), 'a.conf:1:4: error: wrong [CONFIG_BAD_VALUE]', 'abc', '   ^'],
  [
    'a span over lines',
    'ab\ncd',
    at(1, 5),
    'a.conf:1:2: error: wrong [CONFIG_BAD_VALUE]',
    'ab',
    ' ^',
  ],
  [
    'control characters',
    'a\x1b[2Jb',
    at(0, 1),
    'a.conf:1:1: error: wrong [CONFIG_BAD_VALUE]',
    'a\ufffd[2Jb',
    '^',
  ],
] as const;

for (const [what, source, diagnostic, head, text, carets] of rendered) {
  test(`renderDiagnostic() points at the spot when there is/are ${what}`, () => {
    const gutter = head.split(':')[1];
    const printed = renderDiagnostic(diagnostic, new Map([['a.conf', source]]));
    equal(printed, `${head}\n  ${gutter} | ${text}\n    | ${carets}`);
  });
}

test('renderDiagnostic() shows a part of the line when it is long', () => {
  const source = `${'x'.repeat(5_000)}!${'y'.repeat(5_000)}`;
  const [, text = '', carets = ''] = renderDiagnostic(
    at(5_000, 5_001),
    new Map([['a.conf', source]]),
  ).split('\n');
  equal(text.length < 200, true);
  equal(text[carets.indexOf('^')], '!');
});

test('renderDiagnostic() says the file alone when there is no spot', () => {
  const place = { file: 'gone.conf', span: null };
  const printed = renderDiagnostic(
    { code: 'CONFIG_FILE_UNREADABLE', place, message: 'cannot read it', hint: 'look again' },
    new Map(),
  );
  equal(printed, 'gone.conf: error: cannot read it [CONFIG_FILE_UNREADABLE]\n  hint: look again');
});

test('renderDiagnostic() escapes control characters in the file name, message and hint', () => {
  const place = { file: 'a\nb.conf', span: null };
  const typed = 'Fooo\x1b[31m\x9b1m\x7f\0';
  const shown = 'Fooo\\x1b[31m\\x9b1m\\x7f\\x00';
  const printed = renderDiagnostic(
    { code: 'CONFIG_BAD_VALUE', place, message: `unknown "${typed}"`, hint: `not ${typed}` },
    new Map(),
  );
  const head = `a\\x0ab.conf: error: unknown "${shown}" [CONFIG_BAD_VALUE]`;
  equal(printed, `${head}\n  hint: not ${shown}`);
});

test('Diagnostics.add() counts what it drops when there are too many', () => {
  const diagnostics = new Diagnostics();
  for (let i = 0; i < 1_000; i++) diagnostics.add(at(0, 0));
  equal(diagnostics.list.length + diagnostics.dropped, 1_000);
  equal(diagnostics.errorCount, 1_000);
});

test('Diagnostics.addOnce() keeps the first when the subject comes again', () => {
  const diagnostics = new Diagnostics();
  diagnostics.addOnce('x', at(0, 0));
  diagnostics.addOnce('x', at(5, 5));
  diagnostics.addOnce('y', at(5, 5));
  equal(diagnostics.list.length, 2);
});
