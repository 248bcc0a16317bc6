/**
 * What this node holds of an old group's pool, made to agree with what it should hold.
 *
 * What a newcomer gets wrong: `forNow` is not only a word for the status. What is held for the time
 * being (`provision.ts`) is asked for first: a member that says nothing may have it up still.
 */
import type { GroupStatus } from '../address/keeper-status.ts';
import type { MachineEffect } from './machine-events.ts';

type One = { up: boolean; readonly forNow: boolean };

export class Held {
  readonly #ones = new Map<string, One>();
  readonly #causes = new Map<string, string>();

  get groups(): readonly string[] {
    return [...this.#ones.keys()];
  }

  /** Whether the network is being asked for one of them. */
  get isAsking(): boolean {
    return [...this.#ones.values()].some(({ up, forNow }) => forNow && !up);
  }

  isForNow(group: string): boolean {
    return this.#ones.get(group)?.forNow === true;
  }

  isUp(group: string): boolean {
    return this.#ones.get(group)?.up === true;
  }

  here(group: string): GroupStatus['here'] {
    return !this.#ones.has(group) ? 'no' : this.isUp(group) ? 'up' : 'coming';
  }

  /** Why it has come here, or has gone. */
  causeOf(group: string): string {
    return this.#causes.get(group) ?? 'nobody held it';
  }

  /** @returns whether that is news */
  markUp(group: string): boolean {
    const one = this.#ones.get(group);
    if (one === undefined || one.up) return false;
    one.up = true;
    return true;
  }

  /** @param wanted whether for the time being, by group */
  follow(wanted: ReadonlyMap<string, boolean>, cause: string): MachineEffect[] {
    const effects: MachineEffect[] = [];
    for (const group of this.groups) {
      if (wanted.has(group)) continue;
      this.#causes.set(group, cause);
      this.#ones.delete(group);
      effects.push({ kind: 'release', group, handedOver: false });
    }
    for (const [group, forNow] of wanted) {
      const one = this.#ones.get(group);
      if (one !== undefined && one.forNow === forNow) continue;
      if (one === undefined) this.#causes.set(group, cause);
      const up = one?.up ?? false;
      this.#ones.set(group, { up, forNow });
      if (!up) effects.push({ kind: 'hold', group, probeFirst: forNow });
    }
    return effects;
  }
}
