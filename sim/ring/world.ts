/**
 * A world of rings: nodes with clocks of their own speed, a network that is against them, and a
 * schedule of faults. The rings are the real ones; all else is simulated, in one thread, by seed.
 *
 * What a newcomer gets wrong: a frozen node is not a dead one. Its datagrams wait for it, and when
 * it runs again it finds all of them at once, old as they are.
 */
import type { GroupEvent, Member } from '../../src/core/ring/group.ts';
import { Ring } from '../../src/core/ring/ring.ts';
import type { RingEffect, RingEvent } from '../../src/core/ring/ring-events.ts';
import type { Timing } from '../../src/core/ring/timing.ts';
import { Agenda } from './agenda.ts';
import type { App, MakeApp } from './app.ts';
import { Network } from './network.ts';
import { Random } from './random.ts';

/** As a socket's buffer: what comes when it is full is lost. */
const QUEUE_MAX = 300;

export type Watcher = {
  readonly started: (life: Life) => void;
  /** Handed to the ring, at this moment. */
  readonly sent: (life: Life, bytes: Uint8Array) => void;
  readonly delivered: (life: Life, event: GroupEvent) => void;
  /** It stood still for so long, on its own clock, and is about to run again. */
  readonly thawed: (life: Life, frozenMs: number) => void;
  readonly ended: (life: Life, why: 'crash' | 'leave') => void;
};

export type WorldOptions = {
  readonly seed: number;
  readonly nodes: number;
  readonly timing: Timing;
  readonly makeApp: MakeApp;
  readonly watcher: Watcher;
  /** Clocks run up to so much too fast or too slow. */
  readonly driftRatioMax: number;
  /** Kernels tell the peers of a dead process. */
  readonly lifelines: boolean;
};

/** One run of a node's process. */
export type Life = {
  readonly member: Member;
  readonly ring: Ring;
  readonly app: App;
  readonly node: SimNode;
  /** Those it holds a lifeline to, by boot id. */
  readonly met: Map<number, Member>;
  over: boolean;
  ringWakeMs: number;
  appWakeMs: number;
  readonly sends: Uint8Array[];
};

export type SimNode = {
  readonly name: string;
  readonly endpoint: string;
  readonly clockRate: number;
  readonly clockStartMs: number;
  life: Life | null;
  frozenUntilMs: number;
  readonly queue: (() => void)[];
};

type Untimed<E> = E extends unknown ? Omit<E, 'nowMs'> : never;

export class World {
  nowMs = 0;
  readonly random: Random;
  readonly network: Network;
  readonly nodes: SimNode[];
  /** Of all that happened: the same seed gives the same. */
  hash = 0;
  /** Kept only when somebody wants to read them. */
  lines: string[] | null = null;
  readonly reports: string[] = [];
  readonly #options: WorldOptions;
  readonly #agenda = new Agenda();

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Random(options.seed);
    this.network = new Network(this.random, this.#agenda);
    this.nodes = Array.from({ length: options.nodes }, (_, index) => ({
      name: `n${String.fromCharCode(97 + index)}`,
      endpoint: `10.0.0.${index + 1}:4803`,
      clockRate: 1 + this.random.between(-options.driftRatioMax, options.driftRatioMax),
      clockStartMs: this.random.whole(0, 1_000_000),
      life: null,
      frozenUntilMs: 0,
      queue: [],
    }));
  }

  get lives(): Life[] {
    return this.nodes.flatMap(({ life }) => (life === null ? [] : [life]));
  }

  at(atMs: number, run: () => void): void {
    this.#agenda.at(atMs, run);
  }

  run(untilMs: number): void {
    while (this.#agenda.nextMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.#agenda.nextMs);
      this.#agenda.runNext();
    }
    this.nowMs = untilMs;
  }

