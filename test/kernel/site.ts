/**
 * The layout of the article's example 1, which most of these tests are about.
 *
 *     visitor 203.0.113.50 ── outside ── .1 director 192.168.10.1 ── inside ── www1.. .11..
 *
 * The director has no application: what it does not relay, it answers for with an error.
 */
import { deepEqual } from 'node:assert/strict';
import { Room } from '../../src/lab/room.ts';
import { eventually } from './eventually.ts';
import { article, extraFile, Station } from './station.ts';
import { Visitor } from './visitor.ts';

export const DIRECTOR = '203.0.113.1';
export const VISITOR = '203.0.113.50';
/** Of the site, as the world knows it. */
export const HOME = `http://${DIRECTOR}/`;

export type SiteOptions = {
  /** How many web machines; the first is www1, 192.168.10.11. */
  readonly machines: number;
  /** Default: the article's, as they are. */
  readonly directorFiles?: readonly string[];
  readonly wwwFiles?: readonly string[];
  /** Added to the files of every machine, by the name of the machine. */
  readonly extra?: (name: string) => string;
};

export class Site {
  readonly room = new Room();
  readonly director: Station;
  readonly visitor: Visitor;
  readonly #www: readonly Station[];

  constructor({ machines, directorFiles, wwwFiles, extra }: SiteOptions) {
    const outside = (address: string) => ({ network: 'outside', address: `${address}/24` });
    const inside = (host: number) => ({ network: 'inside', address: `192.168.10.${host}/24` });
    this.director = new Station(this.room, 'director', {
      cables: [inside(1), outside(DIRECTOR)],
      files: directorFiles ?? [article('director.httpd.conf')],
      application: false,
    });
    this.#www = Array.from({ length: machines }, (_, index) => {
      return new Station(this.room, `www${index + 1}`, {
        cables: [inside(11 + index)],
        files: wwwFiles ?? [article('www.httpd.conf')],
        application: true,
      });
    });
    for (const station of this.stations) {
      const text = extra?.(station.name) ?? '';
      if (text !== '') station.files.push(extraFile(station, text));
    }
    this.visitor = new Visitor(this.room.machine('visitor', [outside(VISITOR)]));
  }

  get stations(): readonly Station[] {
    return [this.director, ...this.#www];
  }

  /** Sets the loads of www1, www2 ... */
  loads(...figures: readonly number[]): void {
    this.#www.forEach(({ machine }, index) => {
      machine.load = figures[index] ?? 0;
    });
  }

  www(number: number): Station {
    return this.#www[number - 1]!;
  }

  /** Starts every machine. The loads rise with the machines' numbers. */
  async start(): Promise<void> {
    this.loads(...this.#www.map((_, index) => index + 1));
    await Promise.all(this.stations.map((station) => station.start()));
  }

  /** Asks until requests for the path go to these machines, to all of them and to no others. */
  servedBy(names: readonly string[], path = ''): Promise<void> {
    return eventually(`/${path} is served by ${names.join(', ')}`, async () => {
      const asked = Array.from({ length: 8 }, () => this.visitor.machineAt(HOME + path));
      const machines = [...new Set(await Promise.all(asked))].toSorted();
      deepEqual(machines, [...names]);
    });
  }

  close(): void {
    this.room.close();
  }
}
