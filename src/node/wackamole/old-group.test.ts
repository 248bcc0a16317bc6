/**
 * Members of an old group over our own Spread daemons: nodes of ours, and the original's model with
 * its slips. What they hold, in the order of what happened, is in
 * test/transcripts/wackamole/old-group.txt; UPDATE=1 writes it anew: read the diff.
 */
import { equal } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { Original } from '../../../sim/wackamole/original.ts';
import { AddressFigures, FIGURES_BYTES } from '../../core/address/figures.ts';
import type { KeeperEvent } from '../../core/address/keeper-events.ts';
import type { AddressesConfig } from '../../core/cluster/config.ts';
import type { GroupEvent } from '../../core/ring/group.ts';
import { PROFILES } from '../../core/ring/timing.ts';
import { DEFAULT_ACCESS } from '../../core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../../core/spread/server/server-events.ts';
import { gidOf, OWN_ORDER } from '../../core/wackamole/messages.ts';
import { SpreadClient } from '../spread/spread-client.ts';
import { SpreadService } from '../spread/spread-service.ts';
import { WackamoleMember } from './wackamole-member.ts';

const POOL = ['10.77.0.200', '10.77.0.201', '10.77.0.202', '10.77.0.203'];
const MATURE_MS = 400;
const INTERVAL_MS = 300;
const GROUP = 'wack1';

const nowMs = (): number => performance.now();

function configFor(daemon: string): AddressesConfig {
  return {
    pool: POOL.map((address) => ({
      name: address,
      addresses: [{ interface: 'eth0', address, prefixLength: 24, notifyPrefixLength: 24 }],
    })),
    matureMs: MATURE_MS,
    balance: { rate: 1, intervalMs: INTERVAL_MS, enabled: true },
    prefer: [],
    weight: 1,
    policy: { kind: 'serve' },
    compatibility: 'wackamole',
    group: {
      engine: { kind: 'spread', daemon, user: null, retryMs: 200, otherwise: 'wait' },
      name: GROUP,
      port: 4_803,
      profile: 'lan',
      host: null,
      peers: [],
      multicast: null,
      secrets: [],
    },
    notify: [],
    arpCacheMs: 60_000,
    refreshMs: 60_000,
    validMs: 2_000,
    hooks: { up: [], down: [] },
  };
}

/** A machine of the test: its kernel, and whoever puts addresses into it. */
type Machine = { readonly name: string; readonly kernel: Set<string>; stop(): void };

/** A node of ours; the driver in short. */
class Node implements Machine {
  readonly name: string;
  readonly kernel = new Set<string>();
  readonly member: WackamoleMember;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(name: string, real: string, daemon: string) {
    this.name = name;
    const parts = { node: name, nowMs, onReport: () => undefined };
    this.member = new WackamoleMember(configFor(daemon), real, parts);
    this.member.open((event) => this.#hear(event));
  }

  step(event: KeeperEvent): void {
    for (const effect of this.member.keeper.step(event)) {
      if (effect.kind === 'release') this.kernel.delete(effect.group);
      else if (effect.kind === 'hold') {
        this.kernel.add(effect.group);
        this.step({ kind: 'held', nowMs: nowMs(), group: effect.group });
      } else if (effect.kind === 'wake') {
        const tick = (): void => this.step({ kind: 'tick', nowMs: nowMs() });
        this.#timers.add(setTimeout(tick, Math.ceil(effect.atMs - nowMs()) + 1));
      }
    }
  }

  #hear(event: GroupEvent): void {
    this.step({ kind: 'group', nowMs: nowMs(), event });
    // As the driver does at each membership.
    if (event.kind === 'view') this.member.send(Uint8Array.of(2));
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    void this.member.leave();
    this.kernel.clear();
  }
}

/** The original's model as a client of a real daemon. */
class OriginalMachine implements Machine {
  readonly name = 'original';
  readonly kernel = new Set<string>();
  readonly #client: SpreadClient;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(real: string, daemon: string, little: boolean) {
    let original: Original | null = null;
    this.#client = new SpreadClient({ daemon, user: 'wack712', retryMs: 200 }, (event) => {
      if (event.kind === 'connected') {
        original = new Original(
          {
            name: event.privateName,
            real,
            addresses: POOL,
            prefers: [],
            little,
            matureMs: MATURE_MS,
            intervalMs: INTERVAL_MS,
            rate: 1,
          },
          {
            nowMs,
            up: (address) => this.kernel.add(address),
            down: (address) => this.kernel.delete(address),
            multicast: (type, bytes) => this.#multicast(type, bytes, little !== OWN_ORDER.little),
            wake: (atMs) => {
              const delayMs = Math.ceil(atMs - nowMs()) + 1;
              if (Number.isFinite(delayMs)) {
                this.#timers.add(setTimeout(() => original?.tick(), delayMs));
              }
            },
          },
        );
        this.#client.join(GROUP);
      } else if (event.kind === 'membership') {
        const { cause, members, sets } = event;
        original?.hear({ kind: 'membership', cause, members, sets, gid: gidOf(event.gid) });
      } else if (event.kind === 'message') {
        const isLittle = event.swapped !== OWN_ORDER.little;
        original?.hear({ ...event, kind: 'message', little: isLittle });
      }
    });
    this.#client.open();
  }

  #multicast(type: number, bytes: Uint8Array, swapped: boolean): void {
    this.#client.multicast({ service: 0x10, groups: [GROUP], type, bytes, swapped });
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#client.close();
    this.kernel.clear();
  }
}

