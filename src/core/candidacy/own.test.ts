/** Goal: whatever a user's function does, the list stays a list of candidates. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { asking, server, servers, slotsOf } from './candidacy.fixture.ts';
import { Candidates, type Fault, type Server } from './candidates.ts';
import { candidacy, type OwnFunction } from './own.ts';

function run(own: OwnFunction): { slots: number[]; faults: Fault[] } {
  const candidates = new Candidates();
  const faults: Fault[] = [];
  candidates.onFault = (fault) => faults.push(fault);
  candidates.reset(servers({}, {}, {}));
  candidacy('mine', own).apply(candidates, asking());
  return { slots: slotsOf(candidates), faults };
}

const behaved: readonly (readonly [does: string, own: OwnFunction, slots: readonly number[]])[] = [
  ['reorders', (all) => all.toReversed(), [2, 1, 0]],
  ['drops', (all) => all.filter(({ slot }) => slot !== 1), [0, 2]],
  ['leaves nobody', () => [], []],
  ['returns what it got', (all) => all, [0, 1, 2]],
  ['sorts in place what it got', (all) => (all as Server[]).reverse(), [2, 1, 0]],
];

test('candidacy() does as the function says when it behaves', () => {
  for (const [does, own, slots] of behaved) deepEqual(run(own), { slots, faults: [] }, does);
});

const misbehaved: readonly (readonly [does: string, own: unknown, reason: RegExp])[] = [
  ['throws', () => JSON.parse('{'), /^threw SyntaxError: /],
  [
    'throws a string',
    () => {
      throw 'no';
    },
    /^threw no$/,
  ],
  [
    'throws what cannot be described',
    () => {
      throw {
        get name() {
          throw new Error('again');
        },
      };
    },
    /^threw something that cannot be described$/,
  ],
  ['returns nothing', () => undefined, /^returned undefined, not an array/],
  ['is asynchronous', async () => [], /^returned \[object Promise\], not an array/],
  ['returns one server', (all: unknown[]) => all[0], /^returned "web0", not an array/],
  ['returns names', () => ['web0'], /^returned web0, not a candidate$/],
  ['returns a stranger', () => [server(1)], /^returned "web1", not a candidate$/],
  ['returns a hole', () => new Array(1), /^returned undefined, not a candidate$/],
  ['returns one twice', (all: unknown[]) => [all[0], all[0]], /^returned web0 twice$/],
  [
    'empties what it got and returns it with strangers',
    (all: unknown[]) => {
      all.length = 0;
      all.push(null);
      return all;
    },
    /^returned null, not a candidate$/,
  ],
];

test('candidacy() leaves the list alone and tells when the function misbehaves', () => {
  for (const [does, own, reason] of misbehaved) {
    const { slots, faults } = run(own as OwnFunction);
    deepEqual(slots, [0, 1, 2], does);
    equal(faults.length, 1, does);
    equal(faults[0]?.candidacy, 'mine');
    match(faults[0]?.reason ?? '', reason);
  }
});

test('candidacy() takes the rejection of a promise that nobody else would take', async () => {
  const faults: string[] = [];
  const candidates = new Candidates();
  candidates.onFault = ({ reason }) => faults.push(reason);
  candidates.reset(servers({}, {}));
  const own = candidacy('later', (async () => {
    throw new Error('boom');
  }) as never);
  own.apply(candidates, asking());
  // An unhandled rejection would end this process, and with it a worker.
  await new Promise((resolve) => setImmediate(resolve));
  equal(candidates.count, 2);
  equal(faults.length, 1);
});

test('candidacy() is not fooled by an array that throws when it is read', () => {
  const faults: string[] = [];
  const candidates = new Candidates();
  candidates.onFault = ({ reason }) => faults.push(reason);
  candidates.reset(servers({}, {}));
  const trap = Object.defineProperty([], 0, {
    enumerable: true,
    get: () => {
      throw new Error('trap');
    },
  });
  candidacy('trap', () => trap as never).apply(candidates, asking());
  equal(candidates.count, 2);
  equal(faults[0], 'threw Error: trap');
});
