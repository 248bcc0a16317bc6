/**
 * What the guard is told that we hold: before it is held, and after it is released, so never too
 * little.
 *
 * What a newcomer gets wrong: it is told everything each time, so with forty addresses each time
 * costs something, and they come and go together. So it is told once for a step of the keeper:
 * before it of all that will come, after it of what has gone.
 */
import type { KeeperEffect } from '../../core/address/keeper-events.ts';
import type { AddressGroup } from '../../core/address/pool.ts';
import type { InterfaceAddress } from '../../io/address-port.ts';

export type GuardedParts = {
  readonly tell: (addresses: readonly InterfaceAddress[]) => void;
  /** All that are held or answered for still. */
  readonly held: () => readonly AddressGroup[];
  readonly groupOf: (name: string) => AddressGroup | undefined;
};

export class Guarded {
  readonly #parts: GuardedParts;
  #coming: readonly string[] = [];
  #inStep = false;
  /** The guard thinks that we hold more than we do. */
  #isTooMuch = false;

  constructor(parts: GuardedParts) {
    this.#parts = parts;
  }

  /** Before any of these is done. */
  begin(effects: readonly KeeperEffect[]): void {
    this.#inStep = true;
    this.#coming = effects.flatMap((one) => (one.kind === 'hold' ? [one.group] : []));
    if (this.#coming.length > 0) this.#tell();
  }

  /** The pool is another one now: the same names may mean other addresses. */
  adopted(): void {
    this.#tell();
  }

  /** Some addresses are gone. */
  released(): void {
    this.#isTooMuch = true;
    if (!this.#inStep) this.#tell();
  }

  /** All of them are done. */
  end(): void {
    this.#inStep = false;
    this.#coming = [];
    if (this.#isTooMuch) this.#tell();
  }

  #tell(): void {
    this.#isTooMuch = false;
    const groups = new Set(this.#parts.held());
    for (const name of this.#coming) {
      const group = this.#parts.groupOf(name);
      if (group !== undefined) groups.add(group);
    }
    this.#parts.tell([...groups].flatMap(({ addresses }) => addresses));
  }
}
