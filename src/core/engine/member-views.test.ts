/** Cases by hand; what happens under faults is for the simulation (`sim/engine`). */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupEvent } from '../ring/group.ts';
import type { EngineEvent, EngineMember } from './engine.ts';
import { MemberViews, type ViewsEffect } from './member-views.ts';

const TIMING = { aliveMs: 200, helloMs: 300, stuckMs: 5_000 };

class Node {
  readonly name: EngineMember;
  readonly views: MemberViews;
  readonly told: GroupEvent[] = [];
  readonly reports: string[] = [];
  rejoins = 0;
  wakeMs = 0;

  constructor(name: string, member: EngineMember, bootId: number) {
    this.name = member;
    this.views = new MemberViews({ self: { name, bootId }, group: 'g', timing: TIMING }, 0);
  }

  /** In which view, or `stalled`, and who has come along. */
  get lived(): string[] {
    return this.told.flatMap((event) => {
      if (event.kind === 'stalled') return ['stalled'];
      if (event.kind !== 'view') return [];
      const { members, together } = event.view;
      return [`${members.map(({ name }) => name).join(' ')} / ${together.join(' ')}`];
    });
  }
}

/** An engine in which everything said is delivered to all of its members at once. */
class Engine {
  nowMs = 0;
  readonly nodes: Node[] = [];
  /** They are counted and hear, and say nothing: processes that have stopped. */
  readonly stopped = new Set<Node>();
  #members: readonly EngineMember[] = [];
  readonly #said: { readonly sender: EngineMember; readonly bytes: Uint8Array }[] = [];

  change(members: readonly EngineMember[]): void {
    this.#members = members;
    for (const node of this.#there())
      this.#tell(node, { kind: 'membership', members, self: node.name });
    this.settle();
  }

  say(sender: EngineMember, bytes: Uint8Array): void {
    this.#said.push({ sender, bytes });
    this.settle();
  }

  lose(node: Node): void {
    this.#tell(node, { kind: 'lost', reason: 'test' });
  }

  send(node: Node, text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#apply(node, node.views.step({ kind: 'send', nowMs: this.nowMs, bytes }));
    this.settle();
  }

  pass(durationMs: number): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; this.nowMs += 10) {
      for (const node of this.nodes) {
        if (this.stopped.has(node) || node.wakeMs > this.nowMs) continue;
        this.#apply(node, node.views.step({ kind: 'tick', nowMs: this.nowMs }));
      }
      this.settle();
    }
  }

  settle(): void {
    for (let next = this.#said.shift(); next !== undefined; next = this.#said.shift()) {
      for (const node of this.#there()) this.#tell(node, { kind: 'message', ...next });
    }
  }

  #there(): Node[] {
    return this.nodes.filter(
      (node) => this.#members.includes(node.name) && !this.stopped.has(node),
    );
  }

  #tell(node: Node, event: EngineEvent): void {
    this.#apply(node, node.views.step({ kind: 'engine', nowMs: this.nowMs, event }));
  }

  #apply(node: Node, effects: readonly ViewsEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'transmit' && this.#members.includes(node.name)) {
        this.#said.push({ sender: node.name, bytes: effect.bytes });
      } else if (effect.kind === 'deliver') node.told.push(effect.event);
      else if (effect.kind === 'report') node.reports.push(effect.text);
      else if (effect.kind === 'wake') node.wakeMs = effect.atMs;
      else if (effect.kind === 'rejoin') node.rejoins++;
    }
  }
}

function three(): { engine: Engine; a: Node; b: Node; c: Node } {
  const engine = new Engine();
  const [a, b, c] = [new Node('a', '1', 11), new Node('b', '2', 12), new Node('c', '3', 13)];
  engine.nodes.push(a, b, c);
  return { engine, a, b, c };
}

test('MemberViews makes one view of all who say hello, and of those who are left another', () => {
  const { engine, a, b, c } = three();
  engine.change(['1', '2', '3']);
  deepEqual([a.lived, b.lived, c.lived], [['a b c / 0'], ['a b c / 1'], ['a b c / 2']]);
  engine.change(['1', '3']);
  deepEqual(a.lived[1], 'a c / 0 1');
  deepEqual(c.lived[1], 'a c / 0 1');
  equal(a.views.view?.id.epoch, c.views.view?.id.epoch);
});

test('MemberViews says who has come along, and who has not', () => {
  const { engine, a, c } = three();
  engine.change(['1', '2']);
  engine.change(['1', '2', '3']);
  deepEqual(a.lived.at(-1), 'a b c / 0 1');
  deepEqual(c.lived.at(-1), 'a b c / 2');
});

