import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type Choice, choose } from './clique.ts';
import { MEMBERS_MAX, type Member } from './group.ts';
import { type Attempt, Row } from './packet.ts';
import { makePeer, type Peer } from './peer.ts';

const member = (name: string): Member => ({ name, bootId: name.charCodeAt(0) });

/** `b:b+c -a`: b leads itself, takes c, and is not connected to a. All else is connected. */
function peers(others: readonly string[]): Peer[] {
  const names = others.map((text) => text[0]!).concat('s');
  return others.map((text) => {
    const [name, leader] = text.split(/[: ]/);
    const peer = makePeer(member(name!), `${name}:1`, 0);
    const [leads, ...takes] = (leader ?? '').split('+');
    peer.leader = leads === '' || leads === undefined ? null : member(leads);
    const apart = text.split('-')[1] ?? '';
    for (const other of names) {
      const connected = other === name || apart.includes(other) ? 0 : Row.connected;
      peer.row.set(member(other).bootId, connected + (takes.includes(other) ? Row.taken : 0));
    }
    return peer;
  });
}

function show(choice: Choice): string {
  if (choice.kind === 'follow') return `follow ${choice.leader.member.name}`;
  return choice.clique.map(({ name }) => name).join(' ');
}

test('choose() follows the lowest leader that takes us, or leads those that are free', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['nobody', [], 's'],
    ['only higher ones', ['t', 'u'], 's t u'],
    ['a lower one that takes us', ['a:a+s', 'b:b+s', 't'], 'follow a'],
    ['a lower one that does not', ['a:a', 'b:b+s', 't'], 'follow b'],
    ['lower ones that lead nobody', ['a', 'b:a', 't'], 's t'],
    ['a lower one whose leader takes us', ['a:a+b+s', 'b:a'], 'follow a'],
    ['higher ones that lead', ['t:t+u', 'u:t'], 's t u'],
    ['higher ones that are taken', ['a:a+t', 't:a', 'u'], 's u'],
    ['higher ones that are not taken any more', ['a:a', 't:a', 'u'], 's t u'],
    ['two that do not hear each other', ['t -u', 'u -t', 'v'], 's t v'],
    ['one of two does not hear the other', ['t', 'u -t', 'v'], 's t v'],
    ['one whose leader we do not know', ['t:b', 'u'], 's t u'],
  ];
  for (const [name, others, expected] of cases) {
    equal(show(choose(member('s'), peers(others), null)), expected, name);
  }
});

test('choose() leaves one to its leader once it has refused us for that one', () => {
  const others = peers(['t:b', 'u']);
  others[0]!.refusedFor = member('b').bootId;
  equal(show(choose(member('s'), others, null)), 's u');
});

test('choose() parts nobody from a fellow that will be in the clique soon', () => {
  const views: Readonly<Record<string, Attempt>> = {
    x: { epoch: 7, bootId: 1 },
    y: { epoch: 8, bootId: 1 },
    '-': { epoch: 0, bootId: 0 },
  };
  /** We are in view x; by name, in which view each is, and who are in doubt of each other. */
  const cases: readonly (readonly [string, string, readonly string[], string])[] = [
    ['nobody in doubt', 't:x u:y v:-', [], 's t u v'],
    ['one that is coming has a fellow', 't:y u:y v:-', ['s=u'], 's v'],
    ['one that is coming has none', 't:y u:- v:x', ['s=u'], 's t v'],
    ['one of our own is coming', 't:x u:x v:-', ['s=u'], 's t v'],
    ['a newcomer and our fellow', 't:- u:x v:-', ['t=u'], 's u v'],
    ['a newcomer and a fellow of one that is taken', 't:y u:- v:y', ['u=v'], 's t v'],
    ['two of our own', 't:x u:x', ['t=u'], 's t'],
    ['two of another view', 't:y u:y', ['t=u'], 's t'],
    ['two newcomers', 't:- u:-', ['t=u'], 's t'],
  ];
  for (const [name, placed, doubts, expected] of cases) {
    const others = placed.split(' ').map((text) => text.split(':') as [string, string]);
    const all = peers(others.map(([who]) => who));
    for (const [index, [, view]] of others.entries()) all[index]!.view = views[view]!;
    for (const doubt of doubts) {
      const [a, b] = doubt.split('=');
      for (const [one, other] of [
        [a, b],
        [b, a],
      ]) {
        const peer = all.find(({ member: { name: who } }) => who === one);
        peer?.row.set(member(other!).bootId, 0);
      }
    }
    const isComing = ({ member: { name: who } }: Peer) => doubts.includes(`s=${who}`);
    const present = { view: views['x']!, coming: all.filter(isComing) };
    const choice = choose(
      member('s'),
      all.filter((peer) => !isComing(peer)),
      present,
    );
    equal(show(choice), expected, name);
  }
});

test('choose() takes no more than a view may have', () => {
  const many = Array.from({ length: 80 }, (_, i) => {
    const peer = makePeer({ name: `t${100 + i}`, bootId: 1_000 + i }, 'x:1', 0);
    for (let j = 0; j < 80; j++) peer.row.set(1_000 + j, Row.connected);
    return peer;
  });
  const choice = choose(member('s'), many, null);
  deepEqual(choice.kind === 'lead' && choice.clique.length, MEMBERS_MAX);
});
