/**
 * Machines on one link with both families, and the means to act as one of them from this process.
 *
 *     one .1 ::1 ── other .2 ::2 ── third .3 ::3      10.9.0.0/24, fd00:9::/64
 *
 * What a newcomer gets wrong: a thread can enter another network namespace, and what it opens there
 * stays there. So a test holds the ports of all machines, in one process and by one clock.
 */

import { equal } from 'node:assert/strict';
import { type ChildProcess, execFileSync } from 'node:child_process';
import ffi from 'node:ffi';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import type { OpenAddressPort } from '../../src/io/address-port.ts';
import { openKernelAddresses } from '../../src/io/kernel-addresses.ts';
import { type Machine, Room } from '../../src/lab/room.ts';
import { eventually } from './eventually.ts';

const { setns } = ffi.dlopen(null, {
  setns: { arguments: ['int32', 'int32'], return: 'int32' },
}).functions;

const CLONE_NEWNET = 0x4000_0000;
const CARD = 'eth0';

/** Long enough for every test; the room's end ends it. */
const KEPT_SECONDS = '3600';

/** A machine, and a process on it that keeps its namespace at hand. */
export class Host {
  readonly machine: Machine;
  readonly #keeper: ChildProcess;

  constructor(machine: Machine, keeper: ChildProcess) {
    this.machine = machine;
    this.#keeper = keeper;
  }

  /** Runs it in the machine's network. Not to be awaited in: the whole thread is there. */
  inside<T>(act: () => T): T {
    const home = openSync('/proc/thread-self/ns/net', 'r');
    const there = openSync(`/proc/${this.#keeper.pid}/ns/net`, 'r');
    try {
      equal(setns(there, CLONE_NEWNET), 0);
      return act();
    } finally {
      equal(setns(home, CLONE_NEWNET), 0);
      closeSync(there);
      closeSync(home);
    }
  }

  readonly open: OpenAddressPort = (options, handler) => {
    return this.inside(() => openKernelAddresses(options, handler));
  };

  /** `ip` in the machine, without a shell or another namespace's delay. */
  ip(...args: readonly string[]): string {
    return this.inside(() => execFileSync('ip', args, { encoding: 'utf8' }));
  }
}

/** @param names of machines; each is ready when it resolves. Close the room in the end. */
export async function addressRoom(
  names: readonly string[],
): Promise<{ room: Room; hosts: readonly Host[] }> {
  const room = new Room();
  const own = readlinkSync('/proc/self/ns/net');
  const hosts: Host[] = [];
  for (const [index, name] of names.entries()) {
    const number = index + 1;
    const machine = room.machine(name, [{ network: 'lan', address: `10.9.0.${number}/24` }]);
    const keeper = machine.run('sleep', [KEPT_SECONDS], { stdio: 'ignore', writes: false });
    await eventually('the namespace is entered', () => {
      equal(readlinkSync(`/proc/${keeper.pid}/ns/net`) === own, false);
    });
    machine.exec('ip', 'address', 'add', `fd00:9::${number}/64`, 'dev', CARD, 'nodad');
    hosts.push(new Host(machine, keeper));
  }
  // A host answers only once it knows that its own addresses are nobody else's.
  for (const host of hosts) {
    await eventually('no address is tentative', () => {
      equal(host.ip('-6', 'address', 'show', 'tentative'), '');
    });
  }
  return { room, hosts };
}