  start(node: SimNode): void {
    if (node.life !== null) return;
    const member = { name: node.name, bootId: this.random.whole(1, 2 ** 40) };
    const { timing, makeApp } = this.#options;
    const ring = new Ring({ self: member, group: 'sim', timing }, this.clock(node));
    const sends: Uint8Array[] = [];
    const life: { -readonly [K in keyof Life]: Life[K] } = {
      member,
      ring,
      app: { event: () => {}, tick: () => {} },
      node,
      met: new Map(),
      over: false,
      ringWakeMs: this.nowMs,
      appWakeMs: Number.POSITIVE_INFINITY,
      sends,
    };
    node.life = life;
    this.trace(node, `starts ${member.bootId}`);
    this.#options.watcher.started(life);
    life.app = makeApp({
      self: member,
      random: this.random,
      nowMs: () => this.clock(node),
      send: (bytes) => sends.push(bytes),
      wake: (atMs) => this.#wakeApp(life, atMs),
      trace: (line) => this.trace(node, line),
    });
    this.#step(life, { kind: 'tick' });
  }

  crash(node: SimNode): void {
    const { life } = node;
    if (life === null) return;
    this.#end(life, 'crash');
    if (!this.#options.lifelines) return;
    for (const other of this.lives) {
      if (!other.met.has(life.member.bootId) || this.random.chance(0.2)) continue;
      this.network.send(node.name, other.node.name, this.nowMs, () => {
        this.#whenRunning(other, () => this.#step(other, { kind: 'died', member: life.member }));
      });
    }
  }

  leave(node: SimNode): void {
    const { life } = node;
    if (life === null || this.nowMs < node.frozenUntilMs) return;
    this.#step(life, { kind: 'leave' });
    this.#end(life, 'leave');
  }

  freeze(node: SimNode, durationMs: number): void {
    const { life } = node;
    if (life === null || this.nowMs < node.frozenUntilMs) return;
    node.frozenUntilMs = this.nowMs + durationMs;
    this.trace(node, `freezes for ${durationMs}`);
    life.app.frozen?.();
    this.at(node.frozenUntilMs, () => this.#thaw(life, durationMs * node.clockRate));
  }

  /** A lie of a kernel, or of the way from it: the process lives. */
  mourn(node: SimNode, other: SimNode): void {
    const { life } = node;
    const member = other.life?.member;
    if (life === null || member === undefined) return;
    this.#whenRunning(life, () => this.#step(life, { kind: 'died', member }));
  }

  link(node: SimNode, up: boolean): void {
    const { life } = node;
    if (life === null) return;
    this.#whenRunning(life, () => this.#step(life, { kind: 'link', up }));
  }

  serving(node: SimNode, on: boolean): void {
    const { life } = node;
    if (life === null) return;
    this.#whenRunning(life, () => this.#step(life, { kind: 'serving', on }));
  }

  clock(node: SimNode): number {
    return node.clockStartMs + this.nowMs * node.clockRate;
  }

  trace(node: SimNode, line: string): void {
    const text = `${this.nowMs.toFixed(3)} ${node.name} ${line}`;
    for (let i = 0; i < text.length; i++) {
      this.hash = Math.imul(this.hash ^ text.charCodeAt(i), 0x01000193);
    }
    this.lines?.push(text);
  }

  #end(life: Life, why: 'crash' | 'leave'): void {
    this.trace(life.node, why);
    life.over = true;
    life.node.life = null;
    life.node.queue.length = 0;
    life.node.frozenUntilMs = 0;
    life.app.ended?.(why);
    this.#options.watcher.ended(life, why);
  }

  #thaw(life: Life, frozenMs: number): void {
    const { node } = life;
    if (life.over) return;
    this.trace(node, 'runs again');
    this.#options.watcher.thawed(life, frozenMs);
    life.app.thawed?.();
    // Sometimes a timer is first, sometimes what lay in the socket.
    if (this.random.chance(0.3)) this.#step(life, { kind: 'tick' });
    for (const run of node.queue.splice(0)) if (!life.over) run();
    if (life.over) return;
    this.#step(life, { kind: 'tick' });
    if (life.appWakeMs <= this.nowMs) this.#tickApp(life);
  }