test('MemberViews does not wait for a stranger but once, and names it', () => {
  const { engine, a } = three();
  engine.change(['1', '2', '9']);
  deepEqual(a.lived, []);
  engine.say('9', new TextEncoder().encode('GET / HTTP/1.1'));
  engine.pass(400);
  deepEqual(a.lived, ['a b / 0']);
  deepEqual(a.views.strangers(), [{ member: '9', why: 'it speaks no word of ours' }]);
  engine.change(['1', '9']);
  deepEqual(a.lived.at(-1), 'a / 0', 'it is not waited for again');
});

test('MemberViews takes in a member that was late', () => {
  const { engine, a, b } = three();
  engine.stopped.add(b);
  engine.change(['1', '2']);
  engine.pass(400);
  deepEqual(a.lived, ['a / 0']);
  engine.stopped.delete(b);
  engine.change(['1', '2']);
  deepEqual(a.lived.at(-1), 'a b / 0');
});

test('MemberViews leaves out a process that has stopped, and it knows when it runs again', () => {
  const { engine, a, c } = three();
  engine.change(['1', '2', '3']);
  engine.stopped.add(c);
  engine.pass(3_000);
  deepEqual(a.lived.at(-1), 'a b / 0 1');
  ok(a.reports.some((text) => text.includes('3 is silent')));
  engine.stopped.delete(c);
  engine.pass(10);
  equal(c.told.find(({ kind }) => kind !== 'view' && kind !== 'blocked')?.kind, 'stalled');
  engine.pass(1_000);
  deepEqual(a.lived.at(-1), 'a b c / 0 1');
  deepEqual(c.lived.at(-1), 'a b c / 2');
});

test('MemberViews goes on alone without an engine, and comes back', () => {
  const { engine, a, b } = three();
  engine.change(['1', '2']);
  engine.change(['2']);
  engine.lose(a);
  deepEqual(a.lived.slice(1), ['stalled', 'a / 0']);
  engine.send(a, 'to myself');
  equal(a.told.at(-1)?.kind, 'message');
  engine.lose(a);
  equal(a.told.at(-1)?.kind, 'message', 'it is lost once');
  engine.change(['1', '2']);
  deepEqual(a.lived.at(-1), 'a b / 0');
  deepEqual(b.lived.at(-1), 'a b / 1');
});

test('MemberViews joins an engine anew through which nothing of ours comes back', () => {
  const { engine, a } = three();
  engine.change(['1', '2']);
  engine.change([]);
  engine.pass(TIMING.stuckMs + 1_000);
  equal(a.rejoins, 1);
  deepEqual(a.lived.slice(1), ['stalled', 'a / 0']);
});

test('MemberViews keeps the second one of a name out, and both say so', () => {
  const { engine, a, b } = three();
  const twin = new Node('a', '0', 99);
  engine.nodes.push(twin);
  engine.change(['1', '2']);
  engine.change(['0', '1', '2']);
  deepEqual(b.lived.at(-1), 'a b / 0 1');
  deepEqual(twin.lived, []);
  ok(twin.reports.includes('another a is in the group: we stay out'));
  ok(a.reports.includes('another a, 0, stays out: this one was here first'));
  engine.change(['0', '2']);
  deepEqual(twin.lived, ['a b / 0']);
});

test('MemberViews believes no hello of another group, or that another one said', () => {
  const { engine, a } = three();
  const other = new MemberViews(
    { self: { name: 'x', bootId: 5 }, group: 'other', timing: TIMING },
    0,
  );
  engine.change(['1', '7']);
  const membership = { kind: 'membership', members: ['1', '7'], self: '7' } as const;
  for (const effect of other.step({ kind: 'engine', nowMs: 0, event: membership })) {
    if (effect.kind === 'transmit') engine.say('7', effect.bytes);
  }
  engine.pass(400);
  deepEqual(a.lived, ['a / 0']);
  deepEqual(a.views.strangers(), [{ member: '7', why: 'it is of the group other' }]);
});

test('MemberViews sends in the next view what was sent while blocked', () => {
  const { engine, a, b } = three();
  engine.send(a, 'early');
  engine.change(['1', '2']);
  const messages = b.told.filter(({ kind }) => kind === 'message');
  deepEqual(messages.length, 1);
  equal(b.told.findIndex(({ kind }) => kind === 'message') > 0, true);
});
