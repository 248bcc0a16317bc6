/** Who gets what: Wackamole's arithmetic where it has one, and ours where it has none. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { allocate, replan } from './allocation.ts';
import { balance } from './balance.ts';
import type { Candidate } from './eligibility.ts';
import { Claim, ownedBy, type Row, unclaimed, withHeir } from './table.ts';

function candidate(name: string, more: Partial<Candidate> = {}): Candidate {
  return {
    name,
    weight: 1,
    rank: 0,
    prefers: new Set(),
    strangers: new Set(),
    failing: new Set(),
    reasons: [],
    ...more,
  };
}

/** `a:x b:- c:x>y`: group a owned by x, b by nobody, c by x with heir y. */
function rows(text: string): Row[] {
  return text.split(' ').map((word) => {
    const [, group = '', owner = '', heir] = /^(\w+):([\w-]+)(?:>(\w+))?$/.exec(word) ?? [];
    if (owner === '-') return unclaimed(group, null);
    const row = ownedBy(row0(group), owner, Claim.claimed, { cause: 'first', from: null });
    if (heir === undefined) return row;
    return withHeir(row, { name: heir, why: { cause: 'balanced', from: owner } });
  });
}

function row0(group: string): Row {
  return unclaimed(group, null);
}

function text(table: readonly Row[]): string {
  return table
    .map(({ group, owner, heir }) => `${group}:${owner ?? '-'}${heir ? `>${heir.name}` : ''}`)
    .join(' ');
}

const x = candidate('x');
const y = candidate('y');
const z = candidate('z');

test('allocate() does as the table says', () => {
  const cases: readonly (readonly [string, string, readonly Candidate[], string])[] = [
    ['smallest count, lowest index on ties', 'a:- b:- c:- d:-', [x, y, z], 'a:x b:y c:z d:x'],
    ['counts what is held', 'a:x b:x c:- d:-', [x, y], 'a:x b:x c:y d:y'],
    ['a lost owner is replaced at once', 'a:w b:x c:w', [x, y], 'a:y b:x c:x'],
    ['nobody is there', 'a:x', [], 'a:-'],
    ['nobody may', 'a:x b:-', [candidate('x', { rank: null })], 'a:- b:-'],
    ['NEVER loses at once', 'a:x b:y', [candidate('x', { rank: null }), y], 'a:y b:y'],
    [
      'reluctance loses by a planned move',
      'a:x b:y',
      [candidate('x', { rank: 1 }), y],
      'a:x>y b:y',
    ],
    [
      'drained goes even to sick',
      'a:x',
      [candidate('x', { rank: 2 }), candidate('y', { rank: 1 })],
      'a:x>y',
    ],
    ['all reluctant: as if none', 'a:-', [candidate('x', { rank: 1 })], 'a:x'],
    [
      'a preference is a planned move',
      'a:x b:y',
      [x, candidate('y', { prefers: new Set(['a']) })],
      'a:x>y b:y',
    ],
    [
      'a preference for what nobody has is taken at once, and counted',
      'a:- b:- c:-',
      [candidate('x', { prefers: new Set(['c']) }), y],
      'a:y b:x c:x',
    ],
    [
      'of two preferrers the owner keeps it',
      'a:y',
      [candidate('x', { prefers: new Set(['a']) }), candidate('y', { prefers: new Set(['a']) })],
      'a:y',
    ],
    [
      'a reluctant preferrer waits',
      'a:x',
      [x, candidate('y', { rank: 1, prefers: new Set(['a']) })],
      'a:x',
    ],
    ['the heir of a lost owner has it, loaded or not', 'a:w>y b:y', [x, y], 'a:y b:y'],
    ['a lost heir ends the move', 'a:x>w', [x, y], 'a:x'],
    ['both lost', 'a:v>w b:x', [x, y], 'a:y b:x'],
    [
      'an heir that sees a stranger is none',
      'a:x>y',
      [x, candidate('y', { strangers: new Set(['a']) })],
      'a:x',
    ],
    [
      'what cannot be put up moves, as soon as somebody else has it',
      'a:x b:y',
      [candidate('x', { failing: new Set(['a']) }), y],
      'a:x>y b:y',
    ],
    [
      'rather somebody sick than nobody',
      'a:x b:x',
      [candidate('x', { failing: new Set(['a']) }), candidate('y', { rank: 1 })],
      'a:x>y b:x',
    ],
    [
      'nobody can put up what nobody owns: whoever failed may try again',
      'a:- b:-',
      [candidate('x', { failing: new Set(['a']) })],
      'a:x b:x',
    ],
    [
      'nobody takes it beside a stranger',
      'a:-',
      [candidate('x', { strangers: new Set(['a']) })],
      'a:-',
    ],
    ['nobody can put it up', 'a:x', [candidate('x', { failing: new Set(['a']) })], 'a:x'],
    [
      'an heir that cannot put it up is none',
      'a:x>y',
      [x, candidate('y', { failing: new Set(['a']) })],
      'a:x',
    ],
    [
      'a preferrer that cannot put it up waits',
      'a:x',
      [x, candidate('y', { failing: new Set(['a']), prefers: new Set(['a']) })],
      'a:x',
    ],
    ['weights', 'a:- b:- c:- d:-', [candidate('x', { weight: 3 }), y], 'a:x b:x c:x d:y'],
  ];
  for (const [what, before, candidates, after] of cases) {
    const table = allocate(rows(before), candidates);
    equal(text(table), after, what);
    deepEqual(allocate(table, candidates), table, `${what}: twice is once`);
  }
});

