/**
 * Processes with clocks of their own on an ideal engine. `MemberViews` is the real one; the rest is
 * simulated, in one thread, by seed.
 *
 * What a newcomer gets wrong: the engine goes on counting a process that is frozen, and keeps for
 * it all that it has to hear. It hears that when it runs again, old as it is.
 */
import type { EngineEvent } from '../../src/core/engine/engine.ts';
import {
  MemberViews,
  type ViewsEffect,
  type ViewsEvent,
  type ViewsTiming,
} from '../../src/core/engine/member-views.ts';
import type { Member } from '../../src/core/ring/group.ts';
import { Agenda } from '../ring/agenda.ts';
import { type App, chat } from '../ring/app.ts';
import type { Judge } from '../ring/judge.ts';
import { Random } from '../ring/random.ts';
import { type Daemon, IdealEngine } from './ideal-engine.ts';

export type Life = {
  readonly member: Member;
  readonly views: MemberViews;
  readonly node: SimNode;
  app: App;
  over: boolean;
  wakeMs: number;
  appWakeMs: number;
  /** The engine's name of its present connection; null: it has none. */
  engineName: string | null;
  readonly sends: Uint8Array[];
};

export type SimNode = {
  readonly daemon: Daemon;
  readonly clockRate: number;
  readonly clockStartMs: number;
  life: Life | null;
  frozenUntilMs: number;
  readonly queue: (() => void)[];
  connections: number;
};

export type WorldOptions = {
  readonly seed: number;
  readonly nodes: number;
  readonly timing: ViewsTiming;
  readonly judge: Judge;
  readonly chatMs: number;
};

type Untimed<E> = E extends unknown ? Omit<E, 'nowMs'> : never;

/** Between two attempts to connect. */
const RETRY_MS = 300;

