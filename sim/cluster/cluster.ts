/**
 * A whole cluster in one thread: the world of rings, a kernel with addresses under each node, and
 * everything that may be done to either.
 *
 * What a newcomer gets wrong: machines outlive daemons. What a dead daemon leaves in its kernel is
 * taken down by its guard within some ms, or by nobody until it expires; and only a machine without
 * power forgets at once.
 */
import type { GroupEvent } from '../../src/core/ring/group.ts';
import type { AddressPort, InterfaceAddress } from '../../src/io/address-port.ts';
import { SimulatedLink, type SimulatedMachine } from '../addresses.ts';
import type { AppHost } from '../ring/app.ts';
import { type SimNode, type Watcher, World } from '../ring/world.ts';
import { ClusterNode } from './cluster-node.ts';
import type { Setup } from './setup.ts';

/** A guard that waits for its daemon's death acts within this (node/guard/). */
const GUARD_MS = 10;
/** Linux looks for expired addresses in whole seconds. */
const OVERSTAY_MS = 1_250;

/** How a daemon ends against its will. */
export type Death = 'guarded' | 'unguarded' | 'power';

export type Spy = {
  /** An address came to a kernel or went, or a node runs or stands still. */
  readonly changed: (address: string) => void;
  readonly announced: (node: ClusterNode, name: string, address: InterfaceAddress) => void;
  readonly logged: (text: string) => void;
  readonly heard: (name: string, event: GroupEvent) => void;
};

type Machine = {
  readonly simNode: SimNode;
  readonly kernel: SimulatedMachine;
  /** What outlives daemons: the guard's and the kernel's own hands. */
  readonly port: AddressPort;
  readonly cables: Map<string, boolean>;
  node: ClusterNode | null;
};

export class Cluster {
  readonly world: World;
  readonly setup: Setup;
  readonly addresses: readonly string[];
  readonly #link: SimulatedLink;
  readonly #machines = new Map<string, Machine>();
  readonly #holders = new Map<string, Set<string>>();
  /** By machine and address: when it last came there, or went. */
  readonly #changedMs = new Map<string, number>();
  readonly #spy: Spy;
  /** Faults that were to end later have ended with their storm. */
  #storm = 0;

