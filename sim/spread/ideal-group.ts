/**
 * A group that keeps its promises (core/ring/group.ts) and none beyond them: members are told late,
 * parts are cut off with different ends, and what is sent when a view ends may come in the next.
 *
 *     send ─► outbox ─► order of the component ─► each member, at its own pace
 *
 * Nothing happens by itself: `step` does one thing, of those that can happen, by chance.
 */
import type { GroupEvent, Member, View } from '../../src/core/ring/group.ts';
import type { Random } from '../ring/random.ts';

type Sent = { readonly sender: Member; readonly bytes: Uint8Array };

type Component = { readonly view: View['id']; readonly members: Member[]; readonly order: Sent[] };

export class IdealMember {
  readonly member: Member;
  readonly onEvent: (event: GroupEvent) => void;
  readonly outbox: Uint8Array[] = [];
  component: Component | null = null;
  /** Of the component's order: so many are delivered here. */
  delivered = 0;

  constructor(member: Member, onEvent: (event: GroupEvent) => void) {
    this.member = member;
    this.onEvent = onEvent;
  }

  send(bytes: Uint8Array): void {
    this.outbox.push(bytes);
  }
}

export class IdealGroup {
  readonly #random: Random;
  #members: IdealMember[] = [];
  #epoch = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Without a view until `connect`. */
  add(member: IdealMember): void {
    this.#members.push(member);
  }

  /** It has died: the others go on without it at the next `connect`. */
  remove(member: IdealMember): void {
    this.#members = this.#members.filter((one) => one !== member);
  }

  /** @returns false when nothing is left to do */
  step(): boolean {
    const acts = this.#members.flatMap((member): (() => void)[] => {
      const { component, outbox } = member;
      if (component === null) return [];
      const due = component.order[member.delivered];
      return [
        ...(outbox.length > 0 ? [() => this.#order(member)] : []),
        ...(due === undefined ? [] : [() => this.#deliver(member)]),
      ];
    });
    const act = this.#random.pick(acts);
    act?.();
    return act !== undefined;
  }

  settle(): void {
    while (this.step());
  }

  /** Each part becomes a view of its own. Whoever is in none of them goes on without one. */
  connect(parts: readonly (readonly IdealMember[])[]): void {
    for (const part of parts) {
      const from = new Map<Component | null, IdealMember[]>();
      for (const member of part) {
        from.set(member.component, [...(from.get(member.component) ?? []), member]);
      }
      for (const [component, together] of from) {
        if (component !== null) this.#finish(component, together);
      }
      this.#install(part, from);
    }
  }

  /** It did not run for too long: it has lost what it had sent, and comes along with nobody. */
  stall(member: IdealMember): void {
    member.component = null;
    member.outbox.length = 0;
    member.onEvent({ kind: 'stalled' });
  }

  #order(member: IdealMember): void {
    const bytes = member.outbox.shift()!;
    member.component!.order.push({ sender: member.member, bytes });
  }

  #deliver(member: IdealMember): void {
    const component = member.component!;
    const { sender, bytes } = component.order[member.delivered++]!;
    const senderIndex = component.members.findIndex(({ bootId }) => bootId === sender.bootId);
    member.onEvent({ kind: 'message', senderIndex, bytes });
  }

  /** All of these end at one place: behind what any of them has, or has sent. */
  #finish(component: Component, together: readonly IdealMember[]): void {
    const ids = new Set(together.map(({ member }) => member.bootId));
    for (const member of together) {
      // Some that are still to be sent make it into the old view.
      while (member.outbox.length > 0 && this.#random.chance(0.5)) this.#order(member);
    }
    const ownLast = component.order.findLastIndex(({ sender }) => ids.has(sender.bootId));
    const least = Math.max(ownLast + 1, ...together.map(({ delivered }) => delivered));
    const end = this.#random.whole(least, component.order.length);
    for (const member of together) {
      member.onEvent({ kind: 'blocked' });
      while (member.delivered < end) this.#deliver(member);
    }
  }

  #install(
    part: readonly IdealMember[],
    from: ReadonlyMap<Component | null, readonly IdealMember[]>,
  ): void {
    const sorted = part.toSorted((a, b) => (a.member.name < b.member.name ? -1 : 1));
    const members = sorted.map(({ member }) => member);
    const id = { epoch: ++this.#epoch, proposer: members[0]!.name };
    const component: Component = { view: id, members, order: [] };
    const togetherOf = (member: IdealMember): readonly IdealMember[] =>
      member.component === null ? [member] : from.get(member.component)!;
    const views = sorted.map((member, selfIndex): View => {
      const together = togetherOf(member).map((one) => sorted.indexOf(one));
      return { id, members, selfIndex, together: together.toSorted((a, b) => a - b) };
    });
    sorted.forEach((member, index) => {
      member.component = component;
      member.delivered = 0;
      member.onEvent({ kind: 'view', view: views[index]!, beside: null });
    });
  }
}
