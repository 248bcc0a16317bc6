/**
 * A Spread as it should be: daemons that part and meet, one group, agreed order within a component.
 *
 *     send ─► the component's wire ─(some ms)─► every client of it, in one order
 *
 * What a newcomer gets wrong: a message is in the component in which its daemon is when it gets
 * there, not in the membership that its sender knew. That is why a STATE names its membership.
 *
 * When daemons part, those who stay together get the same of what was under way: all that is their
 * own, and of what others sent as much as had come to them.
 */
import { assert } from '../../src/core/util/assert.ts';
import type { Agenda } from '../ring/agenda.ts';
import type { Random } from '../ring/random.ts';

export type IdealEvent =
  | {
      readonly kind: 'membership';
      readonly cause: 'join' | 'leave' | 'disconnect' | 'network';
      readonly gid: readonly [number, number, number];
      readonly members: readonly string[];
      readonly sets: readonly (readonly string[])[];
    }
  | {
      readonly kind: 'message';
      readonly sender: string;
      readonly type: number;
      /** Of the sender's machine. */
      readonly little: boolean;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'left' };

export type IdealClient = {
  readonly name: string;
  readonly daemon: number;
  readonly deliver: (event: IdealEvent) => void;
};

type Wire = { readonly event: IdealEvent; readonly to: readonly string[] };

type Component = {
  readonly daemons: ReadonlySet<number>;
  readonly wire: Wire[];
  gid: readonly [number, number, number];
};

const LATENCY_MS = { min: 0.2, max: 3 };

export class IdealSpread {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #nowMs: () => number;
  /** Those who have joined, by name. */
  readonly #joined = new Map<string, IdealClient>();
  readonly #lastMs = new Map<string, number>();
  #components: Component[];
  #time = 1_763_800_000;
  memberships = 0;

  constructor(
    daemons: readonly number[],
    parts: {
      readonly agenda: Agenda;
      readonly random: Random;
      readonly nowMs: () => number;
    },
  ) {
    this.#agenda = parts.agenda;
    this.#random = parts.random;
    this.#nowMs = parts.nowMs;
    this.#components = [this.#component(daemons)];
  }

  join(client: IdealClient): void {
    this.#joined.set(client.name, client);
    this.#lighter(client, 'join');
  }

  leave(client: IdealClient): void {
    if (!this.#joined.delete(client.name)) return;
    this.#lighter(client, 'leave');
    this.#put(this.#of(client.daemon), { event: { kind: 'left' }, to: [] }, client);
  }

  disconnect(client: IdealClient): void {
    if (this.#joined.delete(client.name)) this.#lighter(client, 'disconnect');
  }

  multicast(
    client: IdealClient,
    message: { readonly type: number; readonly little: boolean; readonly bytes: Uint8Array },
  ): void {
    const component = this.#of(client.daemon);
    const { type, little, bytes } = message;
    const event: IdealEvent = { kind: 'message', sender: client.name, type, little, bytes };
    this.#put(component, { event, to: this.#membersOf(component) });
  }

  part(parts: readonly (readonly number[])[]): void {
    const before = this.#components;
    const after = parts.map((daemons) => this.#component(daemons));
    this.#components = after;
    for (const component of after) {
      const sets: string[][] = [];
      for (const old of before) {
        const stay = new Set([...component.daemons].filter((daemon) => old.daemons.has(daemon)));
        if (stay.size === 0) continue;
        this.#finish(old, stay);
        const names = this.#namesAt(stay);
        if (names.length > 0) sets.push(names);
      }
      const members = this.#membersOf(component);
      if (members.length === 0) continue;
      this.memberships++;
      const { gid } = component;
      const event: IdealEvent = { kind: 'membership', cause: 'network', gid, members, sets };
      this.#put(component, { event, to: members });
    }
    for (const old of before) old.wire.length = 0;
  }

  /** Daemons that are one network now. */
  get components(): readonly (readonly number[])[] {
    return this.#components.map(({ daemons }) => [...daemons]);
  }

  #component(daemons: readonly number[]): Component {
    const representative = 0x0a4d0001 + Math.min(...daemons);
    return { daemons: new Set(daemons), wire: [], gid: [representative, this.#time++, 0] };
  }

  #of(daemon: number): Component {
    const found = this.#components.find(({ daemons }) => daemons.has(daemon));
    assert(found !== undefined, 'every daemon is somewhere');
    return found;
  }

  #lighter(client: IdealClient, cause: 'join' | 'leave' | 'disconnect'): void {
    const component = this.#of(client.daemon);
    const [representative, time, index] = component.gid;
    component.gid = [representative, time, index + 1];
    const members = this.#membersOf(component);
    if (members.length === 0) return;
    this.memberships++;
    const { gid } = component;
    const event: IdealEvent = { kind: 'membership', cause, gid, members, sets: [[client.name]] };
    this.#put(component, { event, to: members });
  }

  #membersOf({ daemons }: Component): string[] {
    return this.#namesAt(daemons);
  }

  /** In the order of the daemons, then by name. */
  #namesAt(daemons: ReadonlySet<number>): string[] {
    return [...this.#joined.values()]
      .filter(({ daemon }) => daemons.has(daemon))
      .toSorted((a, b) => a.daemon - b.daemon || (a.name < b.name ? -1 : 1))
      .map(({ name }) => name);
  }

  #put(component: Component, wire: Wire, leaver?: IdealClient): void {
    if (leaver !== undefined) {
      this.#hand(leaver, wire.event);
      return;
    }
    component.wire.push(wire);
    this.#agenda.at(this.#nowMs() + this.#delay(), () => {
      // One of its own for each put, but the first that is due carries all before it.
      while (component.wire.includes(wire)) this.#carry(component.wire.shift()!);
    });
  }

  #finish(old: Component, stay: ReadonlySet<number>): void {
    const here = new Set(this.#namesAt(stay));
    const cut = this.#random.whole(0, old.wire.length);
    old.wire.forEach(({ event, to }, index) => {
      if (event.kind !== 'message' || (index >= cut && !here.has(event.sender))) return;
      this.#carry({ event, to: to.filter((name) => here.has(name)) });
    });
  }

  #carry({ event, to }: Wire): void {
    for (const name of to) {
      const client = this.#joined.get(name);
      if (client !== undefined) this.#hand(client, event);
    }
  }

  #hand(client: IdealClient, event: IdealEvent): void {
    const atMs = Math.max(this.#nowMs() + this.#delay(), this.#lastMs.get(client.name) ?? 0);
    this.#lastMs.set(client.name, atMs);
    this.#agenda.at(atMs, () => client.deliver(event));
  }

  #delay(): number {
    return this.#random.between(LATENCY_MS.min, LATENCY_MS.max);
  }
}
