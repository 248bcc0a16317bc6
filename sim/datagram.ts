/**
 * A network of datagrams in memory: the simulated body of `src/io/datagram.ts`.
 *
 * Hosts have an IPv4 address each and are in one /24, whose `.255` is broadcast; a multicast
 * reaches who listens to the same group and port; anything else is unicast, and reaches one
 * listener. Like a real network it gives broadcast and multicast back to the sender. `faults` may
 * lose or delay.
 *
 * What a newcomer gets wrong: nothing is delivered inside `send`. The owner's `schedule` says when,
 * so a simulation decides with its own clock and a test with a microtask.
 */
import {
  type DatagramHandler,
  type DatagramOptions,
  type DatagramPort,
  isMulticast,
  type OpenDatagrams,
} from '../src/io/datagram.ts';

export type Faults = {
  /** Is this one lost on its way? */
  readonly loses: (from: string, to: string) => boolean;
  readonly delayMs: (from: string, to: string) => number;
};

export const NO_FAULTS: Faults = { loses: () => false, delayMs: () => 0 };

type Ear = {
  readonly address: string;
  readonly options: DatagramOptions;
  readonly handler: DatagramHandler;
};

export class SimulatedNetwork {
  faults: Faults = NO_FAULTS;
  readonly #schedule: (deliver: () => void, delayMs: number) => void;
  readonly #ears = new Set<Ear>();

  constructor(schedule: (deliver: () => void, delayMs: number) => void) {
    this.#schedule = schedule;
  }

  /** The network as the host of that address sees it. */
  host(address: string): OpenDatagrams {
    return async (options, handler) => {
      const ear: Ear = { address, options, handler };
      this.#ears.add(ear);
      const port: DatagramPort = {
        send: (bytes) => {
          if (!this.#ears.has(ear)) return;
          for (const { host, port } of options.destinations)
            this.inject(bytes, address, host, port);
        },
        close: () => void this.#ears.delete(ear),
      };
      return port;
    };
  }

  /** Puts a datagram on the wire, whoever sends it. */
  inject(bytes: Uint8Array, from: string, host: string, port: number): void {
    const copy = Uint8Array.from(bytes);
    for (const ear of this.#reached(from, host, port)) {
      if (this.faults.loses(from, ear.address)) continue;
      this.#schedule(
        () => {
          if (this.#ears.has(ear)) ear.handler.onDatagram(Uint8Array.from(copy), from);
        },
        this.faults.delayMs(from, ear.address),
      );
    }
  }

  #reached(from: string, host: string, port: number): Ear[] {
    const listening = [...this.#ears].filter(({ options }) =>
      options.destinations.some((own) => own.port === port),
    );
    if (isMulticast(host)) {
      return listening.filter(({ options }) =>
        options.destinations.some((own) => own.port === port && own.host === host),
      );
    }
    if (host.endsWith('.255')) {
      const network = host.slice(0, -3);
      if (!from.startsWith(network)) return [];
      return listening.filter(({ address }) => address.startsWith(network));
    }
    return listening.filter(({ address }) => address === host).slice(-1);
  }
}
