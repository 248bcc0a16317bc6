import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Member } from './group.ts';
import { Leader, type Situation, type Want } from './leader.ts';
import { Proposal } from './proposal.ts';

const members = (names: string): Member[] =>
  [...names].map((name) => ({ name, bootId: name.charCodeAt(0) }));

const timing = { gatherMs: 40, gatherMsMax: 400 };

/** In a view of `a b c`, and all is well. */
const well: Situation = {
  clique: members('abc'),
  members: members('abc'),
  joins: false,
  frozen: false,
  proposal: null,
  awaits: false,
  recovers: false,
  mismatch: false,
  isPresent: () => true,
  undecided: false,
  leftOut: false,
  coming: false,
};

const gone = (name: string) => (member: Member) => member.name !== name;
const proposal = new Proposal({ epoch: 5, bootId: 97 }, members('abc'), 0);

test('Leader.wants() acts at once on a loss, and after a gathering on a gain', () => {
  const cases: readonly (readonly [string, Partial<Situation>, Want, number])[] = [
    ['all is well', {}, 'nothing', 0],
    ['first view', { members: null }, 'clique', 0],
    ['first view, where there is a group', { members: null, joins: true }, 'clique', 40],
    [
      'alone, where there is a group',
      { clique: members('a'), members: null, joins: true },
      'clique',
      400,
    ],
    ['first view, one is coming', { members: null, coming: true }, 'clique', 400],
    ['one is lost', { clique: members('ab'), isPresent: gone('c') }, 'stayers', 0],
    ['one comes', { clique: members('abcd') }, 'clique', 40],
    ['one comes, another one is coming', { clique: members('abcd'), coming: true }, 'clique', 400],
    ['one is in another view', { mismatch: true }, 'clique', 40],
    ['one follows another leader', { clique: members('ab') }, 'clique', 400],
    ['blocked', { frozen: true }, 'stayers', 0],
    ['left out by a lower one', { frozen: true, leftOut: true }, 'stayers', 400],
    ['a lower one is undecided', { frozen: true, undecided: true }, 'nothing', 0],
    ['another attempt may be completed', { frozen: true, awaits: true }, 'nothing', 0],
    ['what we lack is on its way', { frozen: true, recovers: true }, 'nothing', 0],
    ['our attempt is under way', { frozen: true, proposal }, 'nothing', 0],
    ['our attempt lost one', { frozen: true, proposal, isPresent: gone('b') }, 'stayers', 0],
  ];
  for (const [name, change, want, waitMs] of cases) {
    const leader = new Leader(timing);
    const situation = { ...well, ...change };
    const early: Want[] = waitMs === 0 ? [] : [leader.wants(situation, 1_000)];
    if (waitMs > 0) early.push(leader.wants(situation, 1_000 + waitMs - 1));
    deepEqual(early, waitMs === 0 ? [] : ['nothing', 'nothing'], name);
    equal(leader.wants(situation, 1_000 + waitMs), want, name);
  }
});

test('Leader.wants() counts anew when a gain was over in between', () => {
  const leader = new Leader(timing);
  const gain = { ...well, clique: members('abcd') };
  equal(leader.wants(gain, 0), 'nothing');
  equal(leader.dueMs(0), 40);
  equal(leader.wants(well, 20), 'nothing');
  equal(leader.dueMs(20), Number.POSITIVE_INFINITY);
  equal(leader.wants(gain, 50), 'nothing');
  equal(leader.wants(gain, 90), 'clique');
});

test('Leader.wants() waits after a refusal', () => {
  const leader = new Leader(timing);
  leader.refused(1_025);
  equal(leader.wants({ ...well, frozen: true }, 1_000), 'nothing');
  equal(leader.dueMs(1_000), 1_025);
  equal(leader.wants({ ...well, frozen: true }, 1_025), 'stayers');
});
