/**
 * An engine that keeps exactly what `core/engine/engine.ts` says that engines guarantee, and no
 * more: one order for each part of the network, and memberships that come where they will.
 *
 * What a newcomer gets wrong: it is against its users wherever it may be. What was sent before a
 * change is delivered after it; who is cut off has delivered more, or less, than the others; and
 * when two parts meet, some are told of the newcomers one by one, each in an order of its own.
 */
import type { EngineEvent, EngineMember } from '../../src/core/engine/engine.ts';
import type { Agenda } from '../ring/agenda.ts';
import type { Random } from '../ring/random.ts';

type Entry =
  | { readonly kind: 'message'; readonly sender: EngineMember; readonly bytes: Uint8Array }
  | { readonly kind: 'membership'; readonly members: readonly EngineMember[] };

type Placed = { readonly place: number; readonly entry: Entry };

export type Process = {
  readonly name: EngineMember;
  readonly hear: (event: EngineEvent) => void;
};

/** One on each machine. Processes of a machine hear what its daemon delivers. */
export type Daemon = {
  readonly name: string;
  /** Those of one side hear each other. */
  side: number;
  up: boolean;
  processes: Process[];
  part: Part;
  /** Ordered, and not delivered here yet. */
  inbox: Placed[];
  /** Of the last one delivered. */
  place: number;
  /** Given to it, and not ordered yet. */
  outbox: Entry[];
  delivering: boolean;
  ordering: boolean;
};

/** Daemons with one order. */
type Part = { length: number };

export class IdealEngine {
  readonly daemons: readonly Daemon[];
  /** Nothing is ordered before: a token is missed. */
  stuckUntilMs = 0;
  delayMs = 1;
  readonly #random: Random;
  readonly #agenda: Agenda;
  readonly #nowMs: () => number;

  constructor(
    names: readonly string[],
    { random, agenda, nowMs }: { random: Random; agenda: Agenda; nowMs: () => number },
  ) {
    this.#random = random;
    this.#agenda = agenda;
    this.#nowMs = nowMs;
    this.daemons = names.map((name) => ({
      name,
      side: 0,
      up: true,
      processes: [],
      part: { length: 0 },
      inbox: [],
      place: 0,
      outbox: [],
      delivering: false,
      ordering: false,
    }));
    this.rearrange();
  }

  join(daemon: Daemon, process: Process): void {
    daemon.processes.push(process);
    this.#order(daemon.part, this.#membership(daemon.part));
  }

  /** By itself or not: what it has sent already is delivered to the others. */
  leave(daemon: Daemon, name: EngineMember): void {
    const before = daemon.processes.length;
    daemon.processes = daemon.processes.filter((process) => process.name !== name);
    if (daemon.processes.length === before) return;
    // In order, behind what it said.
    for (const entry of daemon.outbox.splice(0)) this.#order(daemon.part, entry);
    this.#order(daemon.part, this.#membership(daemon.part));
  }

  send(daemon: Daemon, sender: EngineMember, bytes: Uint8Array): void {
    if (!daemon.up || !daemon.processes.some(({ name }) => name === sender)) return;
    daemon.outbox.push({ kind: 'message', sender, bytes });
    this.#orderSoon(daemon);
  }

  /** The daemon ends: all its processes lose the engine. */
  kill(daemon: Daemon): void {
    if (!daemon.up) return;
    daemon.up = false;
    const lost = daemon.processes.splice(0);
    daemon.outbox = [];
    daemon.inbox = [];
    this.rearrange();
    for (const { hear } of lost) hear({ kind: 'lost', reason: 'the daemon has ended' });
  }

  revive(daemon: Daemon): void {
    if (daemon.up) return;
    daemon.up = true;
    this.rearrange();
  }

  /** After sides have changed: each side becomes one part. */
  rearrange(): void {
    const sides = Map.groupBy(
      this.daemons.filter(({ up }) => up),
      ({ side }) => side,
    );
    const now = new Map(this.daemons.map((daemon) => [daemon, daemon.part]));
    for (const daemons of sides.values()) {
      const parts = Map.groupBy(daemons, (daemon) => now.get(daemon)!);
      const [only] = parts.keys();
      const whole = [...now].filter(([{ up }, part]) => up && part === only).length;
      if (parts.size === 1 && whole === daemons.length && !this.#hasLost(only!)) continue;
      for (const [old, along] of parts) this.#cut(old, along);
      this.#form(daemons, parts);
    }
  }

  /** A daemon that has ended is still counted in. */
  #hasLost(part: Part): boolean {
    return this.daemons.some((daemon) => !daemon.up && daemon.part === part);
  }

