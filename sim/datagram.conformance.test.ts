/**
 * Goal: the simulated datagrams behave like real ones wherever the announcer depends on it.
 *
 * One suite, run on `node:dgram` over loopback and on the simulated network. Nobody waits for time
 * to pass: that something was *not* delivered is seen when what was sent after it has arrived.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import dgram from 'node:dgram';
import { test } from 'node:test';
import {
  type DatagramDestination,
  type DatagramPort,
  type OpenDatagrams,
  openDatagrams,
} from '../src/io/datagram.ts';
import { SimulatedNetwork } from './datagram.ts';

type World = {
  /** A host's view; the two hosts hear each other. */
  readonly hosts: readonly [OpenDatagrams, OpenDatagrams];
  readonly addresses: readonly [string, string];
  readonly broadcast: string;
  readonly port: () => Promise<number>;
};

const GROUP = '239.255.77.1';

const worlds: readonly (readonly [name: string, make: () => World])[] = [
  [
    'node:dgram',
    () => ({
      hosts: [openDatagrams, openDatagrams],
      addresses: ['127.0.0.1', '127.0.0.1'],
      broadcast: '127.255.255.255',
      port: freePort,
    }),
  ],
  [
    'simulated',
    () => {
      const network = new SimulatedNetwork((deliver) => queueMicrotask(deliver));
      const addresses = ['10.0.0.1', '10.0.0.2'] as const;
      let port = 4_000;
      return {
        hosts: [network.host(addresses[0]), network.host(addresses[1])],
        addresses,
        broadcast: '10.0.0.255',
        port: async () => port++,
      };
    },
  ],
];

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** What one host hears, and a promise for the next of it that `wanted` says yes to. */
class Ear {
  readonly heard: (readonly [text: string, sender: string])[] = [];
  readonly problems: string[] = [];
  #port: DatagramPort | null = null;
  #wakes: (() => void)[] = [];

  async open(host: OpenDatagrams, ...destinations: DatagramDestination[]): Promise<this> {
    const opened = await host(
      { destinations, interfaceAddress: null },
      {
        onDatagram: (bytes, sender) => {
          this.heard.push([new TextDecoder().decode(bytes), sender]);
          for (const wake of this.#wakes.splice(0)) wake();
        },
        onProblem: (problem) => this.problems.push(problem),
      },
    );
    ok(!('problem' in opened), JSON.stringify(opened));
    this.#port = opened;
    return this;
  }

  /** Overwrites what it sent, as a caller may. */
  send(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#port!.send(bytes);
    bytes.fill(0);
  }

  close(): void {
    this.#port!.close();
  }

  /** All heard up to the arrival of `text`. */
  async until(text: string): Promise<string[]> {
    while (!this.heard.some(([heard]) => heard === text)) {
      await new Promise<void>((resolve) => {
        this.#wakes.push(resolve);
      });
    }
    return this.heard.map(([heard]) => heard);
  }
}

for (const [name, make] of worlds) {
  const to = (host: string, port: number): DatagramDestination => ({ host, port, ttl: 1 });

  test(`${name}: a broadcast reaches both, the sender included`, async () => {
    const { hosts, broadcast, addresses, port } = make();
    const at = to(broadcast, await port());
    const one = await new Ear().open(hosts[0], at);
    const other = await new Ear().open(hosts[1], at);
    one.send('a');
    await Promise.all([one.until('a'), other.until('a')]);
    equal(other.heard[0]?.[1], addresses[0]);
    other.send('b');
    deepEqual(await one.until('b'), ['a', 'b']);
    one.close();
    other.close();
  });

  test(`${name}: a multicast reaches who joined the group`, async () => {
    const { hosts, port } = make();
    const at = to(GROUP, await port());
    const one = await new Ear().open(hosts[0], at);
    const other = await new Ear().open(hosts[1], at);
    one.send('a');
    await Promise.all([one.until('a'), other.until('a')]);
    deepEqual([one.problems, other.problems], [[], []]);
    one.close();
    other.close();
  });

  test(`${name}: several destinations are all sent to, and all heard on`, async () => {
    const { hosts, broadcast, port } = make();
    const [first, second] = [to(broadcast, await port()), to(broadcast, await port())];
    const one = await new Ear().open(hosts[0], first);
    const other = await new Ear().open(hosts[1], second);
    const both = await new Ear().open(hosts[0], first, second);
    both.send('to both');
    await Promise.all([one.until('to both'), other.until('to both')]);
    one.send('on the first');
    other.send('on the second');
    await both.until('on the first');
    await both.until('on the second');
    ok(!other.heard.some(([text]) => text === 'on the first'), 'another port is another thing');
    for (const ear of [one, other, both]) ear.close();
  });

  test(`${name}: a closed port hears and sends nothing more, and closes twice`, async () => {
    const { hosts, broadcast, port } = make();
    const at = to(broadcast, await port());
    const one = await new Ear().open(hosts[0], at);
    const other = await new Ear().open(hosts[1], at);
    one.send('a');
    await other.until('a');
    await one.until('a');
    one.close();
    one.close();
    one.send('b');
    other.send('c');
    deepEqual(await other.until('c'), ['a', 'c']);
    deepEqual(
      one.heard.map(([text]) => text),
      ['a'],
    );
    other.close();
  });
}
