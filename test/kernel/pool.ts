/**
 * Machines that share a pool of addresses, and a visitor who looks at them from outside.
 *
 * What a newcomer gets wrong: who holds an address is asked of the network, not of the machines. A
 * kernel that has an address answers for it, whatever its daemon believes.
 */
import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import type { LabDefinition } from '../../src/lab/definition.ts';
import { Lab, type LabMachine } from '../../src/lab/lab.ts';
import { eventually } from './eventually.ts';

const CENSUS = join(import.meta.dirname, 'census.ts');

/** An answer takes microseconds; the asker's start, on a busy machine, half a second. */
const CENSUS_MS = 600;

export type PoolOptions = {
  readonly definition: LabDefinition;
  readonly addresses: readonly string[];
};

export class Pool {
  readonly lab: Lab;
  readonly addresses: readonly string[];
  #log = '';

  constructor({ definition, addresses }: PoolOptions) {
    this.addresses = addresses;
    this.lab = new Lab(definition, {
      onLog: (machine, line) => {
        this.#log += `${machine}: ${line}\n`;
      },
    });
  }

  /** What all daemons have said. */
  get log(): string {
    return this.#log;
  }

  get visitor(): LabMachine {
    return this.#machine('visitor');
  }

  /** Those with a daemon, in the order of the file. */
  get nodes(): readonly LabMachine[] {
    return [...this.lab.machines.values()].filter(({ name }) => name !== 'visitor');
  }

  node(number: number): LabMachine {
    return this.nodes[number - 1]!;
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
    await this.settles(this.nodes);
  }

  /** Who answers for each address: names of machines, as the visitor hears them. */
  census(addresses: readonly string[] = this.addresses): Map<string, string[]> {
    const text = this.visitor.machine.exec(
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      CENSUS,
      'eth0',
      String(CENSUS_MS),
      ...addresses,
    );
    const names = new Map(
      this.nodes.flatMap(({ name, machine }) => machine.macs.map((mac) => [mac, name] as const)),
    );
    const answers = JSON.parse(text) as Record<string, string[]>;
    return new Map(
      addresses.map((address) => [
        address,
        (answers[address] ?? []).map((mac) => names.get(mac) ?? mac).toSorted(),
      ]),
    );
  }

  /** Each address is answered for by one machine, which is one of these. */
  covered(by: readonly LabMachine[]): Promise<Map<string, string[]>> {
    const names = by.map(({ name }) => name);
    return this.#eventually(`each address is held once by ${names.join(', ')}`, () => {
      const census = this.census();
      for (const [address, holders] of census) {
        equal(holders.length, 1, `${address} is held by ${holders.join(' and ') || 'nobody'}`);
        equal(names.includes(holders[0]!), true, `${address} is held by ${holders[0]}`);
      }
      return census;
    });
  }

  /** Covered, evenly, and the visitor's kernel sends to the right machine. */
  async settles(by: readonly LabMachine[]): Promise<void> {
    await this.#eventually('addresses are evenly spread', () => {
      const census = this.census();
      const counts = by.map(
        ({ name }) => [...census.values()].filter((holders) => holders.includes(name)).length,
      );
      const total = counts.reduce((sum, count) => sum + count, 0);
      const each = [...census].map(([address, holders]) => [address, holders.length]);
      deepEqual(
        each,
        this.addresses.map((address) => [address, 1]),
      );
      equal(total, this.addresses.length);
      equal(Math.max(...counts) - Math.min(...counts) <= 1, true, `counts ${counts.join(' ')}`);
    });
  }

  /** The visitor's own ARP cache, which knows them all by now, names the holder of each address. */
  async follows(census: ReadonlyMap<string, readonly string[]>): Promise<void> {
    await this.#eventually("the visitor's kernel knows who holds what", () => {
      const known = this.#neighbours();
      const holders = [...census].map(([address, [holder]]) => [address, holder]);
      deepEqual(
        holders.map(([address]) => [address, known.get(address!)]),
        holders,
      );
    });
  }

  /** The machine that the visitor's kernel would send to, for each address it knows. */
  #neighbours(): Map<string, string> {
    const names = new Map(
      this.nodes.flatMap(({ name, machine }) => machine.macs.map((mac) => [mac, name] as const)),
    );
    const lines = this.visitor.machine.exec('ip', '-o', 'neighbour', 'show').split('\n');
    return new Map(
      lines.flatMap((line) => {
        const [, address, mac] = /^(\S+) dev \S+ lladdr (\S+)/.exec(line) ?? [];
        return address === undefined ? [] : [[address, names.get(mac!) ?? mac!] as const];
      }),
    );
  }

  close(): void {
    this.lab.close();
  }

  #machine(name: string): LabMachine {
    return this.lab.machines.get(name)!;
  }

  async #eventually<T>(what: string, look: () => T): Promise<T> {
    try {
      return await eventually(what, look);
    } catch (error) {
      throw new Error(`${String(error)}\n${this.#log.split('\n').slice(-60).join('\n')}`, {
        cause: error,
      });
    }
  }
}
