/**
 * Runs through what three nodes do with a pool, in memory: they share it, one dies, one is drained.
 * So little of it is done for the first time when it matters (core/ring/rehearsal.ts says why).
 *
 * What a newcomer gets wrong: these are the real keeper and the real driver, and only what is below
 * them is not there. Nothing of this reaches a kernel, a group, a hook or a log.
 */
import { Keeper } from '../../core/address/keeper.ts';
import type { AddressesConfig } from '../../core/cluster/config.ts';
import type { AddressPort } from '../../io/address-port.ts';
import { AddressDriver } from './address-driver.ts';
import { ManualClock } from './manual-clock.ts';

const NAMES = ['a', 'b', 'c'] as const;
/** Of a large pool the rest would be more of the same, as of a large group. */
const GROUPS_MAX = 12;
const ADDRESSES_MAX = 4;
/** Longer than a stranger is asked for (180 ms) and than who hands over still answers (45 ms). */
const WHILE_MS = 300;

/** @returns how often a group came up somewhere, for whoever doubts that it does anything */
export function rehearse(config: AddressesConfig): number {
  const cast = new Cast({
    ...config,
    pool: config.pool.slice(0, GROUPS_MAX).map((group) => {
      return { ...group, addresses: group.addresses.slice(0, ADDRESSES_MAX) };
    }),
    // Whatever takes time there, or asks who is not there, is as usual here.
    ...{ matureMs: 10, validMs: 3_000, refreshMs: 60_000, arpCacheMs: 60_000 },
    balance: { rate: 'all', intervalMs: 20, enabled: true },
    policy: { kind: 'serve' },
    notify: [],
  });
  cast.enter([0, 1, 2]);
  cast.enter([1, 2]);
  // Of the two it is the one that speaks for both.
  void cast.drivers[1]!.drain(true);
  cast.play();
  for (const driver of cast.drivers) driver.stop();
  return cast.ups;
}

class Cast {
  ups = 0;
  readonly drivers: readonly AddressDriver[];
  readonly #clock = new ManualClock();
  readonly #said: { readonly sender: number; readonly bytes: Uint8Array }[] = [];
  #present: readonly number[] = [];
  #epoch = 0;

  constructor(config: AddressesConfig) {
    const { nowMs, after } = this.#clock;
    this.drivers = NAMES.map((name, sender) => {
      const keeper = new Keeper({ ...config, name }, nowMs());
      return new AddressDriver(config, {
        keeper,
        openPort: () => portOf(config),
        hasOwnAddress: () => true,
        nowMs,
        // As Node's timers: with no time at all it would never come to an end.
        after: (callback, delayMs) => after(callback, Math.max(1, delayMs)),
        send: (bytes) => void this.#said.push({ sender, bytes }),
        onCutOff: () => {},
        onServing: () => {},
        onHolding: () => {},
        onLeaving: () => {},
        isBusy: () => false,
        onChange: ({ event }) => {
          if (event === 'up') this.ups++;
        },
        causeOf: (group) => keeper.causeOf(group),
        count: () => {},
        log: () => {},
      });
    });
    for (const driver of this.drivers) driver.start();
  }

  /** These go on in a view of their own. */
  enter(present: readonly number[]): void {
    for (const index of present) this.drivers[index]!.onGroup({ kind: 'blocked' });
    this.#said.length = 0;
    this.#present = present;
    const members = present.map((index) => ({ name: NAMES[index]!, bootId: index + 1 }));
    const id = { epoch: ++this.#epoch, proposer: members[0]!.name };
    const together = members.map((_, index) => index);
    for (const [selfIndex, index] of present.entries()) {
      const view = { id, members, selfIndex, together };
      this.drivers[index]!.onGroup({ kind: 'view', view, beside: null });
    }
    this.play();
  }

  /** Everybody hears what is said, and does what is due. */
  play(): void {
    for (let ms = 0; ms < WHILE_MS; ms++) {
      this.#hear();
      this.#clock.run(1);
    }
    this.#hear();
  }

  #hear(): void {
    for (let next = this.#said.shift(); next !== undefined; next = this.#said.shift()) {
      const { sender, bytes } = next;
      const senderIndex = this.#present.indexOf(sender);
      if (senderIndex === -1) continue;
      for (const index of this.#present) {
        this.drivers[index]!.onGroup({ kind: 'message', senderIndex, bytes });
      }
    }
  }
}

/** A kernel that does all it is asked to. */
function portOf({ pool }: AddressesConfig): AddressPort {
  const interfaces = new Set(pool.flatMap(({ addresses }) => addresses.map((a) => a.interface)));
  const links = [...interfaces].map((name) => ({ interface: name, mac: '', up: true }));
  return {
    hold: () => null,
    release: () => null,
    ours: () => [],
    links: () => links,
    announce: () => null,
    tell: () => null,
    probe: () => null,
    neighbours: () => [],
    close: () => {},
  };
}
