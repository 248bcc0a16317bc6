/**
 * The machines of a simulated old group: nodes of ours, originals, and programs that are neither.
 *
 * What a newcomer gets wrong: addresses belong to the machine's kernel, not to the process. One
 * that hangs has them still; that is what the judge looks at.
 */
import type { KeeperEffect } from '../../src/core/address/keeper-events.ts';
import type { AddressOptions } from '../../src/core/address/pool.ts';
import type { SpreadEvent } from '../../src/core/spread/session-events.ts';
import { assert } from '../../src/core/util/assert.ts';
import { WackamoleMachine } from '../../src/core/wackamole/machine.ts';
import type { MachineEvent } from '../../src/core/wackamole/machine-events.ts';
import { OWN_ORDER } from '../../src/core/wackamole/messages.ts';
import type { Agenda } from '../ring/agenda.ts';
import type { Random } from '../ring/random.ts';
import type { IdealClient, IdealEvent, IdealSpread } from './ideal-spread.ts';
import { Original } from './original.ts';

export const GROUP = 'wack1';
const PROBE_MS = 180;
const STRANGER_MS = 6_000;
const HOLD_MS_MAX = 5;

export type HostParts = {
  /** A process that has ended is there again no sooner. */
  readonly restartMs: { readonly min: number; readonly max: number };
  readonly agenda: Agenda;
  readonly random: Random;
  readonly nowMs: () => number;
  readonly spread: IdealSpread;
  /** Whether a node of ours is in the group of this one's network. */
  readonly isWatched: (of: Host) => boolean;
  /** Whether another machine of this one's network answers for an address. */
  readonly answers: (address: string, besides: Host) => boolean;
};

export type HostOptions = {
  readonly daemon: number;
  readonly pool: AddressOptions['pool'];
  readonly prefers: readonly string[];
  readonly little: boolean;
  readonly matureMs: number;
  readonly intervalMs: number;
  readonly rate: number | 'all';
};

export type Host = {
  readonly kind: 'ours' | 'original' | 'neither';
  readonly daemon: number;
  readonly kernel: ReadonlySet<string>;
  readonly frozen: boolean;
  /** Has come to its decision: `run`, or whatever it can come to. */
  readonly phase: string;
  readonly inGroup: boolean;
  freeze(on: boolean): void;
  /** Ended and started anew, with nothing left of before. */
  restart(): void;
};

/** What all kinds have: a connection whose events wait while the process hangs. */
abstract class Process implements Host {
  abstract readonly kind: Host['kind'];
  readonly daemon: number;
  readonly kernel = new Set<string>();
  protected readonly options: HostOptions;
  protected readonly parts: HostParts;
  frozen = false;
  #waiting: (() => void)[] = [];
  /** Of the process: what was meant for a former one is lost. */
  #life = 0;
  protected client: IdealClient;

  constructor(options: HostOptions, parts: HostParts) {
    this.options = options;
    this.parts = parts;
    this.daemon = options.daemon;
    this.client = this.#newClient();
  }

  abstract readonly phase: string;
  inGroup = false;
  abstract begin(): void;
  protected abstract hear(event: IdealEvent): void;

  get prefers(): readonly string[] {
    return this.options.prefers;
  }

  get real(): string {
    return `10.77.0.${this.daemon + 1}`;
  }

