/** What the status page's script computes, outside of a browser. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { SignatureCheck } from '../src/node/admin/signature.ts';
import { signatureOf } from '../src/page/orders.ts';
import { ageText, msText, numberText } from '../src/page/words.ts';

test('signatureOf() is what a node takes, and of that request only', () => {
  const nowMs = 1_795_000_000_000;
  const request = { method: 'POST', path: '/backhand/api/drain', body: '{"node":"é"}' };
  const check = new SignatureCheck('of the cluster');
  const header = signatureOf('of the cluster', request, nowMs, '0123456789abcdef');
  equal(check.problem(header, request, nowMs), null);
  const other = signatureOf('of another', request, nowMs, 'fedcba9876543210');
  equal(check.problem(other, request, nowMs), 'it is not of our secret');
});

test('figures are short, and what is not known is a dash', () => {
  const cases = [
    [ageText(null), '–'],
    [ageText(340), '0.3 s'],
    [ageText(59_600), '60 s'],
    [ageText(150_000), '3 min'],
    [ageText(4 * 3_600_000), '4 h'],
    [msText(null), '–'],
    [msText(1.25), '1.3 ms'],
    [msText(17.4), '17 ms'],
    [numberText(null), '–'],
    [numberText(0), '0'],
    [numberText(0.456, 2), '0.46'],
  ] as const;
  for (const [text, wanted] of cases) equal(text, wanted);
});