test('balance() moves as little as evens out', () => {
  const pinned = candidate('x', { prefers: new Set(['a', 'b', 'c']) });
  const cases: readonly (readonly [string, readonly Candidate[], number | 'all', string])[] = [
    ['a:x b:x c:x d:y', [x, y], 'all', 'a:x>y b:x c:x d:y'],
    ['a:x b:x c:y', [x, y], 'all', 'a:x b:x c:y'],
    ['a:x b:x c:x d:x', [x, y, z], 'all', 'a:x>y b:x>z c:x d:x'],
    ['a:x b:x c:x d:x e:x f:x', [x, y, z], 1, 'a:x>y b:x c:x d:x e:x f:x'],
    ['a:x>y b:x c:x d:x', [x, y], 'all', 'a:x>y b:x>y c:x d:x'],
    ['a:x b:x c:x', [pinned, y], 'all', 'a:x b:x c:x'],
    ['a:x b:x c:x d:x', [pinned, y], 'all', 'a:x b:x c:x d:x>y'],
    ['a:x b:x c:x', [x, candidate('y', { rank: 1 })], 'all', 'a:x b:x c:x'],
    ['a:x b:x c:x d:x', [x, candidate('y', { weight: 3 })], 'all', 'a:x>y b:x>y c:x>y d:x'],
    ['a:-', [], 'all', 'a:-'],
  ];
  for (const [before, candidates, rate, after] of cases) {
    const settled = allocate(rows(before), candidates);
    const table = balance(settled, candidates, rate);
    equal(text(table), after);
    if (before === after) equal(table, settled, 'nothing to do is said so');
  }
});

test('replan() asks the same, asks another, or leaves it', () => {
  const sick = candidate('x', { rank: 1 });
  const [drained] = allocate(rows('a:x'), [sick, y, z]);
  equal(text([drained!]), 'a:x>y');
  const other = replan([drained!], drained!, [sick, y, z]);
  equal(text([other]), 'a:x>z');
  equal(other.tries, 1);
  const same = replan([drained!], drained!, [sick, y]);
  equal(text([same]), 'a:x>y');
  equal(same.tries, 1);
  const [evened] = rows('a:x>y');
  equal(text([replan([evened!], evened!, [x, y])]), 'a:x');
});
