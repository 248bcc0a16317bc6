/** Goal: a session reaches its server wherever the identifier stands, and never a dead one. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { AGE_MS_DEFAULT } from './by-age.ts';
import { bySession } from './by-session.ts';
import { applied, asking, left, NOW_MS, servers } from './candidacy.fixture.ts';
import { NodeState, type Server } from './candidates.ts';

/** 10.0.0.1 and 10.0.0.2 are the servers of slots 1 and 2. */
const requests: readonly (readonly [
  what: string,
  cookies: readonly string[],
  target: string,
  slots: readonly number[],
])[] = [
  ['in a cookie', ['PHPSESSID=0a000001abcdef'], '/', [1]],
  ['with nothing behind it', ['PHPSESSID=0a000002'], '/', [2]],
  ['in capitals', ['PHPSESSID=0A000001'], '/', [1]],
  ['in a later cookie of the field', ['a=b; PHPSESSID=0a000002; c=d'], '/', [2]],
  ['without the space', ['a=b;PHPSESSID=0a000002'], '/', [2]],
  ['in a later Cookie field', ['a=b', 'PHPSESSID=0a000002'], '/', [2]],
  ['in the query', [], '/x.php?PHPSESSID=0a000002', [2]],
  ['in a later argument', [], '/x.php?a=1&PHPSESSID=0a000002&b', [2]],
  ['in both: the cookie counts', ['PHPSESSID=0a000001'], '/?PHPSESSID=0a000002', [1]],
  ['useless in the cookie: the query', ['PHPSESSID=zz'], '/?PHPSESSID=0a000002', [2]],
  ['unknown first, known second', ['PHPSESSID=0a0000ff; PHPSESSID=0a000002'], '/', [2]],
  ['nowhere', ['a=b'], '/?c', [0, 1, 2]],
  ['in the path, which is no argument', [], '/PHPSESSID=0a000001', [0, 1, 2]],
  ['of an unknown address', ['PHPSESSID=0a0000ff'], '/', [0, 1, 2]],
  ['too short', ['PHPSESSID=0a0000'], '/', [0, 1, 2]],
  ['no hex', ['PHPSESSID=0a00000g'], '/', [0, 1, 2]],
  ['the end of another name', ['MYPHPSESSID=0a000001'], '/', [0, 1, 2]],
  ['in another case', ['phpsessid=0a000001'], '/', [0, 1, 2]],
  ['empty', ['PHPSESSID='], '/', [0, 1, 2]],
];

test('bySession() finds the session', () => {
  for (const [what, cookies, target, slots] of requests) {
    const request = asking({ target, fields: (name) => (name === 'cookie' ? cookies : []) });
    deepEqual(left(bySession(), servers({}, {}, {}), request), slots, what);
  }
});

const withCookie = (cookie: string) => asking({ fields: () => [cookie] });

test('bySession() takes an identifier of the application', () => {
  const request = withCookie('sid=n-0a000001');
  deepEqual(left(bySession('sid=n-'), servers({}, {}, {}), request), [1]);
  deepEqual(left(bySession('sid='), servers({}, {}, {}), request), [0, 1, 2]);
});

test('bySession() reads the address in network order, all of it', () => {
  const known = servers({}, { address: '127.0.0.1' }, { address: '255.128.1.0' });
  deepEqual(left(bySession(), known, withCookie('PHPSESSID=7f000001')), [1]);
  deepEqual(left(bySession(), known, withCookie('PHPSESSID=ff800100')), [2]);
});

const states: readonly (readonly [what: string, state: Partial<Server>, alive: boolean])[] = [
  ['up', {}, true],
  ['draining', { state: NodeState.draining }, true],
  ['sick', { state: NodeState.sick }, false],
  ['heard just in time', { heardMs: NOW_MS - AGE_MS_DEFAULT }, true],
  ['silent', { heardMs: NOW_MS - AGE_MS_DEFAULT - 1 }, false],
  ['suspect', { suspect: true }, false],
];

test('bySession() narrows only to a server that is alive', () => {
  for (const [what, state, alive] of states) {
    const candidates = applied(
      bySession(),
      servers({}, state, {}),
      withCookie('PHPSESSID=0a000001'),
    );
    equal(candidates.count, alive ? 1 : 3, what);
    equal(candidates.session?.slot, alive ? 1 : undefined, what);
  }
});

test('bySession() looks at the list it is given, not at all that is known', () => {
  const known = servers({}, {}, {});
  const candidates = applied([], known);
  candidates.keep(({ slot }) => slot !== 1, null);
  bySession().apply(candidates, withCookie('PHPSESSID=0a000001'));
  equal(candidates.count, 2);
});
