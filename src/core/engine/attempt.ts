/**
 * One attempt at a view: who has said hello, who is waited for, and who says what the view is.
 *
 * What a newcomer gets wrong: whoever proposes decides nothing that matters to safety. All install
 * what the first `install` says that goes by hellos of this attempt; several may propose.
 */
import { MEMBERS_MAX, type Member, sameMember } from '../ring/group.ts';
import type { EngineMember } from './engine.ts';
import type { Chosen } from './installed.ts';
import type { AttemptTag, Hello, Install } from './words.ts';

export class Attempt {
  readonly tag: AttemptTag;
  readonly sinceMs: number;
  readonly hellos = new Map<EngineMember, Hello>();
  /** A view was installed from it, here or without us. */
  over = false;
  /** We have proposed, and it has not come back yet. */
  proposed = false;

  constructor(tag: AttemptTag, sinceMs: number) {
    this.tag = tag;
    this.sinceMs = sinceMs;
  }

  /**
   * When we should propose, if nobody does before. Whoever comes first in the engine's order does
   * at once when all have said hello; it may be the one that has stopped, so the next one steps in.
   */
  dueMs(options: {
    readonly members: readonly EngineMember[];
    readonly self: EngineMember;
    /** In our view. */
    readonly present: readonly Member[];
    /** Not waited for. */
    readonly mute: ReadonlySet<EngineMember>;
    readonly nowMs: number;
    readonly helloMs: number;
  }): number {
    const { members, self, present, mute, nowMs, helloMs } = options;
    if (this.over || this.proposed || !this.hellos.has(self)) return Number.POSITIVE_INFINITY;
    const chosen = this.choose(members, present);
    const rank = chosen.findIndex(({ member }) => member === self);
    // Another one of our name was first.
    if (rank === -1) return Number.POSITIVE_INFINITY;
    const complete = members.every((member) => this.hellos.has(member) || mute.has(member));
    if (complete && rank === 0) return nowMs;
    return this.sinceMs + helloMs * (rank + 1);
  }

  /**
   * An install leaves out nobody who has said hello before it in the engine's order: somebody may
   * have been late by less than the install took.
   *
   * @returns those it goes by; null: not this attempt's hellos, or not all of them
   */
  chosenBy(sender: EngineMember, { epoch, chosen }: Install): readonly Chosen[] | null {
    const found: Chosen[] = [];
    for (const { member, number } of chosen) {
      const hello = this.hellos.get(member);
      if (hello?.number !== number || hello.epoch >= epoch) return null;
      found.push({ member, hello });
    }
    const names = new Set(found.map(({ hello }) => hello.name));
    const missesOne = [...this.hellos.values()].some(({ name }) => !names.has(name));
    if (missesOne && found.length < MEMBERS_MAX) return null;
    return chosen.some(({ member }) => member === sender) ? found : null;
  }

  /**
   * One life of each name. Where there are two: the one that was in our view, else in any, else the
   * first of the engine's members.
   */
  choose(members: readonly EngineMember[], present: readonly Member[]): readonly Chosen[] {
    const byName = new Map<string, Chosen>();
    for (const member of members) {
      const hello = this.hellos.get(member);
      if (hello === undefined) continue;
      const other = byName.get(hello.name);
      if (other === undefined || standing(hello, present) > standing(other.hello, present)) {
        byName.set(hello.name, { member, hello });
      }
    }
    return [...byName.values()].slice(0, MEMBERS_MAX);
  }
}

function standing(hello: Hello, present: readonly Member[]): number {
  if (present.some((member) => sameMember(member, hello))) return 2;
  return hello.from === null ? 0 : 1;
}
