/** Groups on a Spread daemon: our client against our server, with the views made in between. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupEngine } from '../../core/cluster/config.ts';
import type { GroupEvent } from '../../core/ring/group.ts';
import { PROFILES } from '../../core/ring/timing.ts';
import type { RingStart } from '../ring/ring-protocol.ts';
import { daemonOfOne, freePort } from '../spread/daemon-of-one.fixture.ts';
import type { NodeGroup } from './node-group.ts';
import { openGroup } from './open-group.ts';

class Member {
  readonly name: string;
  readonly events: GroupEvent[] = [];
  readonly reports: string[] = [];
  #group: NodeGroup | null = null;
  #wake = (): void => {};

  constructor(name: string) {
    this.name = name;
  }

  get group(): NodeGroup {
    ok(this.#group !== null);
    return this.#group;
  }

  async open(engine: GroupEngine, more: Partial<RingStart> = {}): Promise<void> {
    const ring = {
      self: { name: this.name, bootId: this.name.length + Math.floor(performance.now() * 1_000) },
      group: 'site',
      timing: PROFILES.fast,
      secrets: ['hush'],
      socket: { port: 1, host: '127.0.0.1', peers: [], multicast: null, interfaces: [] },
      ...more,
    };
    const opened = await openGroup(
      { engine, ring },
      {
        onEvent: (event) => {
          this.events.push(event);
          this.#wake();
        },
        onReport: (text) => this.reports.push(text),
        onWill: () => {},
        onFailed: (message) => this.reports.push(message),
      },
    );
    ok(!('error' in opened), JSON.stringify(opened));
    this.#group = opened;
  }

  async until(what: (last: GroupEvent) => boolean): Promise<void> {
    while (!this.events.some(what)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  untilView(...names: readonly string[]): Promise<void> {
    return this.until((event) => {
      return (
        event.kind === 'view' && event.view.members.map(({ name }) => name).join() === names.join()
      );
    });
  }

  heard(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'message' ? [`${event.senderIndex} ${Buffer.from(event.bytes)}`] : [],
    );
  }
}

function spread(port: number, otherwise: 'ring' | 'wait'): GroupEngine {
  return { kind: 'spread', daemon: `${port}@127.0.0.1`, user: null, retryMs: 20, otherwise };
}

test('openGroup() on Spread gives one view and one order, and goes on alone without a daemon', async () => {
  const port = await freePort();
  let daemon = await daemonOfOne(port);
  const members = [new Member('web1'), new Member('web2')];
  const [one, two] = [members[0]!, members[1]!];
  for (const member of members) await member.open(spread(port, 'wait'));
  for (const member of members) await member.untilView('web1', 'web2');
  for (let i = 0; i < 20; i++) members[i % 2]!.group.send(Buffer.from(String(i)));
  for (const member of members) await member.until(() => member.heard().length === 20);
  deepEqual(one.heard(), two.heard());
  const { engine, ring } = await one.group.state();
  deepEqual(
    [ring, engine?.kind, engine?.connected, engine?.as, engine?.strangers],
    [null, 'spread', true, '#web1#n1', []],
  );
  for (const member of members) member.events.length = 0;
  daemon.close();
  for (const member of members) await member.untilView(member.name);
  equal(one.events[0]?.kind, 'stalled');
  equal((await one.group.state()).engine?.connected, false);
  for (const member of members) member.events.length = 0;
  daemon = await daemonOfOne(port);
  for (const member of members) await member.untilView('web1', 'web2');
  for (const member of members) await member.group.leave();
  daemon.close();
});

test('openGroup() believes no member that signs with another secret', async () => {
  const port = await freePort();
  const daemon = await daemonOfOne(port);
  const [one, other] = [new Member('web1'), new Member('web2')];
  await one.open(spread(port, 'wait'));
  await one.untilView('web1');
  await other.open(spread(port, 'wait'), { secrets: ['wrong'] });
  await other.untilView('web2');
  const { engine } = await one.group.state();
  deepEqual(
    engine?.strangers.map(({ member }) => member),
    ['#web2#n1'],
  );
  ok((engine?.ignored ?? 0) > 0);
  for (const member of [one, other]) await member.group.leave();
  daemon.close();
});

test('openGroup() takes the ring where no Spread daemon answers, and says so', async () => {
  const port = await freePort();
  const member = new Member('web1');
  const socket = {
    ...{ port: await freePort(), host: '127.0.0.1', peers: [], multicast: null },
    interfaces: [],
  };
  await member.open(spread(port, 'ring'), { socket });
  ok(member.reports.some((text) => text.startsWith('no Spread daemon answers at')));
  await member.untilView('web1');
  equal((await member.group.state()).engine?.kind, 'ring');
  await member.group.leave();
});
