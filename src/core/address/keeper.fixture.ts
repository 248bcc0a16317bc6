/**
 * Keepers on a perfect group in memory: views and one order, as `ring/group.ts` promises, on a
 * clock that the test turns.
 *
 * What a newcomer gets wrong: perfect does not mean simultaneous. Every member reads the messages
 * of its view at a pace of its own (`deliver`), and those that part read different ends of them.
 */
import type { View } from '../ring/group.ts';
import { assert } from '../util/assert.ts';
import { Keeper } from './keeper.ts';
import type { Ineligibility, KeeperEffect, KeeperEvent, Reason } from './keeper-events.ts';
import type { AddressGroup, AddressOptions } from './pool.ts';

export const POOL = poolOf(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']);

export const OPTIONS: AddressOptions = {
  pool: POOL,
  matureMs: 5_000,
  balance: { rate: 'all', intervalMs: 4_000, enabled: true },
  prefer: [],
  weight: 1,
  policy: { kind: 'serve' },
};

export function poolOf(names: readonly string[]): AddressGroup[] {
  return names.map((name) => ({
    name,
    addresses: [{ interface: 'eth0', address: name, prefixLength: 24, notifyPrefixLength: 24 }],
  }));
}

export function because(reason: Reason): Ineligibility {
  return { reason, detail: 'says the test' };
}

type Untimed<T> = T extends unknown ? Omit<T, 'nowMs'> : never;

/** One view and what has been said in it. */
type Room = {
  readonly view: Omit<View, 'selfIndex' | 'together'>;
  readonly said: { readonly sender: string; readonly bytes: Uint8Array }[];
};

export type Machine = {
  readonly name: string;
  readonly keeper: Keeper;
  bootId: number;
  room: Room | null;
  /** How much of the room's messages it has read. */
  read: number;
  blocked: boolean;
  /** Its main thread hangs: views and messages wait for it. */
  frozen: boolean;
  waiting: Untimed<KeeperEvent> | null;
  wakeMs: number | null;
  /** What its kernel has, and when it will confirm what is new. */
  readonly kernel: Set<string>;
  readonly confirms: Map<string, number>;
  /** After `hold`, this long until `held`; infinite for a broken driver. */
  holdMs: number;
  readonly effects: KeeperEffect[];
};

export class World {
  nowMs = 0;
  readonly machines = new Map<string, Machine>();
  #epoch = 0;
  #boots = 0;

  start(name: string, options: Partial<AddressOptions> = {}): Machine {
    const machine: Machine = {
      name,
      keeper: new Keeper({ ...OPTIONS, ...options, name }, this.nowMs),
      bootId: ++this.#boots,
      room: null,
      read: 0,
      blocked: false,
      frozen: false,
      waiting: null,
      wakeMs: null,
      kernel: new Set(),
      confirms: new Map(),
      holdMs: 0,
      effects: [],
    };
    this.machines.set(name, machine);
    this.step(name, { kind: 'hardware', macs: [`02:00:00:00:00:${name}`] });
    return machine;
  }

  machine(name: string): Machine {
    return this.machines.get(name)!;
  }

  step(name: string, event: Untimed<KeeperEvent>): readonly KeeperEffect[] {
    const machine = this.machine(name);
    const effects = machine.keeper.step({ ...event, nowMs: this.nowMs } as KeeperEvent);
    for (const effect of effects) this.#apply(machine, effect);
    machine.effects.push(...effects);
    return effects;
  }

  /** The power fails: nothing more is heard of it, and its kernel forgets. */
  kill(name: string): void {
    this.machine(name).kernel.clear();
    this.machines.delete(name);
  }

  /**
   * Each list of names comes to share a view. Those that were together read the same messages
   * first: all there are.
   */
  view(...components: readonly (readonly string[])[]): void {
    for (const names of components) {
      this.#flush(names, () => true);
      this.#install(names);
    }
  }

  /** As `view`, but what was under way from the others arrives only as far as `reaches` says. */
  part(
    names: readonly string[],
    reaches: (sender: string) => boolean,
    frozen: string | null = null,
  ): void {
    this.#flush(names, (sender) => names.includes(sender) || reaches(sender));
    if (frozen !== null && names.includes(frozen)) this.freeze(frozen);
    this.#install(names);
  }

  block(names: readonly string[]): void {
    for (const name of names) {
      this.machine(name).blocked = true;
      this.step(name, { kind: 'group', event: { kind: 'blocked' } });
    }
  }

  freeze(name: string): void {
    this.machine(name).frozen = true;
  }

  /** Before the next view: one thread of a hung process still agrees to the first. */
  thaw(): void {
    for (const machine of this.machines.values()) {
      if (!machine.frozen) continue;
      machine.frozen = false;
      if (machine.waiting !== null) this.step(machine.name, machine.waiting);
      machine.waiting = null;
    }
  }

  /** It was stopped for so long that the others went on without it. */
  stall(name: string): void {
    this.machine(name).room = null;
    this.step(name, { kind: 'group', event: { kind: 'stalled' } });
  }

  /** The next message to one machine. @returns false when it has read them all */
  deliver(name: string): boolean {
    const machine = this.machine(name);
    const message = machine.room?.said[machine.read];
    if (machine.room === null || message === undefined || machine.frozen) return false;
    machine.read++;
    const senderIndex = machine.room.view.members.findIndex(
      (member) => member.name === message.sender,
    );
    const event = { kind: 'message' as const, senderIndex, bytes: message.bytes };
    this.step(name, { kind: 'group', event });
    return true;
  }

  /** Until nobody has anything to read, or to confirm at once. */
  settle(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (const name of [...this.machines.keys()]) {
        while (this.deliver(name)) busy = true;
        if (this.confirmDue(name)) busy = true;
      }
    }
  }

  /** Time passes, and everything due happens, everybody reads at once. */
  run(durationMs: number, eachMs: () => void = () => {}): void {
    this.settle();
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; ) {
      this.nowMs++;
      for (const { name, wakeMs } of [...this.machines.values()]) {
        if (wakeMs === null || wakeMs > this.nowMs || this.machine(name).frozen) continue;
        this.machine(name).wakeMs = null;
        this.step(name, { kind: 'tick' });
      }
      this.settle();
      eachMs();
    }
  }

  confirmDue(name: string): boolean {
    const machine = this.machine(name);
    // Asked for every machine in every ms, and mostly there is nothing.
    if (machine.frozen || machine.confirms.size === 0) return false;
    const due = [...machine.confirms].filter(([, atMs]) => atMs <= this.nowMs);
    for (const [group] of due) {
      machine.confirms.delete(group);
      machine.kernel.add(group);
      this.step(name, { kind: 'held', group });
    }
    return due.length > 0;
  }

  /** Who answers for a group, judged from outside: by kernels. */
  holders(group: string, among: readonly string[] = [...this.machines.keys()]): string[] {
    return among.filter((name) => this.machine(name).kernel.has(group));
  }

  /** `{ web1: '10.0.0.1 10.0.0.2', ... }` by kernels. */
  holdings(): Record<string, string> {
    const entries = [...this.machines.values()].map(({ name, kernel }) => {
      return [name, [...kernel].sort().join(' ')] as const;
    });
    return Object.fromEntries(entries);
  }

  reports(name: string): string[] {
    return this.effects(name, 'report').map(({ text }) => text);
  }

  effects<K extends KeeperEffect['kind']>(
    name: string,
    kind: K,
  ): (KeeperEffect & { readonly kind: K })[] {
    return this.machine(name).effects.filter(
      (effect): effect is KeeperEffect & { readonly kind: K } => effect.kind === kind,
    );
  }

  /** Machines started, in one view, and mature; what happened so far is forgotten. */
  mature(names: readonly string[], options: Partial<AddressOptions> = {}): void {
    for (const name of names) this.start(name, options);
    this.view(names);
    this.run(OPTIONS.matureMs + OPTIONS.balance.intervalMs + 10);
    this.forget();
  }

  forget(): void {
    for (const { effects } of this.machines.values()) effects.length = 0;
  }

  /** All members of a view know the same; `here` is each one's own. */
  agree(names: readonly string[]): void {
    const pictures = names.map((name) => {
      const { phase, members, groups } = this.machine(name).keeper.status();
      const shared = groups.map((group) => ({ ...group, here: null }));
      return JSON.stringify({ phase, members, groups: shared }, null, 1);
    });
    const other = pictures.find((picture) => picture !== pictures[0]) ?? null;
    assert(other === null, `all members know the same: ${pictures[0]} and ${other}`);
  }

  #flush(names: readonly string[], reaches: (sender: string) => boolean): void {
    this.block(names.filter((name) => !this.machine(name).blocked));
    const rooms = new Set(names.map((name) => this.machine(name).room));
    for (const room of rooms) {
      if (room === null) continue;
      const readers = names.map((name) => this.machine(name)).filter((one) => one.room === room);
      // What one has read, all that go on with it read. Of what comes after, a beginning of each
      // sender's: the first message of it that does not reach them ends what they hear of it.
      const read = Math.max(...readers.map((reader) => reader.read));
      const silent = new Set<string>();
      const rest = room.said.slice(read).filter(({ sender }) => {
        if (!reaches(sender)) silent.add(sender);
        return !silent.has(sender);
      });
      const ending: Room = { view: room.view, said: [...room.said.slice(0, read), ...rest] };
      for (const reader of readers) {
        reader.room = ending;
        while (this.deliver(reader.name));
      }
    }
  }

  #install(names: readonly string[]): void {
    const sorted = [...names].sort();
    const members = sorted.map((name) => ({ name, bootId: this.machine(name).bootId }));
    const before = new Map(sorted.map((name) => [name, this.machine(name).room?.view ?? null]));
    const id = { epoch: ++this.#epoch, proposer: sorted[0]! };
    const room: Room = { view: { id, members }, said: [] };
    sorted.forEach((name, selfIndex) => {
      const machine = this.machine(name);
      machine.room = room;
      machine.read = 0;
      machine.blocked = false;
      const own = before.get(name);
      const together = sorted.flatMap((other, index) => {
        const same = other === name || (own !== null && own?.id === before.get(other)?.id);
        return same ? [index] : [];
      });
      const view = { id, members, selfIndex, together };
      const event: Untimed<KeeperEvent> = {
        kind: 'group',
        event: { kind: 'view', view, beside: null },
      };
      if (machine.frozen) machine.waiting = event;
      else this.step(name, event);
    });
  }

  #apply(machine: Machine, effect: KeeperEffect): void {
    const { kernel, confirms } = machine;
    switch (effect.kind) {
      case 'send':
        if (machine.blocked) throw new Error(`${machine.name} sends while blocked`);
        machine.room!.said.push({ sender: machine.name, bytes: effect.bytes });
        return;
      case 'hold':
        if (!kernel.has(effect.group)) confirms.set(effect.group, this.nowMs + machine.holdMs);
        return;
      case 'release':
        kernel.delete(effect.group);
        confirms.delete(effect.group);
        return;
      case 'wake':
        machine.wakeMs = effect.atMs;
        return;
      default:
        return;
    }
  }
}
