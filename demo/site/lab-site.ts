/**
 * The site in the lab: network namespaces, the article's files as they are, real addresses and ARP.
 *
 * What a newcomer gets wrong: the machines share this computer's processors, so the kernel's load
 * says nothing of any of them. Each shop writes its own, and it is that machine's `/proc/loadavg`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, LabMachine } from '../../src/lab/lab.ts';
import type { Doors } from './doors.ts';
import type { Place } from './layout.ts';
import { note, type Switched, type SwitchedSite } from './switched-site.ts';

const LOOK_MS = 500;

export class LabSite implements SwitchedSite {
  readonly kind =
    'Each machine is a network namespace with cables, addresses and ARP of its own. The links lead ' +
    'into it through ports of this computer; the clients that are counted live in there.';
  readonly places: readonly Place[];
  readonly shared: SwitchedSite['shared'];
  readonly switched: Switched[] = [];
  readonly #lab: Lab;
  readonly #doors: Doors;
  readonly #looking: NodeJS.Timeout;
  /** As we know it, to notice when a machine ends by itself. */
  readonly #running = new Set<string>();

  constructor(
    lab: Lab,
    parts: { places: readonly Place[]; shared: readonly string[]; doors: Doors },
  ) {
    const { places, shared, doors } = parts;
    this.#lab = lab;
    this.#doors = doors;
    this.places = places;
    this.shared = shared.map((address) => ({ address, url: doors.urls.get(`${address}:80`)! }));
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  isOn(name: string): boolean {
    const machine = this.#lab.machines.get(name);
    return machine?.on === true && machine.runs;
  }

  urlOf({ address }: Place): string {
    return this.#doors.urls.get(`${address}:80`)!;
  }

  pidOf(name: string): number | null {
    return this.#lab.machines.get(name)?.nodePid ?? null;
  }

  async power(name: string, on: boolean): Promise<boolean> {
    const machine = this.#lab.machines.get(name);
    const isKnown = this.places.some((place) => place.name === name);
    if (machine === undefined || !isKnown || this.isOn(name) === on) return false;
    note(this.switched, `${name} ${on ? 'on' : 'off'}`);
    this.#running.delete(name);
    if (!on) machine.off();
    // Its daemon has ended by itself; the machine is what it was.
    else if (machine.on) await machine.start();
    else await machine.switchOn();
    return true;
  }

  stop(): Promise<void> {
    clearInterval(this.#looking);
    this.#doors.close();
    this.#lab.close();
    return Promise.resolve();
  }

  #look(): void {
    for (const { name, isDirector } of this.places) {
      const machine = this.#lab.machines.get(name)!;
      if (this.isOn(name)) this.#running.add(name);
      else if (this.#running.delete(name)) note(this.switched, `${name} gone`);
      if (!isDirector && machine.on) machine.machine.load = loadOf(machine);
    }
  }
}

/** 0 as long as its shop has said nothing. */
function loadOf({ machine }: LabMachine): number {
  try {
    return Number(readFileSync(join(machine.runDirectory, 'load'), 'utf8'));
  } catch {
    return 0;
  }
}
