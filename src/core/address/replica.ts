/**
 * What all members of one view know alike: who said what, and the table that follows from it.
 *
 *              every member has spoken,                     somebody has waited
 *              or is gone on without                        long enough
 *     gather ───────────────────────────► boot ─────────────────────────► run
 *        │            nobody here is mature                                ▲
 *        └─────────────────────────────────────────────────────────────────┘
 *                               somebody is mature
 *
 * Wackamole's GATHER, BOOT and RUN. A change of members begins a new replica in `gather`, or, when
 * nobody new is here, carries the old one over and goes on in `run` without a word (`carry`).
 *
 * What a newcomer gets wrong: nothing here knows which member we are. All members apply the same
 * messages in the same order, so all replicas of a view are equal; `keeper.ts` does what is ours.
 */
import { sameMember, type View } from '../ring/group.ts';
import { unreachable } from '../util/assert.ts';
import { allocate, replan, whyNoMove } from './allocation.ts';
import { balance } from './balance.ts';
import { contest } from './conflict.ts';
import { type Candidate, candidatesOf, hasQuorum, rankOf } from './eligibility.ts';
import type { KeeperMessage } from './keeper-message.ts';
import type { MemberFacts, Terms } from './member-facts.ts';
import { type Reference, referenceOf, sameShape, termsKey } from './reference.ts';
import { Claim, ownedBy, type Row, unclaimed, withHeir } from './table.ts';

export type Phase = 'gather' | 'boot' | 'run';

/** What a node may have to do beyond holding what it owns. */
export type Note =
  | { readonly kind: 'conflict'; readonly row: Row; readonly loser: string }
  /** All have spoken: whoever holds something says so to the neighbours again. */
  | { readonly kind: 'gathered' }
  | { readonly kind: 'moved'; readonly row: Row }
  | { readonly kind: 'again'; readonly row: Row }
  | { readonly kind: 'excluded'; readonly names: readonly string[] };

export class Replica {
  readonly view: View;
  readonly names: readonly string[];
  phase: Phase = 'gather';
  /** True from the first mature member on, for the whole view. */
  mature = false;
  /** In the order of the reference's pool; empty while gathering for the first time. */
  rows: readonly Row[] = [];
  candidates: readonly Candidate[] = [];
  reference: Reference | null = null;
  readonly facts = new Map<string, MemberFacts>();
  /** Not waited for. They count like anybody else as soon as they speak. */
  readonly excluded = new Set<string>();
  /** Claims as they come in, by group, before it is known whose pool counts. */
  #claims = new Map<string, Row>();
  readonly #remembered = new Map<string, string>();
  /** Terms that members have loaded and do not go by yet. */
  readonly #wishes = new Map<string, Terms>();

  constructor(view: View) {
    this.view = view;
    this.names = view.members.map(({ name }) => name);
  }

  /**
   * The replica of a view in which nobody is new: all here have the same one already.
   *
   * @returns null when states have to be exchanged
   */
  static carry(old: Replica | null, view: View): Replica | null {
    if (old?.phase !== 'run' || view.together.length < view.members.length) return null;
    const known = view.members.every((member) =>
      old.view.members.some((other) => sameMember(other, member)),
    );
    if (!known) return null;
    const next = new Replica(view);
    next.mature = true;
    for (const name of next.names) {
      const facts = old.facts.get(name);
      if (facts !== undefined) next.facts.set(name, { ...facts, mature: true });
      else next.excluded.add(name);
      const wish = old.#wishes.get(name);
      if (wish !== undefined) next.#wishes.set(name, wish);
    }
    // Those that had spoken may all be gone; the others are asked like anybody else.
    if (next.facts.size === 0) return null;
    for (const row of old.rows) next.#claims.set(row.group, row);
    next.#settle();
    return next;
  }

