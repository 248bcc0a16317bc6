/** Whose configuration counts, and what is said of the others. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { poolOf } from './keeper.fixture.ts';
import { type Terms, termsOf } from './member-facts.ts';
import { describeDifference, referenceOf } from './reference.ts';

const FOUR = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];

function terms(names: readonly string[], nodes = 0): Terms {
  const policy =
    nodes === 0
      ? ({ kind: 'serve' } as const)
      : ({ kind: 'quorum', nodes, marginMs: 200 } as const);
  return termsOf({ pool: poolOf(names), policy });
}

const full = terms(FOUR);
const short = terms(FOUR.slice(0, 3));

test('referenceOf() goes by mature members, then members, then names', () => {
  const member = (name: string, own: Terms, mature = false) => ({ name, mature, terms: own });
  const cases = [
    [[member('a', short, true), member('b', full), member('c', full)], ['a']],
    [
      [member('a', short), member('b', full), member('c', full)],
      ['b', 'c'],
    ],
    [
      [member('a', short, true), member('b', full, true), member('c', full)],
      ['b', 'c'],
    ],
    [[member('a', short), member('b', full)], ['a']],
  ] as const;
  for (const [members, names] of cases) deepEqual(referenceOf(members).names, names);
});

test('describeDifference() names the first thing that differs', () => {
  const regrouped: Terms = {
    ...full,
    pool: [
      { name: '10.0.0.1', addresses: [...full.pool[0]!.addresses, ...full.pool[1]!.addresses] },
      ...full.pool.slice(2),
    ],
  };
  const [first, ...rest] = full.pool;
  const wider = {
    name: '10.0.0.1',
    addresses: [{ address: '10.0.0.1', prefixLength: 16 }],
  };
  const many = terms([...FOUR, '10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.4', '10.0.1.5']);
  const cases: readonly (readonly [Terms, string])[] = [
    [short, 'c lacks 10.0.0.4, which a, b have'],
    [terms([...FOUR, '10.0.0.9']), 'c has 10.0.0.9, which a, b lack'],
    [many, 'c has 10.0.1.1, 10.0.1.2, 10.0.1.3 and 2 more, which a, b lack'],
    [regrouped, 'c groups the addresses around 10.0.0.1 otherwise than a, b'],
    [terms(FOUR, 3), 'c goes by policy quorum of 3, a, b by serve'],
    [terms([...FOUR].reverse()), 'c lists 10.0.0.4 where a, b have 10.0.0.1'],
    [{ ...full, pool: [wider, ...rest] }, 'c gives other prefix lengths than a, b'],
  ];
  equal(first?.name, '10.0.0.1');
  const reference = { terms: full, key: '', names: ['a', 'b'] };
  for (const [own, text] of cases) equal(describeDifference('c', own, reference), text);
});
