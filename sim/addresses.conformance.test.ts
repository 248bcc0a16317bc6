/**
 * Goal: simulated addresses behave like the kernel's wherever the keeper of the pool depends on it.
 *
 * The same suite runs on the kernel in test/kernel/addresses-conformance.test.ts.
 */
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { testAddressPort } from '../src/io/address-port.conformance.ts';
import { type LinkClock, NO_LINK_FAULTS, SimulatedLink } from './addresses.ts';

const LOOK_MS = 10;

class Clock implements LinkClock {
  #nowMs = 0;
  #events: { readonly atMs: number; readonly run: () => void }[] = [];

  readonly nowMs = (): number => this.#nowMs;

  readonly after = (run: () => void, delayMs: number): void => {
    this.#events.push({ atMs: this.#nowMs + delayMs, run });
  };

  pass(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#events.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#events = this.#events.filter((event) => event !== next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }
}

const MACS = ['02:00:00:00:00:01', '02:00:00:00:00:02'] as const;

testAddressPort('simulated', async () => {
  const clock = new Clock();
  const link = new SimulatedLink(clock);
  const machineOf = (name: string, mac: string) => {
    const machine = link.machine(name, { eth0: mac });
    return {
      open: machine.open,
      remove: machine.remove.bind(machine),
      plug: (up: boolean) => machine.plug('eth0', up),
    };
  };
  return {
    machines: [machineOf('one', MACS[0]), machineOf('other', MACS[1])],
    until: async (what, holds) => {
      for (let i = 0; i < 1_000 && !holds(); i++) clock.pass(LOOK_MS);
      ok(holds(), what);
    },
    passes: async (durationMs) => clock.pass(durationMs),
    close: () => {},
  };
});

test('simulated: a machine that is cut off keeps its addresses, and is not heard', () => {
  const clock = new Clock();
  const link = new SimulatedLink(clock);
  const claims: string[] = [];
  const silent = { onLost: () => {}, onLink: () => {}, onClaim: () => {}, onProblem: () => {} };
  const ports = MACS.map((mac, index) => {
    const machine = link.machine(`m${index}`, { eth0: mac });
    const handler = { ...silent, onClaim: ({ mac: heard }: { mac: string }) => claims.push(heard) };
    const port = machine.open({ interfaces: ['eth0'] }, handler);
    ok(!('code' in port));
    return port;
  });
  const vip = { interface: 'eth0', address: '10.9.0.50', prefixLength: 24 };
  link.faults = { ...NO_LINK_FAULTS, isCut: (from) => from === 'm0', overstayMs: () => 700 };
  for (const port of ports) port.hold(vip, 2_000);
  ports[0]?.announce(vip);
  clock.pass(2_600);
  equal(link.holders(vip.address).length, 2);
  equal(claims.length, 0);
  clock.pass(100);
  equal(link.holders(vip.address).length, 0);
});