  /**
   * Those who go on together deliver the same: at least what one of them has delivered, and what
   * one of them has sent. So there may be holes where others' messages were.
   */
  #cut(part: Part, daemons: readonly Daemon[]): void {
    const least = Math.max(...daemons.map(({ place }) => place));
    const cut = this.#random.whole(least, part.length);
    const own = new Set(daemons.flatMap(({ processes }) => processes.map(({ name }) => name)));
    for (const daemon of daemons) {
      daemon.inbox = daemon.inbox.filter(({ place, entry }) => {
        return place <= cut || (entry.kind === 'message' && own.has(entry.sender));
      });
    }
  }

  #form(daemons: readonly Daemon[], parts: ReadonlyMap<Part, readonly Daemon[]>): void {
    const part: Part = { length: 0 };
    const oneByOne = this.#random.chance(0.5);
    for (const daemon of daemons) {
      const [, along] = [...parts].find(([, some]) => some.includes(daemon))!;
      // What is still to be delivered of the old part comes first, whatever its number.
      daemon.inbox = daemon.inbox.map(({ entry }) => ({ place: 0, entry }));
      daemon.place = 0;
      if (!oneByOne) continue;
      let known = [...along];
      const newcomers = daemons.filter((other) => !along.includes(other));
      while (newcomers.length > 1) {
        const [next] = newcomers.splice(this.#random.whole(0, newcomers.length - 1), 1);
        known = [...known, next!];
        daemon.inbox.push({ place: 0, entry: membershipOf(known) });
      }
    }
    for (const daemon of daemons) daemon.part = part;
    // A change is delivered with those before it: nothing comes between.
    this.#order(part, this.#membership(part));
    for (const daemon of daemons) this.#orderSoon(daemon);
  }

  #membership(part: Part): Entry {
    return membershipOf(this.#of(part));
  }

  #of(part: Part): Daemon[] {
    return this.daemons.filter((daemon) => daemon.up && daemon.part === part);
  }

  #order(part: Part, entry: Entry): void {
    part.length++;
    for (const daemon of this.#of(part)) {
      daemon.inbox.push({ place: part.length, entry });
      this.#deliverSoon(daemon);
    }
  }

  #orderSoon(daemon: Daemon): void {
    if (daemon.ordering || daemon.outbox.length === 0) return;
    daemon.ordering = true;
    const atMs = Math.max(this.#nowMs(), this.stuckUntilMs);
    this.#agenda.at(atMs + this.#random.exponential(this.delayMs), () => {
      daemon.ordering = false;
      const entry = daemon.up && this.#nowMs() >= this.stuckUntilMs ? daemon.outbox.shift() : null;
      if (entry) this.#order(daemon.part, entry);
      this.#orderSoon(daemon);
    });
  }

  #deliverSoon(daemon: Daemon): void {
    if (daemon.delivering || daemon.inbox.length === 0) return;
    daemon.delivering = true;
    this.#agenda.at(this.#nowMs() + this.#random.exponential(this.delayMs), () => {
      daemon.delivering = false;
      for (let more = daemon.up; more; ) {
        const next = daemon.inbox.shift();
        if (next === undefined) break;
        if (next.place > 0) daemon.place = next.place;
        this.#deliver(daemon, next.entry);
        // Memberships that follow each other come at once.
        const { entry } = daemon.inbox[0] ?? {};
        more = next.entry.kind === 'membership' && entry?.kind === 'membership';
      }
      this.#deliverSoon(daemon);
    });
  }

  #deliver(daemon: Daemon, entry: Entry): void {
    for (const { name, hear } of [...daemon.processes]) {
      if (entry.kind === 'message') hear(entry);
      // Of before it joined.
      else if (entry.members.includes(name)) hear({ ...entry, self: name });
    }
  }
}

function membershipOf(daemons: readonly Daemon[]): Entry {
  const members = daemons.flatMap(({ processes }) => processes.map(({ name }) => name));
  return { kind: 'membership', members: members.toSorted() };
}
