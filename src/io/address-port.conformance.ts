/**
 * The port of addresses as `address-port.ts` promises it: one suite for the kernel and its twin.
 *
 * The kernel's run needs root and two network namespaces (test/kernel); the twin's is a unit test
 * (sim). What a newcomer gets wrong: the suite does not know which it has, so it waits for what
 * must come by looking again, and lets real or simulated time pass through the world it is given.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type {
  AddressPort,
  AddressPortHandler,
  InterfaceAddress,
  Link,
  OpenAddressPort,
} from './address-port.ts';

/** A machine with one interface, `eth0`. */
export type AddressMachine = {
  readonly open: OpenAddressPort;
  /** Another program takes the address down. */
  remove(address: InterfaceAddress): void;
  /** The cable of `eth0`. */
  plug(up: boolean): void;
};

/** Two machines on one link, in 10.9.0.0/24 and fd00:9::/64, as .1 and .2, ::1 and ::2. */
export type AddressWorld = {
  readonly machines: readonly [AddressMachine, AddressMachine];
  /** Lets time pass until it holds; fails when it never does. */
  until(what: string, holds: () => boolean): Promise<void>;
  passes(durationMs: number): Promise<void>;
  close(): void;
};

/** A port, and all it has told. */
class Watched {
  readonly lost: InterfaceAddress[] = [];
  readonly links: Link[] = [];
  readonly claims: { interface: string; address: string; mac: string }[] = [];
  readonly problems: string[] = [];
  readonly port: AddressPort;

  constructor(machine: AddressMachine, interfaces: readonly string[] = ['eth0']) {
    const handler: AddressPortHandler = {
      onLost: (address) => this.lost.push(address),
      onLink: (link) => this.links.push(link),
      onClaim: (claim) => this.claims.push(claim),
      onProblem: (problem) => this.problems.push(problem),
    };
    const opened = machine.open({ interfaces }, handler);
    ok(!('code' in opened), JSON.stringify(opened));
    this.port = opened;
  }

  get mac(): string {
    return this.port.links()[0]?.mac ?? '';
  }

  hold(address: InterfaceAddress, validMs = 60_000): void {
    equal(this.port.hold(address, validMs), null);
  }

  release(address: InterfaceAddress): void {
    equal(this.port.release(address), null);
  }
}

type Given = {
  readonly world: AddressWorld;
  readonly one: Watched;
  readonly other: Watched;
  readonly vip: InterfaceAddress;
  /** Of the other machine, for good. */
  readonly otherAddress: string;
};

const families = {
  IPv4: {
    vip: { interface: 'eth0', address: '10.9.0.50', prefixLength: 24 },
    otherAddress: '10.9.0.2',
  },
  IPv6: {
    vip: { interface: 'eth0', address: 'fd00:9::50', prefixLength: 64 },
    otherAddress: 'fd00:9::2',
  },
} as const;

export function testAddressPort(name: string, makeWorld: () => Promise<AddressWorld>): void {
  for (const [family, given] of Object.entries(families)) {
    for (const [what, run] of Object.entries(cases)) {
      test(`${name}, ${family}: ${what}`, async () => {
        const world = await makeWorld();
        const [one, other] = world.machines.map((machine) => new Watched(machine));
        try {
          await run({ world, one: one!, other: other!, ...given });
          deepEqual([one!.problems, other!.problems], [[], []]);
        } finally {
          for (const { port } of [one!, other!]) {
            for (const address of port.ours()) port.release(address);
            port.close();
          }
          world.close();
        }
      });
    }
  }
}