  constructor(setup: Setup, parts: { seed: number; watcher: Watcher; spy: Spy }) {
    this.setup = setup;
    this.#spy = parts.spy;
    this.world = new World({
      seed: parts.seed,
      nodes: setup.nodes,
      timing: setup.timing,
      makeApp: (host) => this.#makeNode(host),
      watcher: parts.watcher,
      driftRatioMax: setup.driftRatioMax,
      lifelines: setup.lifelines,
    });
    const { world } = this;
    this.#link = new SimulatedLink({
      nowMs: () => world.nowMs,
      after: (run, delayMs) => world.at(world.nowMs + delayMs, run),
    });
    this.#link.faults = {
      isCut: (from, to) => {
        const { cuts, weather } = world.network;
        return cuts.has(`${from}>${to}`) || world.random.chance(weather.lossRatio);
      },
      delayMs: () => world.random.between(0.1, 1),
      overstayMs: () => world.random.between(0, OVERSTAY_MS),
    };
    const pool = setup.configs[0]!.pool;
    this.addresses = pool.flatMap(({ addresses }) => addresses.map(({ address }) => address));
    for (const address of this.addresses) this.#holders.set(address, new Set());
    this.#link.onChange = (machine, address, held) => {
      const holders = this.#holders.get(address)!;
      if (held) holders.add(machine);
      else holders.delete(machine);
      this.#changedMs.set(`${machine} ${address}`, world.nowMs);
      this.#spy.changed(address);
    };
    const cards = [...new Set(pool.flatMap(({ addresses }) => addresses.map((a) => a.interface)))];
    world.nodes.forEach((simNode, index) => {
      const { name } = simNode;
      const macs = cards.map((card, c) => [card, `02:00:00:00:0${c}:${hex(index)}`] as const);
      const kernel = this.#link.machine(name, Object.fromEntries(macs));
      const port = kernel.open({ interfaces: [] }, { ...DEAF }) as AddressPort;
      const cables = new Map(cards.map((card) => [card, true]));
      this.#machines.set(name, { simNode, kernel, port, cables, node: null });
    });
  }

  /** The daemon that runs there, or stands still there. */
  node(name: string): ClusterNode | null {
    const { simNode, node } = this.#machines.get(name)!;
    return simNode.life === null ? null : node;
  }

  get nodes(): readonly { readonly name: string; readonly node: ClusterNode }[] {
    return this.world.nodes.flatMap(({ name }) => {
      const node = this.node(name);
      return node === null ? [] : [{ name, node }];
    });
  }

  /** Kernels that have it, whether or not anything runs on top of them. */
  holders(address: string): ReadonlySet<string> {
    return this.#holders.get(address)!;
  }

  /** Since when it has it, or has it not; the latter perhaps for all time. */
  changedMs(name: string, address: string): number {
    return this.#changedMs.get(`${name} ${address}`) ?? Number.NEGATIVE_INFINITY;
  }

  /** Those whose proxy answers there now. */
  answering(address: string): readonly string[] {
    return [...this.holders(address)].filter((name) => {
      return this.node(name)?.running === true && !this.isUnplugged(name);
    });
  }

  /** No cable at all. */
  isUnplugged(name: string): boolean {
    return [...this.#machines.get(name)!.cables.values()].every((up) => !up);
  }

  cables(name: string): ReadonlyMap<string, boolean> {
    return this.#machines.get(name)!.cables;
  }

  /** Unless the storm is over by then. */
  later(delayMs: number, run: () => void): void {
    const storm = this.#storm;
    this.world.at(this.world.nowMs + delayMs, () => {
      if (storm === this.#storm) run();
    });
  }

  endStorm(): void {
    this.#storm++;
  }

  kill(node: SimNode, death: Death): void {
    if (node.life === null) return;
    const { port } = this.#machines.get(node.name)!;
    const { world } = this;
    world.trace(node, `dies ${death}`);
    if (death === 'power') {
      // Nobody is told: a machine without power resets no connection.
      const before = new Set(world.network.cuts);
      this.cut(node, true);
      world.crash(node);
      world.network.cuts.clear();
      for (const cut of before) world.network.cuts.add(cut);
      for (const address of port.ours()) port.release(address);
      return;
    }
    world.crash(node);
    if (death === 'unguarded') return;
    world.at(world.nowMs + world.random.between(0.1, GUARD_MS), () => {
      if (node.life !== null) return;
      for (const address of port.ours()) port.release(address);
    });
  }

  /** From the outside, all its links; what comes back is every link of everybody's. */
  cut(node: SimNode, apart: boolean): void {
    const { cuts } = this.world.network;
    for (const { name } of this.world.nodes) {
      for (const link of [`${node.name}>${name}`, `${name}>${node.name}`]) {
        if (name === node.name) continue;
        if (apart) cuts.add(link);
        else cuts.delete(link);
      }
    }
  }

  /** Without any cable nothing gets through, noticed or not. */
  cutUnplugged(): void {
    for (const node of this.world.nodes) if (this.isUnplugged(node.name)) this.cut(node, true);
  }

  plug(node: SimNode, card: string, up: boolean): void {
    const { cables, kernel } = this.#machines.get(node.name)!;
    if (!cables.has(card) || cables.get(card) === up) return;
    cables.set(card, up);
    this.world.trace(node, `${card} ${up ? 'plugged' : 'unplugged'}`);
    if (up) this.cut(node, false);
    this.cutUnplugged();
    kernel.plug(card, up);
    for (const address of this.addresses) this.#spy.changed(address);
  }

  /** Another program takes one down. */
  meddle(node: SimNode, random = this.world.random): void {
    const { port, kernel } = this.#machines.get(node.name)!;
    const address = random.pick(port.ours());
    if (address === undefined) return;
    this.world.trace(node, `somebody removes ${address.address}`);
    kernel.remove(address);
  }

  #makeNode(host: AppHost): ClusterNode {
    const { world, setup } = this;
    const { name } = host.self;
    const index = world.nodes.findIndex((node) => node.name === name);
    const simNode = world.nodes[index]!;
    const machine = this.#machines.get(name)!;
    const node: ClusterNode = new ClusterNode({
      host,
      config: setup.configs[index]!,
      machine: machine.kernel,
      hopMs: setup.hopMs,
      later: (run, delayMs) => world.at(world.nowMs + delayMs / simNode.clockRate, run),
      link: (up) => {
        if (machine.node === node) world.link(simNode, up);
      },
      serving: (on) => {
        if (machine.node === node) world.serving(simNode, on);
      },
      onAnnounce: (address) => {
        host.trace(`announces ${address.address}`);
        this.#spy.announced(machine.node!, name, address);
      },
      onLog: this.#spy.logged,
      onGroup: (event) => this.#spy.heard(name, event),
      onRunning: () => {
        for (const address of this.addresses) {
          if (this.holders(address).has(name)) this.#spy.changed(address);
        }
      },
    });
    machine.node = node;
    return node;
  }
}

const DEAF = { onLost: () => {}, onLink: () => {}, onClaim: () => {}, onProblem: () => {} };

function hex(index: number): string {
  return index.toString(16).padStart(2, '0');
}
