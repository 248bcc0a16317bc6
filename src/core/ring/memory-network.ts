/**
 * Rings of one process in one memory: datagrams take a millisecond, and whoever is cut off hears
 * nothing. For tests of one scenario, and for the rehearsal of a real ring (`rehearsal.ts`);
 * `sim/ring/` is where the world is against them.
 */
import type { GroupEvent, Member, View } from './group.ts';
import { Ring } from './ring.ts';
import type { RingEffect, RingEvent } from './ring-events.ts';
import { PROFILES, type Timing } from './timing.ts';

type Untimed<E> = E extends unknown ? Omit<E, 'nowMs'> : never;

export class MemoryNode {
  readonly ring: Ring;
  readonly member: Member;
  readonly at: string;
  readonly events: GroupEvent[] = [];
  readonly reports: string[] = [];
  readonly effects: RingEffect[] = [];
  wakeMs: number;
  running = true;

  constructor(member: Member, at: string, ring: Ring, nowMs: number) {
    this.member = member;
    this.at = at;
    this.ring = ring;
    this.wakeMs = nowMs;
  }

  get views(): View[] {
    return this.events.flatMap((event) => (event.kind === 'view' ? [event.view] : []));
  }

  /** `web1 web2`, for each view. */
  get viewNames(): string[] {
    return this.views.map(({ members }) => members.map(({ name }) => name).join(' '));
  }

  /** `0:hello`: the sender's index and the text. */
  get messages(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'message' ? [`${event.senderIndex}:${text(event.bytes)}`] : [],
    );
  }
}

export class MemoryNetwork {
  nowMs = 1_000;
  readonly timing: Timing;
  readonly nodes: MemoryNode[] = [];
  /** Whether a datagram gets through. */
  passes: (from: MemoryNode, to: MemoryNode, bytes: Uint8Array) => boolean = () => true;
  #flying: { readonly atMs: number; readonly to: MemoryNode; readonly run: () => void }[] = [];
  #bootIds = 100;

  constructor(timing: Timing = PROFILES.lan) {
    this.timing = timing;
  }

  start(name: string, at = `${name}:4803`): MemoryNode {
    const member = { name, bootId: this.#bootIds++ };
    const ring = new Ring({ self: member, group: 'site', timing: this.timing }, this.nowMs);
    const node = new MemoryNode(member, at, ring, this.nowMs);
    this.nodes.push(node);
    return node;
  }

  /** Starts so many, `a` first, and lets them make their view. */
  gather(count: number): MemoryNode[] {
    const nodes = [...'abcdefghijklmnop'].slice(0, count).map((name) => this.start(name));
    this.run(3 * this.timing.silenceMs);
    return nodes;
  }

  step(node: MemoryNode, event: Untimed<RingEvent>): void {
    for (const effect of node.ring.step({ ...event, nowMs: this.nowMs })) this.#apply(node, effect);
  }

  send(node: MemoryNode, message: string | Uint8Array): void {
    const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message;
    this.step(node, { kind: 'send', bytes });
  }

  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const running = this.nodes.filter((node) => node.running);
      const wakeMs = Math.min(...running.map((node) => node.wakeMs));
      const landMs = Math.min(...this.#flying.map(({ atMs }) => atMs));
      const nextMs = Math.min(wakeMs, landMs);
      if (nextMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const landed = this.#flying.filter(({ atMs }) => atMs <= this.nowMs);
      this.#flying = this.#flying.filter(({ atMs }) => atMs > this.nowMs);
      for (const { to, run } of landed) if (to.running) run();
      for (const node of running) {
        if (node.wakeMs <= this.nowMs) this.step(node, { kind: 'tick' });
      }
    }
    this.nowMs = endMs;
  }

  #apply(node: MemoryNode, effect: RingEffect): void {
    node.effects.push(effect);
    if (effect.kind === 'wake') node.wakeMs = effect.atMs;
    else if (effect.kind === 'deliver') node.events.push(effect.event);
    else if (effect.kind === 'report') node.reports.push(effect.text);
    else if (effect.kind === 'cast' || effect.kind === 'transmit') {
      for (const to of this.nodes) {
        const meant = effect.kind === 'cast' ? to !== node : to.at === effect.to;
        if (!meant || !this.passes(node, to, effect.bytes)) continue;
        const { bytes } = effect;
        const run = (): void => this.step(to, { kind: 'datagram', from: node.at, bytes });
        this.#flying.push({ atMs: this.nowMs + 1, to, run });
      }
    }
  }
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
