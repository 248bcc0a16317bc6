import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { SignatureCheck, sign, WINDOW_MS } from './signature.ts';

const REQUEST = { method: 'POST', path: '/api/drain', body: '{"node":"www1"}' };
const NOW_MS = 1_795_000_000_000;

test('SignatureCheck.problem() takes what was signed with the same secret, once', () => {
  const check = new SignatureCheck('of the cluster');
  const header = sign('of the cluster', REQUEST, NOW_MS);
  equal(check.problem(header, REQUEST, NOW_MS + 5), null);
  match(check.problem(header, REQUEST, NOW_MS + 6) ?? '', /used before/);
});

test('SignatureCheck.problem() refuses another secret, method, path and body', () => {
  const header = sign('of the cluster', REQUEST, NOW_MS);
  const others = [
    { ...REQUEST, method: 'GET' },
    { ...REQUEST, path: '/api/resume' },
    { ...REQUEST, body: '{"node":"www2"}' },
  ];
  for (const other of others) {
    match(new SignatureCheck('of the cluster').problem(header, other, NOW_MS) ?? '', /our secret/);
  }
  match(new SignatureCheck('another').problem(header, REQUEST, NOW_MS) ?? '', /our secret/);
});

test('SignatureCheck.problem() refuses what is too old or too far ahead, and says by how much', () => {
  const check = new SignatureCheck('s');
  for (const [apartMs, said] of [
    [WINDOW_MS + 1_000, /31 s ago/],
    [-WINDOW_MS - 1_000, /-31 s ago/],
  ] as const) {
    const header = sign('s', REQUEST, NOW_MS);
    match(check.problem(header, REQUEST, NOW_MS + apartMs) ?? '', said);
  }
});

test('SignatureCheck.problem() says what a signature looks like', () => {
  const check = new SignatureCheck('s');
  for (const header of ['', 'Bearer s', 't=1, n=, s=', `t=1, n=a b, s=${'0'.repeat(64)}`]) {
    match(check.problem(header, REQUEST, NOW_MS) ?? '', /t=, n=, s=/, header);
  }
});
