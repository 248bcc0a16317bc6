/** The engine on our own daemon, in this process: a server over a group of one. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineEvent } from '../../core/engine/engine.ts';
import { daemonOfOne, freePort } from './daemon-of-one.fixture.ts';
import { SpreadEngine } from './spread-engine.ts';

class Listener {
  readonly events: EngineEvent[] = [];
  readonly reports: string[] = [];
  #wake = (): void => {};

  readonly onEvent = (event: EngineEvent): void => {
    this.events.push(event);
    this.#wake();
  };

  readonly onReport = (text: string): void => {
    this.reports.push(text);
    this.#wake();
  };

  async until(what: () => boolean): Promise<void> {
    while (!what()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

test('SpreadEngine is in its group again when the daemon is, and says what was lost', async () => {
  const port = await freePort();
  const heard = [new Listener(), new Listener()];
  const engines = ['web1', 'a-node-of-a-long-name'].map((node, index) => {
    const options = { daemon: `${port}@127.0.0.1`, user: null, group: 'site', retryMs: 5 };
    return new SpreadEngine({ ...options, node }, heard[index]!);
  });
  const [first, second] = [heard[0]!, heard[1]!];
  await first.until(() => first.reports.length > 0);
  ok(first.reports[0]!.endsWith('ECONNREFUSED'), first.reports[0]!);
  equal(first.events.length, 0);
  for (let life = 1; life <= 2; life++) {
    const daemon = await daemonOfOne(port);
    const both = (listener: Listener) => () => {
      const last = listener.events.findLast(({ kind }) => kind === 'membership');
      return last?.kind === 'membership' && last.members.length === 2;
    };
    await first.until(both(first));
    await second.until(both(second));
    engines[0]!.send(Uint8Array.of(life));
    for (const listener of heard) {
      await listener.until(() => listener.events.at(-1)?.kind === 'message');
      const last = listener.events.at(-1);
      deepEqual(last?.kind === 'message' && [last.sender, ...last.bytes], ['#web1#n1', life]);
    }
    const { session, members, reconnects, trouble } = engines[0]!.health;
    deepEqual([session, members.length, reconnects, trouble], ['#web1#n1', 2, life - 1, null]);
    daemon.close();
    for (const listener of heard) {
      await listener.until(() => listener.events.at(-1)?.kind === 'lost');
      listener.events.length = 0;
    }
  }
  const daemon = await daemonOfOne(port);
  await first.until(() => first.events.at(-1)?.kind === 'membership');
  first.events.length = 0;
  engines[0]!.rejoin();
  equal(engines[0]!.health.connectedMs, null);
  await first.until(() => first.events.at(-1)?.kind === 'membership');
  equal(engines[0]!.health.reconnects, 3);
  for (const engine of engines) engine.leave();
  daemon.close();
});