const cases: Record<string, (given: Given) => Promise<void>> = {
  'hold() puts up what ours() lists, and release() takes it down': async ({ world, one, vip }) => {
    deepEqual(one.port.ours(), []);
    one.hold(vip);
    one.hold(vip);
    deepEqual(one.port.ours(), [vip]);
    one.release(vip);
    deepEqual(one.port.ours(), []);
    one.release(vip);
    await world.until('the loss is told', () => one.lost.length > 0);
    deepEqual(one.lost, [vip]);
  },

  'an address that is prolonged stays; else it goes by itself': async ({ world, one, vip }) => {
    for (let i = 0; i < 4; i++) {
      one.hold(vip, 2_000);
      await world.passes(800);
    }
    deepEqual(one.lost, []);
    await world.until('it has gone', () => one.lost.length > 0);
    deepEqual(one.lost, [vip]);
    deepEqual(one.port.ours(), []);
  },

  'what another program takes down is told as lost, and can be held again': async (given) => {
    const { world, one, vip } = given;
    one.hold(vip);
    world.machines[0].remove(vip);
    await world.until('the loss is told', () => one.lost.length === 1);
    one.hold(vip);
    deepEqual(one.port.ours(), [vip]);
  },

  'what one process has left, another one knows as ours': async ({ world, one, vip }) => {
    one.hold(vip);
    const next = new Watched(world.machines[0]);
    deepEqual(next.port.ours(), [vip]);
    next.release(vip);
    await world.until('both are told', () => one.lost.length + next.lost.length === 2);
    next.port.close();
  },

  'an interface that is not there is down, and holds nothing': async ({ world, vip }) => {
    const none = new Watched(world.machines[0], ['eth7']);
    deepEqual(none.port.links(), [{ interface: 'eth7', mac: '', up: false }]);
    const there = { ...vip, interface: 'eth7' };
    equal(none.port.hold(there, 1_000)?.code, 'ENODEV');
    equal(none.port.announce(there)?.code, 'ENODEV');
    equal(none.port.release(there), null);
    none.port.close();
  },

  'a pulled cable is told, and its return; addresses stay': async ({ world, one, vip }) => {
    one.hold(vip);
    const [link] = one.port.links();
    equal(link?.up, true);
    world.machines[0].plug(false);
    await world.until('down', () => one.links.at(-1)?.up === false);
    deepEqual(one.port.links(), [{ ...link, up: false }]);
    equal(one.port.announce(vip), null);
    world.machines[0].plug(true);
    await world.until('up', () => one.links.at(-1)?.up === true);
    deepEqual(one.port.links(), [link]);
    deepEqual(one.port.ours(), [vip]);
  },

  'probe() finds who has an address, and never ourselves': async ({ world, one, other, vip }) => {
    one.hold(vip);
    equal(one.port.probe(vip), null);
    // As often as a driver asks: one question may be lost.
    for (let round = 0; round < 3 && other.claims.length === 0; round++) {
      equal(other.port.probe(vip), null);
      await world.passes(60);
    }
    await world.until('it is found', () => other.claims.length > 0);
    deepEqual(other.claims[0], { interface: 'eth0', address: vip.address, mac: one.mac });
    await world.passes(300);
    deepEqual(one.claims, []);
  },

  'probe() finds nobody when nobody has it': async ({ world, other, vip }) => {
    equal(other.port.probe(vip), null);
    await world.passes(300);
    deepEqual(other.claims, []);
  },

  'announce() is heard by who has to do with the address': async ({ world, one, other, vip }) => {
    const unheard = { ...vip, address: vip.address.replace('50', '51') };
    other.port.probe(vip);
    equal(one.port.announce(unheard), null);
    equal(one.port.announce(vip), null);
    await world.until('it is heard', () => other.claims.length > 0);
    ok(other.claims.every(({ address, mac }) => address === vip.address && mac === one.mac));
  },

  'tell() with a ping makes the neighbour note us down': async (given) => {
    const { world, one, other, vip, otherAddress } = given;
    one.hold(vip);
    equal(one.port.tell(vip, { address: otherAddress, mac: null, ping: true }), null);
    const noted = () => other.port.neighbours().find(({ address }) => address === vip.address);
    await world.until('it is noted down', () => noted() !== undefined);
    deepEqual(noted(), { interface: 'eth0', address: vip.address, mac: one.mac });
    equal(one.port.tell(vip, { address: otherAddress, mac: other.mac, ping: true }), null);
  },

  'a closed port tells nothing more, and closes twice': async ({ world, one, vip }) => {
    const closed = new Watched(world.machines[0]);
    closed.hold(vip);
    closed.port.close();
    closed.port.close();
    world.machines[0].remove(vip);
    await world.until('the other port is told', () => one.lost.length === 1);
    deepEqual(closed.lost, []);
  },
};
