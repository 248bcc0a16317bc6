/**
 * Whole nodes announcing to each other in simulated time: the world of `announcing.test.ts`.
 *
 * The real announcer, listener, datagrams' encoding, table and reader run; the clock, the timers,
 * the network and the machine's figures are simulated. One event after the other, in the order of
 * their times, so the same seed gives the same run.
 */
import { ClusterReader } from '../src/core/announce/cluster-reader.ts';
import { ClusterTable } from '../src/core/announce/cluster-table.ts';
import { tableMemory } from '../src/core/announce/table-layout.ts';
import type { Server } from '../src/core/candidacy/candidates.ts';
import { Announcer, type AnnouncerOptions } from '../src/node/announcer.ts';
import { hmacSigner } from '../src/node/hmac.ts';
import { SimulatedNetwork } from './datagram.ts';

export const NETWORK = { address: '10.0.0.0', prefixLength: 24 };
export const DESTINATION = { host: '10.0.0.255', port: 4_445, ttl: 1 };

export type SimulatedNode = {
  readonly announcer: Announcer;
  /** What a worker of the node would see now. */
  readonly known: () => readonly Server[];
  /** Load the machine reports from now on. */
  loadMilli: number;
  /** The worker's reader, to count requests with. */
  readonly reader: ClusterReader;
};

export type NodeOptions = Partial<AnnouncerOptions> & {
  readonly secret?: string | null;
  /** Ahead of the world's clock by so much. */
  readonly clockMs?: number;
};

type Event = { readonly atMs: number; readonly run: () => void };

export class AnnouncingWorld {
  nowMs = 1_000_000;
  readonly network = new SimulatedNetwork((deliver, delayMs) => this.after(deliver, delayMs));
  #events: Event[] = [];
  #bootIds = 1;

  /** A node at 10.0.0.`number`, not started. */
  node(number: number, { secret = null, clockMs = 0, ...other }: NodeOptions = {}): SimulatedNode {
    const address = `10.0.0.${number}`;
    const memory = tableMemory(1);
    const reader = new ClusterReader(memory, 0);
    const memoryMb = { memoryTotalMb: 1_000, memoryAvailableMb: 400 };
    const figures = { cpuIdleMilli: 500, cpuCount: 2, ...memoryMb };
    const announcer = new Announcer(
      {
        nodeName: `web${number}`,
        contact: { address, port: 80 },
        destinations: [DESTINATION],
        intervalMs: 1_000,
        accept: [NETWORK],
        signer: hmacSigner(secret),
        bootId: this.#bootIds++,
        interfaceAddress: null,
        ...other,
      },
      {
        open: this.network.host(address),
        table: new ClusterTable(memory),
        sample: () => ({ ...figures, loadMilli: node.loadMilli }),
        nowMs: () => this.nowMs + clockMs,
        after: (callback, delayMs) => this.after(callback, delayMs),
        onProblem: () => undefined,
      },
    );
    const node: SimulatedNode = {
      announcer,
      reader,
      known: () => reader.known(this.nowMs + clockMs),
      loadMilli: 100 * number,
    };
    return node;
  }

  after(callback: () => void, delayMs: number): () => void {
    const event = { atMs: this.nowMs + delayMs, run: callback };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((one) => one !== event);
    };
  }

  /** Lets so much time pass, with all that happens in it. */
  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      // The first of the earliest: events of one instant keep their order.
      const next = this.#events.reduce<Event | null>(
        (earliest, event) => (earliest === null || event.atMs < earliest.atMs ? event : earliest),
        null,
      );
      if (next === null || next.atMs > endMs) break;
      this.#events = this.#events.filter((event) => event !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = endMs;
  }
}
