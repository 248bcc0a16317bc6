/**
 * Judges a cluster from outside, by what answers for each address: Wackamole's two properties, and
 * what this project adds to them.
 *
 * 1. In every connected component that is stable and in `run`, each address is in exactly one
 *    kernel; while a planned move is under way in two, for at most `MOVE_MS`; in none at no time.
 * 2. A component that stays stable comes to that, evenly shared (`evenness`).
 * 3. Nobody announces what its kernel does not have, or what the table of its view gives to others.
 * 4. Under `quorum`, nobody takes an address in a view while somebody of an earlier one, who is not
 *    in it, still runs and holds it. What two hold already, as a planned move is under way when the
 *    view changes, both may hold until the other one can know of it (`tornMs`).
 * 5. Kernels without a daemon, with a stalled one, or with one that does not mean it, hold nothing.
 *    Clients end up with the holder.
 * 6. In a cluster at rest an address goes dark only by a fault, and not for longer than promised.
 *
 * What a newcomer gets wrong: a component is what is connected by links both ways, whoever hears
 * whom in it. Where not all hear all there are several views, and of those that touch one holds.
 */
import type { KeeperStatus } from '../../src/core/address/keeper-status.ts';
import type { InterfaceAddress } from '../../src/io/address-port.ts';
import type { Cluster, Spy } from './cluster.ts';
import type { ClusterNode } from './cluster-node.ts';
import { type Component, componentsOf } from './component.ts';
import type { Setup } from './setup.ts';
import { Tally } from './tally.ts';

/** Two threads, two messages, and the round of a scheduler: what a planned move may overlap. */
export const MOVE_MS = 100;
/** A process that stood still for less than this does not know of it (address-driver.ts). */
const LOST_MS = 350;
/** Clocks, and what a daemon that has just woken up waits. */
const SWEEP_MS = 300;
/** There and back, in the weather in which a quorum is watched. */
const WAYS_MS = 2;
/** A thawed daemon needs a moment to learn that it was given up. */
const THAW_MS = 200;
/** To picture a table costs by nodes and groups; of large ones, some announcements are judged. */
const LARGE = 12;

export class ClusterJudge {
  readonly tally = new Tally();
  readonly spy: Spy;
  #cluster: Cluster | null = null;
  /** By address, the name of its group. */
  readonly #groups = new Map<string, string>();
  #components: readonly Component[] | null = null;
  /** Since when an address is held twice in a component: by both. */
  readonly #twiceMs = new Map<string, number>();
  /** Darkness is excused until then; null: not looked at. */
  #excusedMs: number | null = null;
  readonly #darkMs = new Map<string, number>();
  /** When each came into the view it is in. */
  readonly #viewMs = new Map<string, number>();
  readonly #stoodStillMs = new Map<string, number>();
  /** What a client near the first node knows: who was the last to announce each address. */
  readonly #client = new Map<string, string>();
  /** Since when a kernel has what its daemon does not hold. */
  readonly #strayMs = new Map<string, number>();
  #announcements = 0;
  /** Found while others were at work; thrown when the world gives us a turn. */
  #broken: string | null = null;
  /** In a network as a `quorum` with its margin is made for. */
  watchesQuorum = false;

  constructor() {
    this.spy = {
      changed: (address) => this.#changed(address),
      announced: (node, name, address) => this.#announced(node, name, address),
      logged: (text) => this.tally.logged(text),
      heard: (name, event) => {
        this.tally.heard(event);
        if (event.kind === 'view') this.#viewMs.set(name, this.#cluster!.world.nowMs);
        if (event.kind === 'stalled') this.#stalled(name);
      },
    };
  }

  set cluster(cluster: Cluster) {
    this.#cluster = cluster;
    for (const { name, addresses } of cluster.setup.configs[0]!.pool) {
      for (const { address } of addresses) this.#groups.set(address, name);
    }
  }

