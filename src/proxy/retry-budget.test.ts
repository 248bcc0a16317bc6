/** A fifth of all requests, ten a second, and never more than is saved up. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { RetryBudget } from './retry-budget.ts';

function grants(budget: RetryBudget, atMs: number, tries: number): number {
  let granted = 0;
  for (let i = 0; i < tries; i++) if (budget.withdraw(atMs)) granted++;
  return granted;
}

test('withdraw() grants ten at once when nothing has happened yet', () => {
  equal(grants(new RetryBudget(1_000), 1_000, 100), 10);
});

test('withdraw() grants a fifth of the requests when time stands still', () => {
  const budget = new RetryBudget(1_000);
  grants(budget, 1_000, 10);
  // A little over, as a fifth is no binary fraction.
  for (let i = 0; i < 501; i++) budget.deposit();
  equal(grants(budget, 1_000, 1_000), 100);
});

test('withdraw() grants ten more when a second has passed', () => {
  const budget = new RetryBudget(1_000);
  grants(budget, 1_000, 10);
  equal(grants(budget, 2_000, 100), 10);
});

test('withdraw() grants 256 when a day was quiet or busy', () => {
  const quiet = new RetryBudget(0);
  equal(grants(quiet, 86_400_000, 1_000), 256);
  const busy = new RetryBudget(0);
  for (let i = 0; i < 1_000_000; i++) busy.deposit();
  equal(grants(busy, 0, 1_000), 256);
});
