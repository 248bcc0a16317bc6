/**
 * This node's configuration of the pool: the one it goes by, and the one it would like to.
 *
 *     loaded ──► what is this node's own affair counts at once     weight, preferences, balance
 *            └─► the terms wait until all members of the view like the same    pool, policy
 *
 * What a newcomer gets wrong: a node that went by a new pool on its own would differ from all
 * others, and would have to let go of everything until the last of them had followed. So it says
 * what it would like, goes on as before, and all of them change over at one message. That message
 * may agree on what was loaded before last, so everything loaded is kept until then.
 */
import type { ReloadMessage } from './keeper-message.ts';
import { type MemberFacts, type Terms, termsOf } from './member-facts.ts';
import type { AddressOptions, PartitionPolicy } from './pool.ts';
import { sameShape, termsKey } from './reference.ts';

/** What was said is agreed on within ms, or replaced by what is said next. */
const LOADED_MAX = 16;

export class OwnTerms {
  /** What counts now. */
  options: AddressOptions;
  terms: Terms;
  /** By the key of their terms, oldest first; the last is the one that is wanted. */
  readonly #loaded = new Map<string, AddressOptions>();
  /** What was loaded last. */
  wanted: Terms;

  constructor(options: AddressOptions) {
    this.options = options;
    this.terms = termsOf(options);
    this.wanted = this.terms;
  }

  load(next: AddressOptions): void {
    this.wanted = termsOf(next);
    const key = termsKey(this.wanted);
    this.#loaded.delete(key);
    this.#loaded.set(key, next);
    const [oldest] = this.#loaded.keys();
    if (this.#loaded.size > LOADED_MAX) this.#loaded.delete(oldest!);
    this.options = merged(this.options, next);
  }

  /** Whether the members count this node as going by terms that it does not go by yet. */
  isAhead({ terms }: Pick<MemberFacts, 'terms'>): boolean {
    const key = termsKey(terms);
    return key !== termsKey(this.terms) && this.#loaded.has(key);
  }

  /**
   * Goes by these, which have been loaded.
   *
   * @returns groups that are not what they were: gone, or of other addresses
   */
  adopt(terms: Terms): readonly string[] {
    const options = this.#loaded.get(termsKey(terms));
    if (options === undefined) return [];
    const before = this.terms.pool;
    const { pool, policy } = options;
    this.options = { ...this.options, pool, policy };
    this.terms = termsOf(options);
    const stays = (group: Terms['pool'][number]): boolean =>
      this.terms.pool.some((other) => sameShape(group, other));
    return before.filter((group) => !stays(group)).map(({ name }) => name);
  }

  /** @returns what the others have not been told yet; null: nothing */
  news(facts: MemberFacts, wish: Terms): ReloadMessage | null {
    const { weight, prefer } = this.options;
    const { wanted: terms } = this;
    const known = JSON.stringify([facts.weight, facts.prefer, termsKey(wish)]);
    if (known === JSON.stringify([weight, prefer, termsKey(terms)])) return null;
    return { kind: 'reload', weight, prefer, terms };
  }
}

/** The new ones, but for what has to be agreed on. */
export function merged<T extends AddressOptions>(running: AddressOptions, next: T): T {
  const [before, after] = [running, next].map((options) => termsOf(options));
  // The same terms may come with other masks for telling, another margin, other gateways.
  if (termsKey(before!) === termsKey(after!)) return next;
  const { pool } = running;
  return { ...next, pool, policy: refined(running.policy, next.policy) };
}

function refined(running: PartitionPolicy, next: PartitionPolicy): PartitionPolicy {
  const [before, after] = [running, next].map((policy) => termsOf({ pool: [], policy }));
  return termsKey(before!) === termsKey(after!) ? next : running;
}
