/** Goal: a load file is understood, or refused, and never taken for something else. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoadReport, usedMilli } from './load-report.ts';

const REPORTS: readonly [text: string, expected: ReturnType<typeof parseLoadReport>][] = [
  ['0.42\n', { kind: 'load', loadMilli: 420 }],
  ['7', { kind: 'load', loadMilli: 7_000 }],
  ['0.25 0.30 0.35 1/123 456\n', { kind: 'load', loadMilli: 250 }],
  ['usage_usec 1234\nuser_usec 1000\n', { kind: 'used', cpuTimeUs: 1_234 }],
  ['user_usec 1000\nusage_usec 1234\n', { kind: 'used', cpuTimeUs: 1_234 }],
  ['', null],
  ['busy', null],
  ['-1', null],
  ['1e3', null],
  ['0.5x', null],
  ['1000001', null],
  ['some avg10=0.00 avg60=0.00 avg300=0.00 total=0', null],
];

test('parseLoadReport() understands a load and a control group, and nothing else', () => {
  for (const [text, expected] of REPORTS) deepEqual(parseLoadReport(text), expected, text);
});

test('usedMilli() is the processors in use between two readings', () => {
  const before = { cpuTimeUs: 1_000_000, atMs: 10_000 };
  equal(usedMilli(before, { cpuTimeUs: 1_500_000, atMs: 11_000 }), 500);
  equal(usedMilli(before, { cpuTimeUs: 9_000_000, atMs: 12_000 }), 4_000);
  equal(usedMilli(before, { cpuTimeUs: 2_000_000, atMs: 10_000 }), 0, 'no time passed');
  equal(usedMilli(before, { cpuTimeUs: 0, atMs: 11_000 }), 0, 'a new group');
});
