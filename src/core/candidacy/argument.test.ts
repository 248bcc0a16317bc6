/**
 * Goal: arguments mean what their writer thought, and what means nothing is refused with a hint.
 */
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { isArgumentError, parseDecimal, parseDurationMs } from './argument.ts';
import { BUILTINS, builtinNamed } from './builtins.ts';
import { byAge } from './by-age.ts';
import { byHostname } from './by-hostname.ts';
import { byLoad } from './by-load.ts';

test('parseDurationMs() takes seconds, or a unit', () => {
  const durations: readonly (readonly [text: string, ms: number | null])[] = [
    ['20', 20_000],
    ['0', 0],
    ['1.5', 1_500],
    ['.5', 500],
    ['20s', 20_000],
    ['250ms', 250],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['20S', 20_000],
    [' 5 ', 5_000],
    ['', null],
    ['-1', null],
    ['1e3', null],
    ['20 s', null],
    ['1d', null],
    ['NaN', null],
    ['9'.repeat(400), null],
  ];
  for (const [text, ms] of durations) {
    const parsed = parseDurationMs(text);
    equal('ms' in parsed ? parsed.ms : null, ms, text);
  }
});

test('parseDecimal() takes a plain number only', () => {
  const numbers: readonly (readonly [text: string, value: number | null])[] = [
    ['0.5', 0.5],
    ['-1', -1],
    ['+2', 2],
    ['.25', 0.25],
    ['1.', 1],
    ['1,5', null],
    ['1.5x', null],
    ['0x10', null],
    ['1e3', null],
    ['', null],
    ['Infinity', null],
  ];
  for (const [text, value] of numbers) {
    const parsed = parseDecimal(text);
    equal('value' in parsed ? parsed.value : null, value, text);
  }
});

const parsed: readonly (readonly [name: string, argument: string | null, traced: string | null])[] =
  [
    ['byAge', null, 'byAge'],
    ['byAge', '5', 'byAge 5'],
    ['byAge', 'five', null],
    ['byLoad', '0.5', 'byLoad 0.5'],
    ['byLoad', 'much', null],
    ['byBusyChildren', '2', 'byBusyChildren 2'],
    ['byBusyChildren', '', null],
    ['byCPU', null, 'byCPU'],
    ['byCPU', 'ONLY', 'byCPU ONLY'],
    ['byCPU', '3', null],
    ['byRandom', null, 'byRandom'],
    ['byRandom', '4', null],
    ['removeSelf', 'please', null],
    ['byHostname', '^web', 'byHostname ^web'],
    ['byHostname', null, null],
    ['byHostname', '(', null],
    ['byHostname', '[[:alpha:]]+', null],
    ['bySession', null, 'bySession'],
    ['bySession', 'sid=', 'bySession sid='],
    ['bySession', '', null],
    ['HTTPRedirectToIP', null, 'HTTPRedirectToIP'],
    ['HTTPRedirectToName', null, 'HTTPRedirectToName'],
    ['HTTPRedirectToName', '%1S.%-1H', 'HTTPRedirectToName %1S.%-1H'],
    ['HTTPRedirectToName', '%Q', null],
  ];

test('Builtin.parse() names the function as written, or says what is wrong', () => {
  for (const [name, argument, traced] of parsed) {
    const result = builtinNamed(name)!.parse(argument);
    if (traced === null) ok(isArgumentError(result), `${name} ${argument}`);
    else equal(isArgumentError(result) ? result.error : result.name, traced);
  }
});

test('builtinNamed() does not care for case, and knows all of the article but off', () => {
  const article = [
    'addSelf removeSelf byAge byLoad byBusyChildren byCPU byLogWindow byRandom byCost',
    'HTTPRedirectToIP HTTPRedirectToName bySession byHostname addPrediction',
  ];
  const names = article.join(' ').split(' ');
  for (const name of names) equal(builtinNamed(name.toUpperCase())?.name, name);
  deepEqual(BUILTINS.map(({ name }) => name).toSorted(), names.toSorted());
  equal(builtinNamed('off'), null);
});

test('a typed constructor throws at the line that wrote a wrong argument', () => {
  throws(() => byAge('soon' as '5s'), /^TypeError: byAge: expected a number of seconds/);
  throws(() => byLoad(Number.NaN), /^TypeError: byLoad: expected a number, found "NaN"/);
  throws(() => byHostname('('), /^TypeError: byHostname: expected a regular expression/);
  match(byAge('20s').name, /^byAge 20s$/);
});