  freeze(on: boolean): void {
    this.frozen = on;
    if (on) return;
    for (const run of this.#waiting.splice(0)) run();
  }

  restart(): void {
    this.frozen = false;
    this.#waiting = [];
    this.#life++;
    this.kernel.clear();
    this.parts.spread.disconnect(this.client);
    this.client = this.#newClient();
    this.inGroup = false;
    const { random, restartMs } = this.parts;
    this.after(random.between(restartMs.min, restartMs.max), () => this.begin());
  }

  /** Not while the process hangs, and not in a later life. */
  protected run(what: () => void): void {
    const life = this.#life;
    const guarded = (): void => {
      if (life === this.#life) what();
    };
    if (this.frozen) this.#waiting.push(guarded);
    else guarded();
  }

  protected after(delayMs: number, what: () => void): void {
    const life = this.#life;
    this.parts.agenda.at(this.parts.nowMs() + delayMs, () => {
      if (life === this.#life) this.run(what);
    });
  }

  #newClient(): IdealClient {
    const life = this.#life;
    return {
      name: `#${this.constructor.name.toLowerCase().slice(0, 4)}${life}#n${this.daemon + 1}`,
      daemon: this.daemon,
      deliver: (event) => {
        if (life === this.#life) this.run(() => this.hear(event));
      },
    };
  }
}

export class OriginalHost extends Process {
  readonly kind = 'original';
  #original: Original | null = null;
  #crashes = 0;
  /** Let go while no node of ours was there to see whether that was a mistake. */
  readonly lost = new Set<string>();

  begin(): void {
    const { options, parts } = this;
    this.#original = new Original(
      {
        ...options,
        name: this.client.name,
        real: this.real,
        addresses: options.pool.map(({ name }) => name),
      },
      {
        nowMs: parts.nowMs,
        up: (address) => {
          this.kernel.add(address);
          this.lost.delete(address);
        },
        down: (address) => {
          this.kernel.delete(address);
          if (!parts.isWatched(this)) this.lost.add(address);
        },
        multicast: (type, bytes) => {
          parts.spread.multicast(this.client, { type, little: options.little, bytes });
        },
        wake: (atMs) => this.after(atMs - parts.nowMs(), () => this.#original?.tick()),
      },
    );
    this.inGroup = true;
    parts.spread.join(this.client);
  }

  get phase(): string {
    return this.#original?.state ?? 'none';
  }

  takeCrashes(): number {
    const crashes = this.#crashes;
    this.#crashes = 0;
    return crashes;
  }

  protected hear(event: IdealEvent): void {
    this.#original?.hear(event);
    if (this.#original?.crashed !== true) return;
    // Its two counts differ: it has ended itself, and somebody starts it again.
    this.#crashes++;
    this.restart();
  }
}

export class OurHost extends Process {
  readonly kind = 'ours';
  machine: WackamoleMachine | null = null;
  readonly #announced: string[] = [];
  /** Of what should be held: what was asked for before counts no more. */
  readonly #holds = new Map<string, number>();
  #holdCount = 0;

  begin(): void {
    const { options, parts } = this;
    this.inGroup = false;
    this.#holds.clear();
    this.machine = new WackamoleMachine(
      {
        name: `web${this.daemon + 1}`,
        spreadGroup: GROUP,
        real: this.real,
        pool: options.pool,
        prefer: options.prefers,
        matureMs: options.matureMs,
        balance: { rate: options.rate, intervalMs: options.intervalMs, enabled: true },
        weight: 1,
        policy: { kind: 'serve' },
      },
      parts.nowMs(),
    );
    this.#spread({ kind: 'connected', privateName: this.client.name, version: '4.4.0' });
  }

  get phase(): string {
    return this.machine?.status().phase ?? 'none';
  }

  /** Spread's daemon here ends and comes back. */
  loseSpread(forMs: number): void {
    this.run(() => {
      this.parts.spread.disconnect(this.client);
      this.inGroup = false;
      this.#spread({ kind: 'lost', code: -8, reason: 'the connection was closed' });
      this.after(forMs, () => {
        if (this.inGroup) return;
        this.#spread({ kind: 'connected', privateName: this.client.name, version: '4.4.0' });
      });
    });
  }

  drain(on: boolean): void {
    this.run(() => this.step({ kind: 'drain', nowMs: this.parts.nowMs(), on }));
  }

  step(event: MachineEvent): void {
    for (const effect of this.machine?.step(event) ?? []) {
      switch (effect.kind) {
        case 'multicast': {
          const little = OWN_ORDER.little !== effect.swapped;
          this.parts.spread.multicast(this.client, { ...effect, little });
          break;
        }
        case 'join':
          this.inGroup = true;
          this.parts.spread.join(this.client);
          break;
        case 'leave':
          this.inGroup = false;
          this.parts.spread.leave(this.client);
          break;
        default:
          this.#apply(effect);
      }
    }
  }

  protected hear(event: IdealEvent): void {
    const nowMs = this.parts.nowMs();
    switch (event.kind) {
      case 'left':
        this.#spread({ kind: 'left', group: GROUP });
        return;
      case 'message': {
        const { sender, type, bytes } = event;
        const swapped = event.little !== OWN_ORDER.little;
        this.#spread({
          kind: 'message',
          service: 0x10,
          sender,
          groups: [GROUP],
          type,
          swapped,
          bytes,
        });
        return;
      }
      case 'membership': {
        const { cause, members, sets } = event;
        const gid = new Uint8Array(Int32Array.from(event.gid).buffer);
        const selfIndex = members.indexOf(this.client.name);
        this.#spread({
          kind: 'membership',
          group: GROUP,
          cause,
          gid,
          members,
          selfIndex,
          sets,
          ownSet: 0,
        });
        this.step({ kind: 'tick', nowMs });
      }
    }
  }