  /** @param sender index in the view */
  apply(sender: number, message: KeeperMessage): readonly Note[] {
    const name = this.names[sender];
    if (name === undefined) return [];
    if (message.kind === 'state') return this.#applyState(name, message);
    // Whoever has not spoken, in this view, has no part in it.
    const facts = this.facts.get(name);
    if (facts === undefined) return [];
    switch (message.kind) {
      case 'condition':
        this.facts.set(name, { ...facts, condition: message.condition });
        this.#resettle();
        return [];
      case 'maturing':
        this.mature = true;
        if (this.phase === 'boot') this.#settle();
        return [];
      case 'balance':
        if (this.phase === 'run') this.rows = balance(this.rows, this.candidates, message.rate);
        return [];
      case 'exclude':
        return this.#exclude();
      case 'up':
        return this.#moveUp(name, message.group);
      case 'again':
        return this.#again(name, message.group, message.heir);
      case 'move':
        return this.#move(message.group, message.to);
      case 'reload': {
        const { weight, prefer, terms } = message;
        this.facts.set(name, { ...facts, weight, prefer });
        if (termsKey(terms) === termsKey(facts.terms)) this.#wishes.delete(name);
        else this.#wishes.set(name, terms);
        if (this.phase === 'gather') return [];
        this.#claims = new Map(this.rows.map((row) => [row.group, row]));
        this.#settle();
        return [];
      }
      default:
        return unreachable(message);
    }
  }

  row(group: string): Row | null {
    const rows = this.phase === 'gather' ? [...this.#claims.values()] : this.rows;
    return rows.find((row) => row.group === group) ?? null;
  }

  /** Some would like to go by other terms. */
  get hasWishes(): boolean {
    return this.#wishes.size > 0;
  }

  /** The terms that a member would like to go by, or goes by; null: it has not spoken. */
  wishOf(name: string): Terms | null {
    return this.#wishes.get(name) ?? this.facts.get(name)?.terms ?? null;
  }

  /** Who acts for all: the first that has spoken, and as soon as that is known, rightly. */
  get representative(): string | null {
    const known = this.phase === 'gather' ? null : this.reference;
    return known?.names[0] ?? this.names.find((name) => this.facts.has(name)) ?? null;
  }

  #applyState(name: string, state: KeeperMessage & { kind: 'state' }): readonly Note[] {
    if (this.facts.has(name)) return [];
    this.facts.set(name, state.facts);
    if (state.facts.mature) this.mature = true;
    if (this.phase !== 'gather') {
      this.#claims = new Map(this.rows.map((row) => [row.group, row]));
    }
    const notes: Note[] = [];
    const rank = rankOf(state.facts.condition.reasons);
    for (const { group, claim, why } of state.held) {
      const row = this.#claims.get(group) ?? unclaimed(group, null);
      const owner = row.owner === null ? undefined : this.facts.get(row.owner);
      const ownerRank = owner === undefined ? null : rankOf(owner.condition.reasons);
      const verdict = contest(row, { name, claim, why, rank }, ownerRank);
      this.#claims.set(group, verdict.row);
      if (verdict.loser !== null) {
        notes.push({ kind: 'conflict', row: verdict.row, loser: verdict.loser });
      }
    }
    for (const { group, owner } of state.remembered) {
      if (!this.#remembered.has(group)) this.#remembered.set(group, owner);
    }
    return [...notes, ...this.#completeWhenAllSpoke()];
  }

  #completeWhenAllSpoke(): readonly Note[] {
    const waiting = this.names.some((name) => !this.facts.has(name) && !this.excluded.has(name));
    if (waiting) return [];
    this.#settle();
    return [{ kind: 'gathered' }];
  }

  #exclude(): readonly Note[] {
    if (this.phase !== 'gather') return [];
    const names = this.names.filter((name) => !this.facts.has(name));
    for (const name of names) this.excluded.add(name);
    return [{ kind: 'excluded', names }, ...this.#completeWhenAllSpoke()];
  }

  /** Takes the claims for the table, under the terms that count. */
  #settle(): void {
    this.#adopt();
    const spoken = this.names.flatMap((name) => {
      const facts = this.facts.get(name);
      return facts === undefined ? [] : [{ name, ...facts }];
    });
    this.reference = referenceOf(spoken);
    this.candidates = candidatesOf(this.names, this.facts, this.reference);
    const rows = this.reference.terms.pool.map(
      ({ name }) => this.#claims.get(name) ?? unclaimed(name, this.#remembered.get(name) ?? null),
    );
    this.phase = this.mature ? 'run' : 'boot';
    this.rows = this.mature ? allocate(rows, this.candidates) : rows;
    this.#claims = new Map(this.rows.map((row) => [row.group, row]));
  }

