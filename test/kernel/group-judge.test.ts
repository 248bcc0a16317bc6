/** The judge of what processes have told: it lets a good record pass, and none that is broken. */
import { match, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import type { View } from '../../src/core/ring/group.ts';
import { type Allowances, judge, type Told } from './group-judge.ts';
import type { MemberLine } from './group-member.ts';

const ONE = { name: 'n1', bootId: 1 };
const TWO = { name: 'n2', bootId: 2 };
const BOTH = [0, 1];

const STRICT: Allowances = { mayDiverge: false, mayRunAhead: false };

function view(epoch: number, selfIndex: number, together: readonly number[]): MemberLine {
  const id = { epoch, proposer: 'n1' };
  const made: View = { id, members: [ONE, TWO], selfIndex, together };
  return { kind: 'view', view: made };
}

function withThree(line: MemberLine): MemberLine {
  ok(line.kind === 'view');
  return { ...line, view: { ...line.view, members: [ONE, TWO, { name: 'n3', bootId: 3 }] } };
}

function sent(text: string): MemberLine {
  return { kind: 'sent', text };
}

function came(text: string, senderIndex = 0): MemberLine {
  return { kind: 'message', senderIndex, text };
}

const BLOCKED: MemberLine = { kind: 'blocked' };

function run(one: readonly MemberLine[], two: readonly MemberLine[], allowed = STRICT): void {
  const told: Told[] = [
    { subject: { member: TWO }, lines: two },
    { subject: { member: ONE }, lines: one },
  ];
  judge(told, allowed).finish();
}

const [A, B] = [view(1, 0, [0]), view(1, 1, [1])];
const [A2, B2] = [view(2, 0, BOTH), view(2, 1, BOTH)];

test('judge() lets pass what keeps the promises, whoever has told first', () => {
  run(
    [A, sent('a'), came('a'), BLOCKED, sent('held'), A2, came('held')],
    [B, came('a'), BLOCKED, B2, came('held')],
  );
  const judged = judge([{ subject: { member: ONE }, lines: [A] }], STRICT);
  ok(judged.views === 1);
});

const BROKEN: readonly (readonly [RegExp, readonly MemberLine[], readonly MemberLine[]])[] = [
  [/same members/, [A], [withThree(B)]],
  [/growing ids/, [A2, BLOCKED, A], []],
  [/blocked before a view/, [A, A2], []],
  [/delivers what was sent/, [A], [B, came('a')]],
  [/delivers once/, [A, sent('a'), came('a'), came('a')], [B]],
  [/two orders/, [A, sent('a'), sent('b'), came('a'), came('b')], [B, came('b'), came('a')]],
  [/view it was sent in/, [A, sent('a'), came('a')], [B, BLOCKED, B2, came('a')]],
  [/its own messages/, [A, sent('a'), BLOCKED, A2], [B]],
  [/knows the sender/, [A, sent('a'), came('a')], [B, came('a', 1)]],
  [/has delivered the same/, [A, sent('a'), came('a'), BLOCKED, A2], [B, BLOCKED, B2]],
];

for (const [message, one, two] of BROKEN) {
  test(`judge() throws ${message} when that is broken`, () => throws(() => run(one, two), message));
}

test('judge() bears a message of the next view when an engine may run ahead, and no later one', () => {
  const ahead = { ...STRICT, mayRunAhead: true };
  const two = [B, BLOCKED, B2, came('a')];
  run([A, sent('a'), BLOCKED, A2, came('a')], two, ahead);
  throws(() => run([A, sent('a'), BLOCKED, A2, came('a')], two), /its own messages/);
  const stalled: MemberLine = { kind: 'stalled' };
  const past = [A, sent('a'), stalled, view(2, 0, [0]), came('a')];
  run(past, [B, stalled, view(2, 1, [1]), came('a')], ahead);
  const late = [A, sent('a'), BLOCKED, A2, BLOCKED, view(3, 0, BOTH), came('a')];
  throws(() => run(late, [B], ahead), /its own messages/);
});

test('judge() bears members that diverged when an engine may let them, if they know it', () => {
  const diverging = { ...STRICT, mayDiverge: true };
  const one = [A, sent('a'), came('a'), BLOCKED];
  const two = [B, BLOCKED];
  run([...one, view(2, 0, [0])], [...two, view(2, 1, [1])], diverging);
  throws(
    () => run([...one, A2], [...two, B2], diverging),
    (error: Error) => {
      match(error.message, /came along/);
      return true;
    },
  );
});
