/** The kernel's addresses, held to the suite that their simulated twin is held to. */
import { ok } from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { testAddressPort } from '../../src/io/address-port.conformance.ts';
import { unavailable } from '../../src/lab/room.ts';
import { addressRoom, type Host } from './address-room.ts';
import { eventually } from './eventually.ts';

if (unavailable() === null) {
  // One room for all: every test gives back what it has put up.
  const { room, hosts } = await addressRoom(['one', 'other']);
  after(() => room.close());

  const machineOf = (host: Host) => ({
    open: host.open,
    remove: ({ address, prefixLength }: { address: string; prefixLength: number }) => {
      host.ip('address', 'del', `${address}/${prefixLength}`, 'dev', 'eth0');
    },
    plug: (up: boolean) => (up ? host.machine.plug() : host.machine.unplug()),
  });

  testAddressPort('kernel', async () => ({
    machines: [machineOf(hosts[0]!), machineOf(hosts[1]!)],
    until: async (what, holds) => {
      await eventually(what, () => ok(holds(), what));
    },
    passes: async (durationMs) => void (await delay(durationMs)),
    close: () => {},
  }));
}
