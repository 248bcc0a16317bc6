import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Beside, type Standing } from './beside.ts';
import { makePeer, type Peer } from './peer.ts';

const idOf = (name: string) => name.charCodeAt(0);

/** Proposed by that one. */
function view(proposer: string, size: number): Standing {
  return { attempt: { epoch: 1, bootId: idOf(proposer) }, size };
}

function peer(name: string, { attempt, size }: Standing, out = false): Peer {
  const made = makePeer({ name, bootId: idOf(name) }, 'somewhere', 0);
  return Object.assign(made, { view: attempt, size, out });
}

test('Beside.update() names somebody in the first of all views, after a while', () => {
  const beside = new Beside({ memberMs: 100, strangerMs: 100 });
  const own = view('c', 2);
  const neighbours = [peer('d', own), peer('b', view('b', 2)), peer('x', view('a', 2))];
  equal(beside.update(own, neighbours, 1_000), undefined);
  equal(beside.dueMs, 1_100);
  equal(beside.update(own, neighbours, 1_099), undefined);
  equal(beside.update(own, neighbours, 1_100), 'x');
  equal(beside.dueMs, Number.POSITIVE_INFINITY);
  equal(beside.update(own, neighbours, 1_200), undefined, 'said once');
  equal(beside.update(own, [peer('d', own)], 1_300), null, 'over at once');
});

test('Beside.update() takes what passes for no news', () => {
  const beside = new Beside({ memberMs: 100, strangerMs: 100 });
  const own = view('b', 2);
  const late = [peer('c', view('a', 2))];
  const answers = [0, 60, 90].map((ms) => beside.update(own, late, ms));
  deepEqual(answers, [undefined, undefined, undefined]);
  equal(beside.update(own, [peer('c', own)], 95), undefined);
  equal(beside.update(own, late, 150), undefined, 'counted anew');
  equal(beside.update(own, late, 249), undefined);
  equal(beside.update(own, late, 250), 'c');
});

test('Beside.update() looks at no later view, nor at who stays out or is in none', () => {
  const beside = new Beside({ memberMs: 0, strangerMs: 0 });
  const neighbours = [
    peer('d', view('d', 1)),
    peer('a', view('a', 0)),
    peer('x', view('a', 1), true),
  ];
  equal(beside.update(view('b', 1), neighbours, 0), undefined);
  equal(beside.update(null, [peer('a', view('a', 3))], 0), undefined);
});

test('Beside.update() puts the larger view first, whoever proposed it', () => {
  const large = new Beside({ memberMs: 0, strangerMs: 0 });
  equal(large.update(view('b', 2), [peer('a', view('a', 1))], 0), undefined);
  const small = new Beside({ memberMs: 0, strangerMs: 0 });
  equal(small.update(view('a', 1), [peer('c', view('b', 2))], 0), 'c');
});

test('Beside.enter() counts anew for members of the new view, who may not have said so yet', () => {
  const beside = new Beside({ memberMs: 100, strangerMs: 100 });
  const [attempt, x] = [{ epoch: 2, bootId: idOf('c') }, peer('x', view('a', 3))];
  beside.update(view('c', 1), [x], 0);
  equal(beside.update(view('c', 1), [x], 100), 'x');
  const joined = [{ name: 'c', bootId: idOf('c') }, x.member];
  equal(beside.enter(attempt, joined, [x], 110), null);
  equal(beside.update({ attempt, size: 2 }, [x], 209), undefined);
  equal(beside.update({ attempt, size: 2 }, [x], 210), 'x');
});

test('Beside.enter() counts on for those who are not in the new view, and names them again', () => {
  const beside = new Beside({ memberMs: 100, strangerMs: 100 });
  const [attempt, x] = [{ epoch: 2, bootId: idOf('c') }, peer('x', view('a', 3))];
  const alone = [{ name: 'c', bootId: idOf('c') }];
  beside.update(view('c', 2), [x], 0);
  equal(beside.enter(attempt, alone, [x], 99), null);
  equal(beside.update({ attempt, size: 1 }, [x], 100), 'x');
  equal(beside.enter({ ...attempt, epoch: 3 }, alone, [x], 120), 'x');
  equal(beside.update({ attempt, size: 1 }, [x], 130), undefined, 'said with the view');
  equal(beside.update({ attempt, size: 1 }, [], 140), null);
});

test('Beside counts while we are in no view, and tells with the first one', () => {
  const beside = new Beside({ memberMs: 100, strangerMs: 100 });
  const [attempt, x] = [{ epoch: 2, bootId: idOf('c') }, peer('x', view('a', 2))];
  const alone = [{ name: 'c', bootId: idOf('c') }];
  equal(beside.update(null, [x], 0), undefined);
  equal(beside.update(null, [x], 150), undefined);
  equal(beside.dueMs, Number.POSITIVE_INFINITY, 'nothing to wake up for');
  equal(beside.enter(attempt, alone, [x], 160), 'x');
});

test('Beside believes a stranger sooner than a member of our view', () => {
  const beside = new Beside({ memberMs: 100, strangerMs: 40 });
  const own = view('c', 2);
  const [member, stranger] = [peer('d', view('a', 3)), peer('x', view('b', 3))];
  const members = ['c', 'd'].map((name) => ({ name, bootId: idOf(name) }));
  equal(beside.enter(own.attempt, members, [], 0), null);
  equal(beside.update(own, [member], 0), undefined);
  equal(beside.dueMs, 100);
  equal(beside.update(own, [member, stranger], 10), undefined);
  equal(beside.dueMs, 50);
  equal(beside.update(own, [member, stranger], 49), undefined);
  equal(beside.update(own, [member, stranger], 50), 'x');
  equal(beside.update(own, [member], 60), null, 'the member is not believed yet');
  equal(beside.update(own, [member], 100), 'd');
});

test('Beside.enter() compares with the whole new view, before its members have said so', () => {
  const beside = new Beside({ memberMs: 0, strangerMs: 0 });
  const x = peer('x', view('a', 2));
  equal(beside.update(view('c', 1), [x], 0), 'x');
  const members = ['c', 'd', 'e'].map((name) => ({ name, bootId: idOf(name) }));
  equal(beside.enter({ epoch: 2, bootId: idOf('c') }, members, [x], 10), null);
});