export class World {
  nowMs = 0;
  readonly random: Random;
  readonly engine: IdealEngine;
  readonly nodes: readonly SimNode[];
  hash = 0;
  /** Kept only when somebody wants to read them. */
  lines: string[] | null = null;
  readonly #options: WorldOptions;
  readonly #agenda = new Agenda();

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Random(options.seed);
    const names = Array.from(
      { length: options.nodes },
      (_, i) => `n${String.fromCharCode(97 + i)}`,
    );
    const [random, agenda, nowMs] = [this.random, this.#agenda, () => this.nowMs];
    this.engine = new IdealEngine(names, { random, agenda, nowMs });
    this.nodes = this.engine.daemons.map((daemon) => ({
      daemon,
      clockRate: 1 + this.random.between(-0.03, 0.03),
      clockStartMs: this.random.whole(0, 1_000_000),
      life: null,
      frozenUntilMs: 0,
      queue: [],
      connections: 0,
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
    const { judge, timing, chatMs } = this.#options;
    const { random } = this;
    const member = { name: node.daemon.name, bootId: random.whole(1, 2 ** 40) };
    const views = new MemberViews({ self: member, group: 'sim', timing }, this.clock(node));
    const life: Life = {
      member,
      views,
      node,
      app: { event: () => {}, tick: () => {} },
      over: false,
      wakeMs: Number.POSITIVE_INFINITY,
      appWakeMs: Number.POSITIVE_INFINITY,
      engineName: null,
      sends: [],
    };
    node.life = life;
    this.trace(node, `starts ${member.bootId}`);
    judge.started(life);
    life.app = chat(chatMs)({
      self: member,
      random,
      nowMs: () => this.clock(node),
      send: (bytes) => life.sends.push(bytes),
      wake: (atMs) => this.#wakeApp(life, atMs),
      trace: (line) => this.trace(node, line),
    });
    this.#connect(life);
  }

  crash(node: SimNode): void {
    const { life } = node;
    if (life === null) return;
    this.trace(node, 'crashes');
    life.over = true;
    node.life = null;
    node.frozenUntilMs = 0;
    node.queue.length = 0;
    this.#disconnect(life);
  }

  freeze(node: SimNode, durationMs: number): void {
    const { life } = node;
    if (life === null || this.nowMs < node.frozenUntilMs) return;
    node.frozenUntilMs = this.nowMs + durationMs;
    this.trace(node, `freezes for ${durationMs}`);
    this.at(node.frozenUntilMs, () => this.#thaw(life, durationMs * node.clockRate));
  }

  clock(node: SimNode): number {
    return node.clockStartMs + this.nowMs * node.clockRate;
  }

  trace(node: SimNode, line: string): void {
    const text = `${this.nowMs.toFixed(3)} ${node.daemon.name} ${line}`;
    for (let i = 0; i < text.length; i++) {
      this.hash = Math.imul(this.hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    }
    this.lines?.push(text);
  }

  #connect(life: Life): void {
    const { node } = life;
    if (life.over || life.engineName !== null) return;
    if (!node.daemon.up) {
      this.#hear(life, { kind: 'lost', reason: 'there is no daemon' });
      this.at(this.nowMs + RETRY_MS, () => this.#connect(life));
      return;
    }
    // A process keeps its name, as it does with Corosync, or gets another one, as with Spread.
    if (node.connections === 0 || this.random.chance(0.5)) node.connections++;
    const name = `${node.daemon.name}:${node.connections}`;
    life.engineName = name;
    this.engine.join(node.daemon, {
      name,
      hear: (event) => {
        if (life.engineName === name) this.#hear(life, event);
        if (event.kind !== 'lost') return;
        life.engineName = null;
        this.at(this.nowMs + RETRY_MS, () => this.#connect(life));
      },
    });
  }

  #disconnect(life: Life): void {
    const name = life.engineName;
    life.engineName = null;
    if (name !== null) this.engine.leave(life.node.daemon, name);
  }

  #hear(life: Life, event: EngineEvent): void {
    this.#whenRunning(life, () => this.#step(life, { kind: 'engine', event }));
  }

  #thaw(life: Life, frozenMs: number): void {
    const { node } = life;
    if (life.over) return;
    this.trace(node, 'runs again');
    this.#options.judge.thawed(life, frozenMs);
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
    else life.node.queue.push(run);
  }

  #step(life: Life, event: Untimed<ViewsEvent>): void {
    for (const effect of life.views.step({ ...event, nowMs: this.clock(life.node) })) {
      this.#apply(life, effect);
    }
    this.#sendAll(life);
  }

  #sendAll(life: Life): void {
    while (life.sends.length > 0 && !life.over) {
      const bytes = life.sends.shift()!;
      this.#options.judge.sent(life, bytes);
      const nowMs = this.clock(life.node);
      for (const effect of life.views.step({ kind: 'send', bytes, nowMs })) {
        this.#apply(life, effect);
      }
    }
  }

  #apply(life: Life, effect: ViewsEffect): void {
    const { node } = life;
    switch (effect.kind) {
      case 'transmit':
        if (life.engineName === null) return;
        this.engine.send(node.daemon, life.engineName, effect.bytes);
        return;
      case 'deliver': {
        const { event } = effect;
        const shown = event.kind === 'view' ? `view ${JSON.stringify(event.view)}` : event.kind;
        this.trace(node, shown);
        this.#options.judge.delivered(life, event);
        life.app.event(event);
        return;
      }
      case 'rejoin':
        this.trace(node, 'rejoins');
        this.#disconnect(life);
        this.at(this.nowMs + RETRY_MS, () => this.#connect(life));
        return;
      case 'wake':
        this.#wake(life, effect.atMs);
        return;
      case 'report':
        this.trace(node, `# ${effect.text}`);
    }
  }

  #wake(life: Life, atMs: number): void {
    const dueMs = this.#worldTime(life.node, atMs);
    life.wakeMs = dueMs;
    this.at(dueMs, () => {
      if (life.over || life.wakeMs !== dueMs || this.nowMs < life.node.frozenUntilMs) return;
      this.#step(life, { kind: 'tick' });
    });
  }

  #wakeApp(life: Life, atMs: number): void {
    const dueMs = this.#worldTime(life.node, atMs);
    life.appWakeMs = dueMs;
    this.at(dueMs, () => {
      if (life.over || life.appWakeMs !== dueMs || this.nowMs < life.node.frozenUntilMs) return;
      this.#tickApp(life);
    });
  }

  #tickApp(life: Life): void {
    life.appWakeMs = Number.POSITIVE_INFINITY;
    life.app.tick();
    this.#sendAll(life);
  }

  /** A moment later, or rounding would bring us there before it is due, without end. */
  #worldTime({ clockRate, clockStartMs }: SimNode, clockMs: number): number {
    return Math.max(this.nowMs, (clockMs - clockStartMs) / clockRate) + 0.001;
  }
}