  /**
   * All members like the same terms: from here on, which is one place in the order of all messages,
   * they go by them. A view that had no right to the addresses gives itself none in this way.
   */
  #adopt(): void {
    const wishes = this.names.map((name) => this.wishOf(name));
    const wanted = wishes[0] ?? null;
    if (wanted === null) return;
    const key = termsKey(wanted);
    const isAgreed = wishes.every((wish) => wish !== null && termsKey(wish) === key);
    const running = [...this.facts.values()].map(({ terms }) => terms);
    if (!isAgreed || running.every((terms) => termsKey(terms) === key)) return;
    const lost = running.some(({ policy, nodes }) => {
      return policy === 'quorum' && !hasQuorum(this.names.length, nodes);
    });
    if (lost) return;
    const stays = (shape: Terms['pool'][number]): boolean =>
      wanted.pool.some((other) => sameShape(other, shape));
    for (const shape of running.flatMap(({ pool }) => pool)) {
      // Of other addresses now, and so nobody's.
      if (stays(shape)) continue;
      this.#claims.delete(shape.name);
      this.#remembered.delete(shape.name);
    }
    for (const [name, facts] of this.facts) this.facts.set(name, { ...facts, terms: wanted });
    this.#wishes.clear();
  }

  /** The same members under the same terms, in another condition. */
  #resettle(): void {
    if (this.reference === null) return;
    this.candidates = candidatesOf(this.names, this.facts, this.reference);
    if (this.phase === 'run') this.rows = allocate(this.rows, this.candidates);
  }

  #moveUp(name: string, group: string): readonly Note[] {
    const row = this.rows.find((other) => other.group === group);
    if (this.phase !== 'run' || row?.heir?.name !== name) return [];
    const claim = row.heir.why.cause === 'prefers' ? Claim.preferred : Claim.claimed;
    const moved = ownedBy(row, name, claim, row.heir.why);
    this.#replace(moved);
    return [{ kind: 'moved', row: moved }];
  }

  #again(name: string, group: string, heir: string): readonly Note[] {
    const row = this.rows.find((other) => other.group === group);
    if (this.phase !== 'run' || row?.owner !== name || row.heir?.name !== heir) return [];
    const planned = replan(this.rows, row, this.candidates);
    this.#replace(planned);
    return [{ kind: 'again', row: planned }];
  }

  /** @returns why a group will not be moved there, or null */
  whyNoMove(group: string, to: string): string | null {
    const row = this.rows.find((other) => other.group === group);
    if (this.phase !== 'run') return 'the members are about to change; try again';
    if (row === undefined) return `there is no ${group} in the pool`;
    return whyNoMove(row, to, this.candidates);
  }

  #move(group: string, to: string): readonly Note[] {
    if (this.whyNoMove(group, to) !== null) return [];
    const row = this.rows.find((other) => other.group === group)!;
    this.#replace(withHeir(row, { name: to, why: { cause: 'asked', from: row.owner } }));
    return [];
  }

  #replace(row: Row): void {
    this.rows = this.rows.map((other) => (other.group === row.group ? row : other));
  }
}
