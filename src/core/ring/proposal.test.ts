import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { NO_ATTEMPT } from './packet.ts';
import { Proposal } from './proposal.ts';

const members = ['a', 'b', 'c', 'd'].map((name, index) => ({ name, bootId: 10 + index }));
const old = { epoch: 3, bootId: 10 };
const other = { epoch: 3, bootId: 12 };

test('Proposal tells each the most that those from its own old view hold, and who', () => {
  const proposal = new Proposal({ epoch: 4, bootId: 10 }, members, 0);
  equal(proposal.take(0, { oldView: old, received: [5, 2, 0] }), true);
  equal(proposal.take(1, { oldView: old, received: [4, 7, 0] }), true);
  equal(proposal.take(2, { oldView: other, received: [9] }), true);
  equal(proposal.complete, false);
  deepEqual(proposal.missing, [members[3]]);
  equal(proposal.take(3, { oldView: NO_ATTEMPT, received: [] }), true);
  equal(proposal.complete, true);

  const { together, targets } = proposal.installFor(0);
  deepEqual(together, [0, 1]);
  deepEqual(targets, [
    { count: 5, holder: 0 },
    { count: 7, holder: 1 },
    { count: 0, holder: 0 },
  ]);
  deepEqual(proposal.installFor(1).targets, targets, 'the same for both');
  deepEqual(proposal.installFor(2).together, [2], 'two views of one epoch are two');
  deepEqual(proposal.installFor(3).together, [3]);
});

test('Proposal.take() refuses what contradicts another answer', () => {
  const proposal = new Proposal({ epoch: 4, bootId: 10 }, members, 0);
  proposal.take(0, { oldView: old, received: [5, 2] });
  equal(proposal.take(1, { oldView: old, received: [5] }), false);
  equal(proposal.take(1, { oldView: NO_ATTEMPT, received: [1] }), false);
  deepEqual(proposal.missing.length, 3);
});

test('Proposal.take() changes nothing once all have answered', () => {
  const proposal = new Proposal({ epoch: 4, bootId: 10 }, members.slice(0, 1), 0);
  proposal.take(0, { oldView: old, received: [5] });
  proposal.take(0, { oldView: old, received: [9] });
  deepEqual(proposal.installFor(0).targets, [{ count: 5, holder: 0 }]);
});
