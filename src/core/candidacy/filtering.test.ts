/**
 * Goal: each function that drops or adds servers does so by its rule, and leaves the order alone.
 */
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { addSelf } from './add-self.ts';
import { byAge } from './by-age.ts';
import { byHostname } from './by-hostname.ts';
import { byLogWindow } from './by-log-window.ts';
import { applied, asking, left, NOW_MS, servers, slotsOf } from './candidacy.fixture.ts';
import type { Candidacy, Server } from './candidates.ts';
import { httpRedirectToIP } from './http-redirect-to-ip.ts';
import { httpRedirectToName } from './http-redirect-to-name.ts';
import { removeSelf } from './remove-self.ts';

const heard = (agoMs: number): Partial<Server> => ({ heardMs: NOW_MS - agoMs });
const named = (name: string): Partial<Server> => ({ name });

const tables: readonly (readonly [
  does: string,
  chain: Candidacy | readonly Candidacy[],
  known: readonly Partial<Server>[],
  slots: readonly number[],
])[] = [
  ['byAge() is 20 s by default', byAge(), [heard(19_999), heard(20_000), heard(20_001)], [0, 1]],
  ['byAge() takes seconds', byAge(5), [heard(4_000), heard(5_000), heard(5_001)], [0, 1]],
  ['byAge() takes a unit', byAge('500ms'), [heard(501), heard(500)], [1]],
  ['byAge() takes a minute', byAge('1m'), [heard(60_000), heard(60_001)], [0]],
  ['byAge() keeps one heard "later", after the clock was set back', byAge(), [heard(-9_000)], [0]],
  ['byAge() of 0 keeps those heard this instant', byAge(0), [heard(1), heard(0)], [1]],
  ['byAge() may leave nobody', byAge(), [heard(30_000)], []],
  ['removeSelf() drops slot 0 only', removeSelf(), [{}, {}, {}], [1, 2]],
  ['removeSelf() may leave nobody', removeSelf(), [{}], []],
  ['removeSelf() finds us anywhere', [removeSelf(), removeSelf()], [{}, {}], [1]],
  ['addSelf() does not add us twice', addSelf(), [{}, {}], [0, 1]],
  ['addSelf() puts us last', [removeSelf(), addSelf()], [{}, {}, {}], [1, 2, 0]],
  ['addSelf() does nothing when nobody is known', addSelf(), [], []],
  [
    'byHostname() keeps names it finds',
    byHostname('(sun|alpha)'),
    [named('web'), named('sun1')],
    [1],
  ],
  ['byHostname() ignores case', byHostname('^WEB\\d$'), [named('web1'), named('xweb1')], [0]],
  [
    'byHostname() takes an expression with flags that would remember',
    byHostname(/web/g),
    [named('web1'), named('web2'), named('db'), named('web3')],
    [0, 1, 3],
  ],
];

for (const [does, chain, known, slots] of tables) {
  test(does, () => deepEqual(left(chain, servers(...known)), slots));
}

test('byLogWindow() keeps floor(log2 n), but one of one and none of none', () => {
  const kept: readonly (readonly [count: number, kept: number])[] = [
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [7, 2],
    [8, 3],
    [15, 3],
    [16, 4],
    [17, 4],
    [31, 4],
    [32, 5],
    [64, 6],
  ];
  for (const [count, expected] of kept) {
    const slots = left(byLogWindow(), servers(...Array(count).fill({})));
    deepEqual(
      slots,
      Array.from({ length: expected }, (_, slot) => slot),
      `of ${count}`,
    );
  }
});

test('httpRedirectToIP() and httpRedirectToName() change the delivery, the last one counts', () => {
  const chain = [httpRedirectToName('%1S'), httpRedirectToIP(), httpRedirectToName()];
  for (const length of [0, 1, 2, 3]) {
    const candidates = applied(chain.slice(0, length), servers({}, {}), asking());
    deepEqual(slotsOf(candidates), [0, 1]);
    deepEqual(
      candidates.delivery,
      [
        { kind: 'proxy' },
        { kind: 'redirectToName', format: '%1S' },
        { kind: 'redirectToIp' },
        { kind: 'redirectToName', format: '%S' },
      ][length],
    );
  }
});
