/**
 * A network that loses, delays, doubles and overtakes, and whose links can be cut one way.
 *
 * What a newcomer gets wrong: a datagram in flight when a link is cut still arrives. So does one to
 * an address whose owner was restarted meanwhile; telling that apart is the ring's business.
 */
import type { Agenda } from './agenda.ts';
import type { Random } from './random.ts';

export type Weather = {
  readonly lossRatio: number;
  readonly duplicateRatio: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  /** So many take ten times as long. */
  readonly lateRatio: number;
};

export const FAIR: Weather = {
  lossRatio: 0,
  duplicateRatio: 0,
  delayMsMin: 0.2,
  delayMsMax: 2,
  lateRatio: 0,
};

/** Nothing larger is ever sent; more than this in flight is a storm, and a fault of the ring's. */
const FLYING_MAX = 200_000;

export class Network {
  weather: Weather = FAIR;
  /** `from>to` */
  readonly cuts = new Set<string>();
  sent = 0;
  delivered = 0;
  readonly #flying = { count: 0 };
  readonly #random: Random;
  readonly #agenda: Agenda;

  constructor(random: Random, agenda: Agenda) {
    this.#random = random;
    this.#agenda = agenda;
  }

  send(from: string, to: string, nowMs: number, arrive: () => void): void {
    this.sent++;
    const { lossRatio, duplicateRatio } = this.weather;
    if (this.cuts.has(`${from}>${to}`) || this.#random.chance(lossRatio)) return;
    this.#fly(nowMs, arrive);
    if (this.#random.chance(duplicateRatio)) this.#fly(nowMs, arrive);
  }

  #fly(nowMs: number, arrive: () => void): void {
    const { delayMsMin, delayMsMax, lateRatio } = this.weather;
    const late = this.#random.chance(lateRatio) ? 10 : 1;
    const delayMs = this.#random.between(delayMsMin, delayMsMax) * late;
    if (++this.#flying.count > FLYING_MAX) throw new Error('a storm of datagrams');
    this.#agenda.at(nowMs + delayMs, () => {
      this.#flying.count--;
      this.delivered++;
      arrive();
    });
  }
}