  #spread(event: SpreadEvent): void {
    this.step({ kind: 'spread', nowMs: this.parts.nowMs(), event });
  }

  /** As the driver does, in short. */
  #apply(effect: Exclude<KeeperEffect, { kind: 'send' }>): void {
    switch (effect.kind) {
      case 'hold': {
        const { group, probeFirst } = effect;
        const hold = ++this.#holdCount;
        this.#holds.set(group, hold);
        // Before all have spoken only what is held for now is taken: not from one that answers.
        const asks = probeFirst || this.phase !== 'gather';
        assert(asks || !this.parts.answers(group, this), `${group} is taken from one that answers`);
        const waitMs = this.parts.random.between(0, HOLD_MS_MAX);
        this.after(probeFirst ? PROBE_MS : waitMs, () => this.#raise(group, hold, probeFirst));
        return;
      }
      case 'release':
        this.#holds.delete(effect.group);
        this.kernel.delete(effect.group);
        return;
      case 'wake':
        this.after(effect.atMs - this.parts.nowMs(), () => {
          this.step({ kind: 'tick', nowMs: this.parts.nowMs() });
        });
        return;
      case 'announce':
        this.#announced.push(effect.group);
        return;
      case 'drained':
      case 'adopt':
      case 'report':
    }
  }

  #raise(group: string, hold: number, probeFirst: boolean): void {
    if (this.#holds.get(group) !== hold) return;
    const nowMs = this.parts.nowMs();
    if (probeFirst && this.parts.answers(group, this)) {
      if (this.machine?.knows('02:00:00:00:00:09') === true) return;
      this.step({ kind: 'inUse', nowMs, group, address: group, mac: '02:00:00:00:00:09' });
      this.#watch(group);
      return;
    }
    this.kernel.add(group);
    this.step({ kind: 'held', nowMs, group });
  }

  /** Until the stranger has gone. */
  #watch(group: string): void {
    this.after(STRANGER_MS, () => {
      if (this.parts.answers(group, this)) this.#watch(group);
      else this.step({ kind: 'free', nowMs: this.parts.nowMs(), group });
    });
  }

  get announced(): readonly string[] {
    return this.#announced;
  }
}

/** It joins, and says what nobody of the group understands. */
export class NeitherHost extends Process {
  readonly kind = 'neither';
  readonly phase = 'none';
  begin(): void {
    this.inGroup = true;
    this.parts.spread.join(this.client);
    this.#babble();
  }

  protected hear(): void {}

  #babble(): void {
    const { random, spread } = this.parts;
    const bytes = Uint8Array.from({ length: random.whole(0, 60) }, () => random.whole(0, 255));
    spread.multicast(this.client, { type: random.whole(6, 4_000), little: true, bytes });
    this.after(random.between(200, 2_000), () => this.#babble());
  }
}
