/**
 * A view that is installed, and what has been delivered in it.
 *
 * Invariant: of each sender all is delivered, or the first part of it. A member that was parted for
 * a moment may have missed some of it; what follows does not count for it any more, and its digest
 * says to the others, at the next change, that it has not come along with them.
 */
import type { Member, View } from '../ring/group.ts';
import type { EngineMember } from './engine.ts';
import { type Data, digestOf, type Hello, sameTag, type ViewTag } from './words.ts';

export class Installed {
  readonly view: View;
  readonly tag: ViewTag;
  /** By the engine's names, in the order of the view. */
  readonly members: readonly EngineMember[];
  count = 0;
  digest = 0;
  /** Messages of our own that were given to the engine. */
  sent = 0;
  readonly #next: number[];

  constructor(view: View, tag: ViewTag, members: readonly EngineMember[]) {
    this.view = view;
    this.tag = tag;
    this.members = members;
    this.#next = members.map(() => 0);
  }

  /** @returns the sender's index, or null: it does not belong here */
  take(sender: EngineMember, { view, sequence, bytes }: Data): number | null {
    if (!sameTag(view, this.tag)) return null;
    const index = this.members.indexOf(sender);
    if (index === -1 || this.#next[index] !== sequence) return null;
    this.#next[index] = sequence + 1;
    this.count++;
    this.digest = digestOf(this.digest, index, bytes);
    return index;
  }
}

/** A member that is to be in the view, and where it comes from. */
export type Chosen = { readonly member: EngineMember; readonly hello: Hello };

/** The same at all who are in it, but for `selfIndex` and `together`. */
export function installedOf(
  chosen: readonly Chosen[],
  { epoch, proposer, self }: { epoch: number; proposer: Hello; self: EngineMember },
): Installed {
  const sorted = [...chosen].sort((a, b) => (a.hello.name < b.hello.name ? -1 : 1));
  const own = sorted.find(({ member }) => member === self)!.hello;
  const together = sorted.flatMap(({ hello }, index) => {
    return hello === own || (own.from !== null && comeAlong(hello, own)) ? [index] : [];
  });
  const view: View = {
    id: { epoch, proposer: proposer.name },
    members: sorted.map(({ hello: { name, bootId } }): Member => ({ name, bootId })),
    selfIndex: sorted.findIndex(({ member }) => member === self),
    together,
  };
  const members = sorted.map(({ member }) => member);
  return new Installed(view, { epoch, bootId: proposer.bootId }, members);
}

/** Both have delivered the same in the same view, in the same order. */
function comeAlong(a: Hello, b: Hello): boolean {
  return sameTag(a.from, b.from) && a.count === b.count && a.digest === b.digest;
}

/** Nobody but us, for as long as there is no engine. */
export function aloneOf(self: Member, epoch: number): Installed {
  const view: View = {
    id: { epoch, proposer: self.name },
    members: [self],
    selfIndex: 0,
    together: [0],
  };
  return new Installed(view, { epoch, bootId: self.bootId }, ['']);
}
