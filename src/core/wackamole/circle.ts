/**
 * Who the others in the group are: nodes of ours, or members that follow the original.
 *
 * What a newcomer gets wrong: nothing says that a member is a stranger. One of ours says HELLO
 * before anything else; who speaks without it is an original; who says nothing is neither yet.
 */
import { type Gid, sameGid } from './messages.ts';

/** Two originals of different byte order do not understand each other, nor both of them us. */
export type Tongue = 'unknown' | 'ours' | 'swapped' | 'mixed';

export class Circle {
  /** Node names, by private name: as heard in any membership that they were in with us. */
  readonly #names = new Map<string, string>();
  /** Of originals: whether their integers are swapped. */
  readonly #swapped = new Map<string, boolean>();
  /** Who has said nothing in a membership that went on without him. */
  readonly #silent = new Set<string>();
  /** Of the original heard last, for those that have said nothing yet: sites buy alike. */
  #usual = false;
  #greeted = new Set<string>();
  #members: readonly string[] = [];
  #gid: Gid = [0, 0, 0];

  enter(gid: Gid, members: readonly string[]): void {
    this.#gid = gid;
    this.#members = members;
    this.#greeted = new Set();
    for (const known of [this.#names, this.#swapped, this.#silent]) {
      for (const name of known.keys()) if (!members.includes(name)) known.delete(name);
    }
  }

  greet(privateName: string, hello: { readonly gid: Gid; readonly name: string }): void {
    if (!this.#members.includes(privateName)) return;
    this.#names.set(privateName, hello.name);
    if (sameGid(hello.gid, this.#gid)) this.#greeted.add(privateName);
  }

  /** One who sends what the original sends. */
  speaks(privateName: string, swapped: boolean): void {
    if (!this.#members.includes(privateName)) return;
    this.#silent.delete(privateName);
    if (this.#names.has(privateName)) return;
    this.#swapped.set(privateName, swapped);
    this.#usual = swapped;
  }

  giveUp(privateNames: readonly string[]): void {
    for (const name of privateNames) this.#silent.add(name);
  }

  isGivenUp(privateName: string): boolean {
    return this.#silent.has(privateName);
  }

  /** Has said HELLO in this membership: the same at all who are in it. */
  isKin(privateName: string): boolean {
    return this.#greeted.has(privateName);
  }

  /** The same at all, once all have spoken: each of ours says HELLO first. */
  get areAllKin(): boolean {
    return this.#members.every((name) => this.#greeted.has(name));
  }

  nodeName(privateName: string): string | null {
    return this.#names.get(privateName) ?? null;
  }

  /** Those who are not known to be ours. */
  get strangers(): readonly string[] {
    return this.#members.filter((name) => !this.#names.has(name));
  }

  /** In which byte order the others are to be spoken to. */
  get tongue(): Tongue {
    const strangers = this.strangers.filter((name) => !this.#silent.has(name));
    const heard = new Set(strangers.flatMap((name) => this.#swapped.get(name) ?? []));
    if (heard.size === 2) return 'mixed';
    if (heard.size === 1) return heard.has(true) ? 'swapped' : 'ours';
    return strangers.length === 0 ? 'ours' : 'unknown';
  }

  /** Whether what all are to read is sent in the byte order that is not ours. */
  get swapped(): boolean {
    const { tongue } = this;
    return tongue === 'unknown' ? this.#usual : tongue === 'swapped';
  }
}