  /** What was given up must not be held any more, as soon as both threads know. */
  #stalled(name: string): void {
    const { world, setup } = this.#cluster!;
    const node = this.#cluster!.node(name);
    world.at(world.nowMs + 2 * setup.hopMs + 1, () => {
      if (node === null || node.busy || this.#cluster!.node(name) !== node) return;
      const held = this.#cluster!.addresses.find((one) => this.#cluster!.holders(one).has(name));
      if (held !== undefined) this.#break(`${name} still has ${held} after a stall`);
    });
  }

  /** Regularly, between events. */
  poll(): void {
    const { world, nodes, addresses, setup } = this.#cluster!;
    for (const { name, node } of nodes) {
      if (node.busy) this.#stoodStillMs.set(name, world.nowMs);
    }
    for (const [key, sinceMs] of this.#twiceMs) {
      const limitMs = key.endsWith('quorum') ? tornMs(setup) : MOVE_MS;
      if (world.nowMs - sinceMs > limitMs) this.#break(`twice for too long: ${key}`);
    }
    this.#strays(nodes);
    const late = [...this.#darkMs].find(() => world.nowMs > this.#excusedMs!);
    if (late !== undefined) this.#break(`${late[0]} is dark since ${late[1].toFixed(1)}`);
    if (setup.policy.kind === 'quorum') for (const address of addresses) this.#quorum(address);
    if (this.#broken !== null) throw new Error(this.#broken);
  }

  /** @returns null, or what is not yet as it will have to be */
  unsettled(): string | null {
    const components = componentsOf(this.#cluster!);
    for (const component of components) {
      const { names, phases, views } = component;
      if (phases.some((phase) => phase !== 'run')) return `${names} not in run: ${phases}`;
      if (component.whole && new Set(views).size > 1) return `${names} in several views: ${views}`;
      for (const address of this.#cluster!.addresses) {
        const holders = this.#holdersIn(component, address);
        if (holders.length < component.least) return `${address}: nobody of ${names}`;
        if (component.crowded(holders)) return `${address}: ${holders} of ${names}`;
        const unable = holders.find((name) => !component.able.includes(name));
        if (unable !== undefined) return `${address}: ${unable}, which is not able`;
      }
    }
    return this.#leftover();
  }

  /** A kernel without a daemon, that goes on answering. */
  #leftover(): string | null {
    for (const address of this.#cluster!.addresses) {
      const dead = [...this.#cluster!.holders(address)].find((name) => !this.#cluster!.node(name));
      if (dead !== undefined) return `${address}: still in the kernel of ${dead}, which is dead`;
    }
    return null;
  }

  /** @returns null, or which address a client would look for in the wrong place, all being well */
  misled(): string | null {
    for (const address of this.#cluster!.addresses) {
      const known = this.#client.get(address);
      if (known === undefined || this.#cluster!.holders(address).has(known)) continue;
      return `${address} is at ${[...this.#cluster!.holders(address)]}, clients think at ${known}`;
    }
    return null;
  }

  /** Somewhere not all hear all. */
  get partial(): boolean {
    return componentsOf(this.#cluster!).some(({ whole }) => !whole);
  }

  /** From here on nothing may change but by planned moves. */
  beginRest(): void {
    this.#components = componentsOf(this.#cluster!);
    this.tally.rests++;
    this.tally.components += this.#components.length;
    this.tally.partial += this.#components.filter(({ whole }) => !whole).length;
  }

  endRest(): void {
    this.#components = null;
    this.#twiceMs.clear();
  }

  beginLight(): void {
    this.#excusedMs = this.#cluster!.world.nowMs;
    for (const address of this.#cluster!.addresses) this.#light(address);
  }

  /** Something happens by which addresses may go dark, and must be back by then. */
  excuse(boundMs: number): void {
    this.#excusedMs = this.#cluster!.world.nowMs + boundMs;
  }

  /** @returns null, or who has too much: for clusters of one view */
  uneven(): string | null {
    const { nodes, setup } = this.#cluster!;
    const [first] = nodes;
    if (first === undefined) return null;
    const { members, groups } = first.node.keeper.status();
    const held = (name: string): number => {
      return groups.filter(({ group }) => this.#cluster!.holders(group).has(name)).length;
    };
    const well = members.filter(({ reasons }) => reasons.length === 0);
    const sick = members.filter((member) => !well.includes(member));
    const burdened = well.length > 0 ? sick.find(({ name }) => held(name) > 0) : undefined;
    if (burdened !== undefined) return `${burdened.name} holds, though others are better`;
    const even = setup.configs.every(
      ({ prefer, balance }) => prefer.length === 0 && balance.enabled,
    );
    if (!even) return null;
    for (const a of well) {
      for (const b of well) {
        if ((held(b.name) + 1) * a.weight >= held(a.name) * b.weight) continue;
        return `${a.name} holds ${held(a.name)}/${a.weight}, ${b.name} ${held(b.name)}/${b.weight}`;
      }
    }
    return null;
  }

  #changed(address: string): void {
    const { setup } = this.#cluster!;
    if (this.#components !== null) this.#resting(address);
    if (this.#excusedMs !== null) this.#light(address);
    if (setup.policy.kind === 'quorum') this.#quorum(address);
  }

  #resting(address: string): void {
    const { nowMs } = this.#cluster!.world;
    for (const component of this.#components!) {
      const holders = this.#holdersIn(component, address);
      const key = `${address} among ${component.names}`;
      if (holders.length < component.least) this.#break(`dark at rest: ${key}`);
      if (!component.crowded(holders)) this.#twiceMs.delete(key);
      else if (component.most === 0) this.#break(`held at rest: ${key}`);
      else {
        if (!this.#twiceMs.has(key)) this.tally.handovers++;
        this.#twiceMs.set(key, this.#twiceMs.get(key) ?? nowMs);
      }
    }
  }

  #light(address: string): void {
    const cluster = this.#cluster!;
    const { nowMs } = cluster.world;
    const dark = cluster.answering(address).length === 0;
    const sinceMs = this.#darkMs.get(address);
    if (dark && sinceMs === undefined) {
      if (nowMs > this.#excusedMs!) this.#break(`${address} goes dark without a cause`);
      this.#darkMs.set(address, nowMs);
    } else if (!dark && sinceMs !== undefined) {
      this.#darkMs.delete(address);
      this.tally.blackouts++;
      this.tally.darkMs += nowMs - sinceMs;
      this.tally.darkMsMax = Math.max(this.tally.darkMsMax, nowMs - sinceMs);
      if (nowMs > this.#excusedMs!) this.#break(`${address} was dark since ${sinceMs.toFixed(1)}`);
    }
  }

  #quorum(address: string): void {
    if (!this.watchesQuorum) return;
    const { world, setup } = this.#cluster!;
    const key = `${address} in two views under quorum`;
    const sinceMs = this.#twiceMs.get(key);
    const torn = this.#tornBy(address);
    if (torn === null) {
      this.#twiceMs.delete(key);
      const lastedMs = world.nowMs - (sinceMs ?? world.nowMs);
      if (lastedMs > tornMs(setup)) this.#break(`was ${key}`);
    } else this.#twiceMs.set(key, sinceMs ?? world.nowMs);
    if (torn === 'taken') this.#break(`taken ${key}`);
  }

  /**
   * Held by somebody, and by somebody else in a later view without the first: which had it before
   * that view, as in a planned move, or has taken it since.
   */
  #tornBy(address: string): 'kept' | 'taken' | null {
    const { world, setup } = this.#cluster!;
    const views = this.#cluster!.answering(address).flatMap((name) => {
      const stoodStillMs = this.#stoodStillMs.get(name) ?? Number.NEGATIVE_INFINITY;
      const view = world.nodes.find((node) => node.name === name)?.life?.ring.view;
      return world.nowMs - stoodStillMs < THAW_MS || view == null ? [] : [{ name, view }];
    });
    let torn: 'kept' | null = null;
    for (const { name, view } of views) {
      for (const { name: other, view: later } of views) {
        const without = later.members.every((member) => member.name !== name);
        if (!without || later.id.epoch <= view.id.epoch) continue;
        // When its main thread heard of the view.
        const { clockRate } = world.nodes.find((node) => node.name === other)!;
        const sinceMs = (this.#viewMs.get(other) ?? 0) + setup.hopMs / clockRate;
        if (this.#cluster!.changedMs(other, address) >= sinceMs) return 'taken';
        torn = 'kept';
      }
    }
    return torn;
  }

  #announced({ keeper }: ClusterNode, name: string, { address }: InterfaceAddress): void {
    const { setup } = this.#cluster!;
    this.tally.announcements++;
    const { network, nodes } = this.#cluster!.world;
    const near = nodes[0]!.name;
    if (near === name || !network.cuts.has(`${name}>${near}`)) this.#client.set(address, name);
    const has = this.#cluster!.holders(address).has(name);
    const lostMs = this.#cluster!.changedMs(name, address);
    // What has been taken from it just now, it may not have heard of.
    if (!has && this.#cluster!.world.nowMs - lostMs > LOST_MS) {
      this.#break(`${name} announces ${address}, and does not have it`);
    }
    const { pool } = setup.configs[0]!;
    const each = Math.ceil((setup.nodes * pool.length) / LARGE);
    if (this.#announcements++ % each > 0) return;
    const status = keeper.status();
    if (!mayAnnounce(status, name, this.#groups.get(address)!)) {
      this.#break(`${name} announces ${address}, which is not its own in ${status.view}`);
    }
  }

  /** What a kernel has and its daemon does not mean to, for longer than it takes to sweep. */
  #strays(nodes: Cluster['nodes']): void {
    const { world, setup, addresses } = this.#cluster!;
    const { validMs } = setup.configs[0]!;
    for (const { name, node } of nodes) {
      const meant = new Set(node.driver.holding);
      for (const address of addresses) {
        const holds = this.#cluster!.holders(address).has(name);
        const stray = holds && !node.busy && !meant.has(this.#groups.get(address)!);
        if (!stray && this.#strayMs.size === 0) continue;
        const key = `${name} ${address}`;
        if (!stray) this.#strayMs.delete(key);
        else this.#strayMs.set(key, this.#strayMs.get(key) ?? world.nowMs);
        const lastedMs = world.nowMs - (this.#strayMs.get(key) ?? world.nowMs);
        if (lastedMs > validMs / 3 + SWEEP_MS) this.#break(`${name} leaves ${address}`);
      }
    }
  }

  #holdersIn({ names }: Component, address: string): string[] {
    const holders = this.#cluster!.holders(address);
    return names.filter((name) => holders.has(name));
  }

  #break(what: string): void {
    this.#broken ??= `${this.#cluster!.world.nowMs.toFixed(1)}: ${what}`;
  }
}

/**
 * Under quorum, from the view of the larger part to that of the smaller one: when the first of the
 * larger part has found that one is silent, the last one has not by the drift of both clocks; it
 * says so within a quarter of a heartbeat; and two threads are to hear of it.
 */
function tornMs({ timing, driftRatioMax, hopMs }: Setup): number {
  return 2 * driftRatioMax * timing.silenceMs + timing.heartbeatMs / 4 + 2 * hopMs + WAYS_MS;
}

/** While a view gathers there is no table yet: what was held before still is. */
function mayAnnounce({ phase, groups }: KeeperStatus, name: string, group: string): boolean {
  if (phase === 'gather') return true;
  if (phase !== 'run') return false;
  const row = groups.find((one) => one.group === group);
  return row?.owner === name || row?.heir === name;
}
