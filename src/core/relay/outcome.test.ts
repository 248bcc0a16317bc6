/** The table of outcomes keeps its own rules. */
import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { OUTCOMES, outcomeIndex } from './outcome.ts';

test('outcomeIndex() gives each outcome a place of its own when all are counted', () => {
  OUTCOMES.forEach((outcome, index) => {
    equal(outcomeIndex(outcome), index);
  });
});

test('OUTCOMES say what happened and what to look at when an operator reads them', () => {
  for (const { code, status, proxyStatus, meaning, lookAt } of OUTCOMES) {
    match(code, /^[A-Z]+(_[A-Z]+)*$/);
    match(meaning, /\.$/);
    match(lookAt, /\.$/);
    ok(status === 0 || (status >= 400 && status < 600), code);
    // RFC 9209 2.3: error types are tokens of lower case.
    if (proxyStatus !== null) match(proxyStatus, /^[a-z_]+$/);
  }
});