async function freePort(host: string): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function daemons(hosts: readonly string[]) {
  const port = await freePort(hosts[0]!);
  const services = hosts.map((host, index) => {
    const socket = { port: port + 1, host, peers: hosts, multicast: null, interfaces: [] };
    return new SpreadService(
      {
        ring: { group: 'test', timing: PROFILES.lan, secrets: ['secret'], socket },
        host: {
          node: `n${index + 1}`,
          listen: [{ host, port }],
          path: null,
          access: DEFAULT_ACCESS,
          limits: DEFAULT_SPREAD_LIMITS,
        },
        user: null,
      },
      {
        log: () => undefined,
        figures: new AddressFigures(new SharedArrayBuffer(FIGURES_BYTES)),
      },
    );
  });
  return { services, addresses: hosts.map((host) => `${port}@${host}`) };
}

/** Waits until every address is up once, and as many at each machine as expected. */
async function settled(machines: readonly Machine[], counts: readonly number[]): Promise<string> {
  for (;;) {
    const all = machines.flatMap(({ kernel }) => [...kernel]).toSorted();
    const sizes = machines.map(({ kernel }) => kernel.size);
    if (all.join() === POOL.join() && sizes.join() === counts.join()) {
      return machines.map(({ name, kernel }) => `${name} holds ${kernel.size}`).join(', ');
    }
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const transcript = new URL('../../../test/transcripts/wackamole/old-group.txt', import.meta.url);
const written: string[] = [
  'Members of an old group over two Spread daemons of ours: what they hold when all is settled.',
  '',
];

async function scenario(title: string, host: number, run: Scenario): Promise<void> {
  const { services, addresses } = await daemons([`127.0.${host}.1`, `127.0.${host}.2`]);
  const machines: Machine[] = [];
  written.push(title, '----');
  try {
    await run({
      addresses,
      services,
      add: <T extends Machine>(machine: T): T => {
        machines.push(machine);
        return machine;
      },
      say: (text) => written.push(text),
    });
  } finally {
    for (const machine of machines) machine.stop();
    await Promise.all(services.map((service) => service.stop()));
  }
  written.push('');
}

type Scenario = (stage: {
  readonly addresses: readonly string[];
  readonly services: readonly SpreadService[];
  readonly add: <T extends Machine>(machine: T) => T;
  readonly say: (text: string) => void;
}) => Promise<void>;

test('an old group of two nodes of ours holds, balances and hands over', async () => {
  await scenario('two nodes of ours', 91, async ({ addresses, add, say }) => {
    const one = add(new Node('web1', '10.77.0.1', addresses[0]!));
    say(`web1 alone: ${await settled([one], [4])}`);
    const two = add(new Node('web2', '10.77.0.2', addresses[1]!));
    say(`web2 joins, and a round each Interval: ${await settled([one, two], [2, 2])}`);
    one.step({ kind: 'drain', nowMs: nowMs(), on: true });
    say(`web1 is drained: ${await settled([one, two], [0, 4])}`);
    one.step({ kind: 'drain', nowMs: nowMs(), on: false });
    say(`web1 takes part again: ${await settled([one, two], [2, 2])}`);
    two.stop();
    say(`web2 ends: ${await settled([one], [4])}`);
  });
});

test('a node that loses its Spread daemon lets all go at once', async () => {
  await scenario("a node's Spread daemon ends", 94, async ({ addresses, services, add, say }) => {
    const one = add(new Node('web1', '10.77.0.1', addresses[0]!));
    const two = add(new Node('web2', '10.77.0.2', addresses[1]!));
    say(`two nodes: ${await settled([one, two], [2, 2])}`);
    await services[0]!.stop();
    say(`web1's daemon ends: ${await settled([one, two], [0, 4])}`);
    const { pending } = one.member.keeper.status();
    say(`web1 says: ${pending?.replace(/:.*/, '')}`);
  });
});

for (const little of [true, false]) {
  const order = little ? 'of our byte order' : 'of the other byte order';
  test(`a node of ours beside an original ${order}`, async () => {
    const title = `a node of ours beside an original ${order}, with its slips`;
    await scenario(title, little ? 92 : 93, async ({ addresses, add, say }) => {
      const original = add(new OriginalMachine('10.77.0.9', addresses[0]!, little));
      say(`the original alone: ${await settled([original], [4])}`);
      const ours = add(new Node('web2', '10.77.0.2', addresses[1]!));
      say(`web2 joins: ${await settled([original, ours], [2, 2])}`);
      original.stop();
      say(`the original ends: ${await settled([ours], [4])}`);
      const again = add(new OriginalMachine('10.77.0.9', addresses[0]!, little));
      say(`the original is back: ${await settled([again, ours], [2, 2])}`);
      ours.stop();
      say(`web2 ends: ${await settled([again], [4])}`);
    });
  });
}

test('the transcript is what happened', () => {
  const text = `${written.join('\n').trimEnd()}\n`;
  if (process.env['UPDATE'] === '1') writeFileSync(transcript, text);
  equal(text, readFileSync(transcript, 'utf8'));
});
