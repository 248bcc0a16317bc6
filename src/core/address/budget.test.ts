/** The printed bound is the sum of its terms, and follows profile, policy and pool. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { budgets, fenceMs } from './budget.ts';

const serve = { kind: 'serve' } as const;
const quorum = { kind: 'quorum', nodes: 3, marginMs: 200 } as const;

test('budgets() adds up what each event costs', () => {
  const cases = [
    [{ profile: 'lan', policy: serve, addressCount: 4 }, [240, 41, 240]],
    [{ profile: 'fast', policy: serve, addressCount: 4 }, [55, 24, 55]],
    [{ profile: 'lan', policy: quorum, addressCount: 4 }, [440, 241, 440]],
    [{ profile: 'lan', policy: serve, addressCount: 1_000 }, [480, 281, 480]],
  ] as const;
  for (const [options, totals] of cases) {
    const found = budgets(options);
    deepEqual(
      found.map(({ totalMs }) => totalMs),
      totals,
    );
    for (const { terms, totalMs } of found) {
      equal(
        terms.reduce((sum, { ms }) => sum + ms, 0),
        totalMs,
      );
    }
  }
});

test('fenceMs() gives the kernel a second and a quarter more than the address is valid', () => {
  deepEqual(fenceMs(3_000), { guardMs: 1_000, kernelMs: 4_250 });
});
