/**
 * The group as `core/ring/group.ts` promises it: one suite for every engine, on real daemons.
 *
 * What a newcomer gets wrong: the four promises are judged in every test (group-judge.ts), over all
 * that each member was told. What stands here is what has to happen for there to be a judgement.
 */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { View } from '../../src/core/ring/group.ts';
import { blockedText } from './group-member.ts';
import { type EngineKind, GroupRig, type MemberProcess } from './group-rig.ts';

/** More than an engine takes in one turn. */
const BURST = 100;

export function testGroup(kind: EngineKind, { skip }: { skip: string | false }): void {
  describe(`a group on ${kind}`, { skip }, () => {
    let rig: GroupRig;
    before(() => {
      rig = new GroupRig(kind);
    });
    after(() => rig?.close());
    for (const [title, run] of SCENARIOS) {
      test(title, async () => {
        try {
          await run(rig);
          await rig.finish();
        } finally {
          rig.heal();
          await rig.end();
        }
      });
    }
  });
}

type Scenario = readonly [title: string, run: (rig: GroupRig) => Promise<void>];

const SCENARIOS: readonly Scenario[] = [
  [
    'all come into one view, in one order, whoever was first',
    async (rig) => {
      const members = rig.begin(3, 1);
      await rig.settles(members);
      members.push(rig.join(4), rig.join(2));
      await rig.settles(members);
      for (const member of members) {
        deepEqual(namesOf(member.views.at(-1)!), ['n1', 'n2', 'n3', 'n4']);
      }
    },
  ],
  [
    'what all say at once is delivered in one order, own words too, once',
    async (rig) => {
      const members = rig.begin(1, 2, 3, 4);
      await rig.settles(members);
      const before = members.map(({ heard }) => heard.length);
      const said = members.flatMap((member) => burst(member, 'at once'));
      await rig.settles(members);
      const heard = members.map((member, index) => member.heard.slice(before[index]));
      for (const texts of heard) deepEqual(texts, heard[0]);
      deepEqual(heard[0]!.toSorted(), said.toSorted());
    },
  ],
  [
    'what is said while blocked comes in the next view, to newcomers, too',
    async (rig) => {
      const members = rig.begin(1, 2);
      await rig.settles(members);
      const newcomer = rig.join(3);
      await rig.settles([...members, newcomer]);
      for (const { lines, subject } of members) {
        const blocks = lines.filter(({ kind }) => kind === 'blocked').length;
        ok(blocks > 0);
        ok(newcomer.heard.includes(blockedText(subject!.member, blocks)));
      }
    },
  ],
  [
    'those that go on without a killed member have delivered the same',
    async (rig) => {
      const members = rig.begin(1, 2, 3, 4);
      await rig.settles(members);
      for (const member of members) burst(member, 'before');
      const [victim, ...others] = members;
      const killed = victim!.kill();
      for (const member of others) burst(member, 'after');
      await killed;
      await rig.settles(others);
      goTogether(others, (view) => holds(view, victim!));
    },
  ],
  [
    'a member that leaves ends well, and the others go on together',
    async (rig) => {
      const members = rig.begin(1, 2, 3);
      await rig.settles(members);
      const [leaver, ...others] = members;
      equal(await leaver!.leave(), 0);
      await rig.settles(others);
      goTogether(others, (view) => holds(view, leaver!));
    },
  ],
  [
    'a member that starts again is another one of the same name',
    async (rig) => {
      const [first, ...others] = rig.begin(1, 2, 3);
      await rig.settles([first!, ...others]);
      await first!.kill();
      const second = rig.join(1);
      await rig.settles([second, ...others]);
      notEqual(second.subject!.member.bootId, first!.subject!.member.bootId);
      goTogether(others, (view) => !holds(view, second));
    },
  ],
  [
    'the sides of a cut network go on by themselves, and come back each as one',
    async (rig) => {
      const members = rig.begin(1, 2, 3, 4);
      await rig.settles(members);
      for (const member of members) burst(member, 'while it is cut');
      rig.divide(2);
      const sides = [members.slice(0, 2), members.slice(2)];
      for (const side of sides) await rig.settles(side);
      for (const member of members) burst(member, 'on each side');
      for (const side of sides) await rig.settles(side);
      rig.heal();
      await rig.settles(members);
      for (const side of sides) {
        const names = side.map(({ name }) => name);
        goTogether(side, (view) => namesOf(view).every((name) => names.includes(name)));
      }
    },
  ],
];

/** @returns what it was told to say */
function burst(member: MemberProcess, what: string): string[] {
  const texts = Array.from({ length: BURST }, (_, i) => `${member.name} ${what} ${i}`);
  member.send(...texts);
  return texts;
}

function namesOf({ members }: View): string[] {
  return members.map(({ name }) => name);
}

function togetherOf({ members, together }: View): string[] {
  return together.map((index) => members[index]!.name);
}

/**
 * From the last view that was so they have gone on together: all of them, but for one that the
 * machine kept from running for so long that it stalled, or went another way.
 */
function goTogether(members: readonly MemberProcess[], wasSo: (view: View) => boolean): void {
  const ways = members.map((member) => {
    const { name, lines } = member;
    const changes = lines.filter(({ kind }) => kind === 'view' || kind === 'stalled');
    const last = changes.findLastIndex((line) => line.kind === 'view' && wasSo(line.view));
    const [from, next] = changes.slice(last, last + 2);
    ok(from?.kind === 'view' && next !== undefined, `${name} was in such a view, and went on`);
    const to = changes.slice(last).find((line) => line.kind === 'view' && line !== from);
    ok(to?.kind === 'view');
    const key = next.kind === 'stalled' ? name : JSON.stringify([from.view.id, to.view.id]);
    return { name, to: to.view, key };
  });
  for (const { to, key } of ways) {
    const alike = ways.filter((other) => other.key === key).map(({ name }) => name);
    deepEqual(togetherOf(to), alike);
  }
}

/** This life, not another one of its name. */
function holds({ members }: View, { subject }: MemberProcess): boolean {
  return members.some(({ bootId }) => bootId === subject!.member.bootId);
}
