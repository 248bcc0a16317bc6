/** Two daemons in processes of their own, on loopback, and clients of both. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { AddressFigures, FIGURES_BYTES } from '../../core/address/figures.ts';
import { PROFILES } from '../../core/ring/timing.ts';
import { DEFAULT_ACCESS } from '../../core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../../core/spread/server/server-events.ts';
import type { SpreadEvent } from '../../core/spread/session-events.ts';
import { accountsOf } from './become-user.ts';
import { SpreadClient } from './spread-client.ts';
import { SpreadService } from './spread-service.ts';

/** A client that can be waited for. */
class Client {
  readonly events: SpreadEvent[] = [];
  readonly client: SpreadClient;
  #wake = (): void => {};

  constructor(daemon: string, user: string) {
    this.client = new SpreadClient({ daemon, user, retryMs: 20 }, (event) => {
      this.events.push(event);
      this.#wake();
    });
    this.client.open();
  }

  async until(what: (event: SpreadEvent) => boolean): Promise<SpreadEvent> {
    for (;;) {
      const found = this.events.find(what);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function freePort(host: string): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function membersAre(...names: string[]) {
  return (event: SpreadEvent): boolean =>
    event.kind === 'membership' && event.members.join() === names.join();
}

test('SpreadService serves clients of two nodes in one order', { timeout: 30_000 }, async () => {
  const hosts = ['127.0.83.1', '127.0.83.2'];
  const port = await freePort(hosts[0]!);
  const path = `/tmp/${port}`;
  const logs: string[] = [];
  const figures = new SharedArrayBuffer(FIGURES_BYTES);
  const services = hosts.map((host, index) => {
    const name = `n${index + 1}`;
    const socket = { port: port + 1, host, peers: hosts, multicast: null, interfaces: [] };
    return new SpreadService(
      {
        ring: { group: 'test', timing: PROFILES.lan, secrets: ['secret'], socket },
        host: {
          node: name,
          listen: [{ host, port }],
          path: index === 0 ? path : null,
          access: DEFAULT_ACCESS,
          limits: DEFAULT_SPREAD_LIMITS,
        },
        user: null,
      },
      { log: (text) => logs.push(text), figures: new AddressFigures(figures) },
    );
  });
  const clients = [new Client(String(port), 'alice'), new Client(`${port}@${hosts[1]}`, 'bob')];
  const [alice, bob] = [clients[0]!, clients[1]!];
  try {
    await Promise.all(clients.map((one) => one.until(({ kind }) => kind === 'connected')));
    for (const { client } of clients) equal(client.join('chat'), 0);
    const both = ['#alice#n1', '#bob#n2'];
    await Promise.all(clients.map((one) => one.until(membersAre(...both))));
    const count = 200;
    const service = 0x10;
    for (let type = 0; type < count; type++) {
      for (const { client } of clients) {
        client.multicast({ service, groups: ['chat'], type, bytes: new Uint8Array(1_000) });
      }
    }
    const isLast = (sender: string) => (event: SpreadEvent) =>
      event.kind === 'message' && event.sender === sender && event.type === count - 1;
    for (const one of clients) for (const sender of both) await one.until(isLast(sender));
    const [first, second] = clients.map(({ events }) =>
      events.flatMap((event) => (event.kind === 'message' ? [event.sender, event.type] : [])),
    );
    equal(first!.length, 4 * count);
    deepEqual(first, second);
    const status = await services[0]!.status();
    deepEqual(status?.groups, [{ name: 'chat', members: both }]);
    deepEqual(status?.daemons, ['n1', 'n2']);
    equal(status?.sessions.length, 1);
    await services[1]!.stop();
    await alice.until(membersAre('#alice#n1'));
    await bob.until(({ kind }) => kind === 'lost');
  } finally {
    for (const { client } of clients) client.close();
    await Promise.all(services.map((service) => service.stop()));
    rmSync(path, { force: true });
  }
  ok(
    logs.some((line) => line.startsWith('the Spread daemon runs')),
    logs.join('\n'),
  );
});

test('accountsOf() reads passwd(5)', () => {
  const text =
    'root:x:0:0:root:/root:/bin/sh\nspread:x:107:113::/:/bin/false\n+::::::\nbad:x:a:b\n';
  deepEqual(accountsOf(text), [
    { name: 'root', uid: 0, gid: 0 },
    { name: 'spread', uid: 107, gid: 113 },
  ]);
});