  #whenRunning(life: Life, run: () => void): void {
    if (life.over) return;
    if (this.nowMs >= life.node.frozenUntilMs) run();
    else if (life.node.queue.length < QUEUE_MAX) life.node.queue.push(run);
  }

  #step(life: Life, event: Untimed<RingEvent>): void {
    const effects = life.ring.step({ ...event, nowMs: this.clock(life.node) });
    for (const effect of effects) this.#apply(life, effect);
    this.#sendAll(life);
  }

  /** What the app wanted to say while it was told something comes after all of that. */
  #sendAll(life: Life): void {
    while (life.sends.length > 0 && !life.over) {
      const bytes = life.sends.shift()!;
      this.#options.watcher.sent(life, bytes);
      const nowMs = this.clock(life.node);
      for (const effect of life.ring.step({ kind: 'send', bytes, nowMs }))
        this.#apply(life, effect);
    }
  }

  #apply(life: Life, effect: RingEffect): void {
    const { node } = life;
    switch (effect.kind) {
      case 'cast':
        for (const other of this.nodes) this.#transmit(node, other, effect.bytes);
        break;
      case 'transmit': {
        const to = this.nodes.find(({ endpoint }) => endpoint === effect.to);
        if (to !== undefined) this.#transmit(node, to, effect.bytes);
        break;
      }
      case 'deliver':
        this.trace(node, describe(effect.event));
        this.#options.watcher.delivered(life, effect.event);
        life.app.event(effect.event);
        break;
      case 'wake':
        this.#wakeRing(life, effect.atMs);
        break;
      case 'met':
        life.met.set(effect.member.bootId, effect.member);
        break;
      case 'forget':
        life.met.delete(effect.member.bootId);
        break;
      case 'seek':
        this.trace(node, `seeks ${effect.at}`);
        break;
      case 'report':
        this.reports.push(effect.text);
        this.trace(node, `# ${effect.text}`);
        break;
    }
  }

  #transmit(from: SimNode, to: SimNode, bytes: Uint8Array): void {
    if (to.life === null) return;
    this.network.send(from.name, to.name, this.nowMs, () => {
      const { life } = to;
      if (life === null) return;
      this.#whenRunning(life, () => {
        this.#step(life, { kind: 'datagram', from: from.endpoint, bytes });
      });
    });
  }

  #wakeRing(life: Life, atMs: number): void {
    life.ringWakeMs = this.#worldTime(life.node, atMs);
    const dueMs = life.ringWakeMs;
    this.at(dueMs, () => {
      const current = !life.over && life.ringWakeMs === dueMs;
      if (current && this.nowMs >= life.node.frozenUntilMs) this.#step(life, { kind: 'tick' });
    });
  }

  #wakeApp(life: Life, atMs: number): void {
    life.appWakeMs = this.#worldTime(life.node, atMs);
    const dueMs = life.appWakeMs;
    this.at(dueMs, () => {
      const current = !life.over && life.appWakeMs === dueMs;
      if (current && this.nowMs >= life.node.frozenUntilMs) this.#tickApp(life);
    });
  }

  #tickApp(life: Life): void {
    life.appWakeMs = Number.POSITIVE_INFINITY;
    life.app.tick();
    this.#sendAll(life);
  }

  #worldTime(node: SimNode, clockMs: number): number {
    return Math.max(this.nowMs, (clockMs - node.clockStartMs) / node.clockRate);
  }
}

function describe(event: GroupEvent): string {
  if (event.kind === 'message') {
    return `message of ${event.senderIndex}, ${event.bytes.length} bytes`;
  }
  if (event.kind !== 'view') return event.kind;
  const { id, members, together } = event.view;
  const names = members.map(({ name }) => name).join(' ');
  return `view ${id.epoch} of ${id.proposer}: ${names}, together ${together.join(' ')}`;
}
