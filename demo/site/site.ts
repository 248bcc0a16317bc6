/**
 * The machines of the site and their power switches.
 *
 * What a newcomer gets wrong: off is a power cut. Nobody is told, nothing is finished; the others
 * have to notice by themselves. On again is a machine that knows nothing of before.
 */
import { join } from 'node:path';
import { placeOf } from '../carts.ts';
import { Machine } from '../machine.ts';
import type { ShopOptions } from '../shop.ts';
import { configOf } from './config-files.ts';
import type { Place, SiteLayout } from './layout.ts';
import { note, type Switched, type SwitchedSite } from './switched-site.ts';

export class Site implements SwitchedSite {
  readonly kind =
    'The addresses are of the loopback, so to hold one means to listen there. Machines, failures ' +
    'and take-overs are real processes; cables and ARP are in npm start -- --lab (as root).';
  readonly layout: SiteLayout;
  readonly switched: Switched[] = [];
  readonly #directory: string;
  readonly #machines = new Map<string, Machine>();
  /** Called when a machine has ended that nobody has switched off. */
  onGone: (name: string, how: string) => void = () => {};

  constructor(layout: SiteLayout, directory: string) {
    this.layout = layout;
    this.#directory = directory;
    for (const place of layout.places) this.#machines.set(place.name, this.#start(place));
  }

  get places(): readonly Place[] {
    return this.layout.places;
  }

  get shared(): SwitchedSite['shared'] {
    const { shared, port } = this.layout;
    return shared.map((address) => ({ address, url: `http://${address}:${port}/` }));
  }

  urlOf({ address }: Place): string {
    return `http://${address}:${this.layout.port}/`;
  }

  pidOf(name: string): number | null {
    return this.#machines.get(name)?.pid ?? null;
  }

  isOn(name: string): boolean {
    return this.#machines.get(name)?.running === true;
  }

  async power(name: string, on: boolean): Promise<boolean> {
    const place = this.layout.places.find((one) => one.name === name);
    const machine = this.#machines.get(name);
    if (place === undefined || machine === undefined || machine.running === on) return false;
    note(this.switched, `${name} ${on ? 'on' : 'off'}`);
    if (on) this.#machines.set(name, this.#start(place));
    else await machine.stop();
    return true;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#machines.values()].map((machine) => machine.stop()));
  }

  #start(place: Place): Machine {
    const { name, address, isDirector } = place;
    const machine = new Machine({
      name,
      address,
      config: configOf(this.#directory, place),
      log: join(this.#directory, `${name}.log`),
      shop: isDirector ? null : JSON.stringify(this.#shopOf(place)),
    });
    machine.onGone = (how) => {
      note(this.switched, `${name} gone`);
      this.onGone(name, how);
    };
    return machine;
  }

  #shopOf({ name, address }: Place): ShopOptions {
    const web = this.layout.places.filter(({ isDirector }) => !isDirector);
    return {
      name,
      place: placeOf(address),
      host: address,
      port: this.layout.shopPort,
      loadFile: join(this.#directory, `${name}.load`),
      machines: Object.fromEntries(web.map((one) => [placeOf(one.address), one.name])),
    };
  }
}
