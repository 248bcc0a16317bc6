/**
 * Who owns which address, as every member of an old group computes it from what all of them hear.
 *
 *            membership                 the last STATE, some mature
 *     boot ─────────────► gather ──────────────────────────────────► run
 *      ▲  none mature        │  ▲            membership               │
 *      └────────────────────-┘  └─────────────────────────────────────┘
 *      boot ──── MATURING ────────────────────────────────────────────► run
 *
 * Wackamole 2.1.4's own rules, where they decide who holds what: nothing here may be better than
 * the original, or two members would decide differently. What is better is done around it.
 *
 * What a newcomer gets wrong: there are two tables. `table` grows anew in each membership; `old` is
 * the last one that was in force, mended by conflicts, and what is held until `run`. Members that
 * come from different components have different old ones, and the rules are written for that.
 */
import { type Claimed, type Move, Priority } from './messages.ts';

export type Entry = {
  readonly address: string;
  /** The owner's own address; null: nobody. */
  readonly owner: string | null;
  readonly priority: number;
};

/** A member, by its place in the membership. */
export type Seat = {
  readonly privateName: string;
  /** Null until its STATE has come. */
  real: string | null;
  /** Addresses it owns, by the original's bookkeeping, which is sometimes off by a few. */
  count: number;
};

export type StateOf = {
  readonly real: string;
  readonly index: number;
  readonly mature: boolean;
  readonly claims: readonly Claimed[];
  readonly prefers: readonly string[];
};

/** What has come of a message, for whoever announces and reports. */
export type Outcome =
  | { readonly kind: 'conflict'; readonly address: string; winner: string; loser: string }
  | { readonly kind: 'matured' }
  /** All have spoken. */
  | { readonly kind: 'gathered' };

export class Allocation {
  readonly #self: string;
  #phase: 'boot' | 'gather' | 'run' = 'boot';
  #mature = false;
  /** Counts are taken from the table once, when this node has just become mature. */
  #counted = false;
  /** Of the present membership. */
  #exact = false;
  #table: Entry[];
  #old: Entry[];
  #seats: Seat[] = [];
  #pending = 0;
  /** Who in this membership has said to hold an address, and has not lost it since. */
  #claimants = new Map<string, readonly string[]>();
  /**
   * What this node held when the membership began, and has not lost in a conflict since; with its
   * priority. The original has two accounts of it, and ends itself when they differ.
   */
  #kept = new Map<string, number>();

  /** @param addresses the first of each group, in the order of the configuration */
  constructor(self: string, addresses: readonly string[]) {
    this.#self = self;
    this.#table = addresses.map(nobodys);
    this.#old = this.#table;
  }

  get phase(): 'boot' | 'gather' | 'run' {
    return this.#phase;
  }

  get mature(): boolean {
    return this.#mature;
  }

  /** In this life. */
  get hasRun(): boolean {
    return this.#counted;
  }

  get table(): readonly Entry[] {
    return this.#table;
  }

  get seats(): readonly Seat[] {
    return this.#seats;
  }

  /**
   * What is in force: it says who holds. Until all have spoken, what this node held stays here,
   * even where others have settled a conflict about it already: our own word is still to come.
   */
  get standing(): readonly Entry[] {
    if (this.#phase === 'run') return this.#table;
    return this.#old.map((entry) => {
      const priority = this.#kept.get(entry.address);
      if (priority !== undefined) return { ...entry, owner: this.#self, priority };
      return entry.owner === this.#self ? { ...entry, owner: null } : entry;
    });
  }

  /**
   * Who has said to hold an address, in agreed order. Several: somebody prefers it who does not
   * hold it, and by the original's rules all others go on until everybody has spoken.
   */
  claimantsOf(address: string): readonly string[] {
    return this.#claimants.get(address) ?? [];
  }

  /** What this node says in its STATE that it holds. */
  get claims(): Claimed[] {
    return [...this.#kept].map(([address, priority]) => ({ address, priority }));
  }

  /** A membership begins: everybody is asked anew what he holds. */
  enter(privateNames: readonly string[]): void {
    if (this.#phase === 'run') this.#old = this.#table;
    // Where others have settled a conflict before our word came, we hold it still, and say so.
    else if (this.#phase === 'gather') this.#old = this.standing.slice();
    const own = this.#old.filter(({ owner }) => owner === this.#self);
    this.#kept = new Map(own.map(({ address, priority }) => [address, priority]));
    this.#table = this.#table.map(({ address }) => nobodys(address));
    this.#seats = privateNames.map((privateName) => ({ privateName, real: null, count: 0 }));
    this.#pending = privateNames.length;
    this.#claimants = new Map();
    this.#phase = 'gather';
  }

  /** Counts as owned what others do not know of yet, so that it is said in the next STATE. */
  assume(owners: ReadonlyMap<string, string>): void {
    for (const [address, owner] of owners) {
      if (owner === this.#self) this.#kept.set(address, Priority.claimed);
      else this.#kept.delete(address);
    }
    this.#old = this.#old.map((entry) => {
      const owner = owners.get(entry.address);
      return owner === undefined ? entry : { ...entry, owner, priority: Priority.claimed };
    });
  }

  /**
   * @param state of this membership, from a seat that exists
   * @param exact all members are ours, and count alike what they own (`#claimPreferred`)
   */
  hear(state: StateOf, exact: boolean): Outcome[] {
    if (this.#phase !== 'gather') return [];
    const outcomes: Outcome[] = [];
    const seat = this.#seats[state.index]!;
    const isFirst = seat.real === null;
    seat.real = state.real;
    seat.count = state.claims.length;
    for (const claim of state.claims) {
      const outcome = this.#claim(claim, seat, state.real);
      if (outcome !== null) outcomes.push(outcome);
    }
    for (const address of state.prefers) {
      const entry = this.#entry(address);
      if (entry !== undefined && entry.priority < Priority.prefer) {
        this.#set(address, { owner: state.real, priority: Priority.prefer });
      }
    }
    if (state.mature && !this.#mature) {
      this.#mature = true;
      outcomes.push({ kind: 'matured' });
    }
    // The original counts STATEs, and never sends two; a second one would end its waiting early.
    if (isFirst) this.#pending--;
    if (this.#pending > 0) return outcomes;
    this.#exact = exact;
    if (this.#mature) this.#run();
    else this.#phase = 'boot';
    return [...outcomes, { kind: 'gathered' }];
  }

  ripen(): Outcome[] {
    if (this.#mature) return [];
    this.#mature = true;
    if (this.#phase === 'boot' && this.#seats.length > 0) this.#run();
    return [{ kind: 'matured' }];
  }

  /**
   * Ignored before all have spoken, as the original does.
   *
   * A move to nobody: the original lets go, nobody takes it, and it is dark. Here it stays. A move
   * to where it is: the original takes it, and lets it go in the same breath.
   *
   * @returns what an original that owned it holds no more, as it was
   */
  balance(moves: readonly Move[]): readonly Entry[] {
    if (this.#phase !== 'run') return [];
    const dropped: Entry[] = [];
    for (const { address, to } of moves) {
      const entry = this.#entry(address);
      if (entry === undefined) continue;
      const isKnown = this.#seats.some(({ real }) => real === to);
      if (entry.owner === to || !isKnown) dropped.push(entry);
      if (!isKnown) continue;
      this.#count(entry.owner, -1);
      this.#count(to, 1);
      this.#set(address, { ...entry, owner: to });
    }
    return dropped;
  }

  #entry(address: string): Entry | undefined {
    return this.#table.find((entry) => entry.address === address);
  }

  #set(address: string, { owner, priority }: Omit<Entry, 'address'>): void {
    this.#table = replaced(this.#table, { address, owner, priority });
  }

  #count(real: string | null, by: number): void {
    for (const seat of this.#seats) if (seat.real !== null && seat.real === real) seat.count += by;
  }

  #claim({ address, priority }: Claimed, seat: Seat, real: string): Outcome | null {
    const entry = this.#entry(address);
    if (entry === undefined) return null;
    this.#claimants.set(address, [...this.claimantsOf(address), real]);
    const { owner } = entry;
    if (owner === null) {
      this.#set(address, { owner: real, priority });
      return null;
    }
    if (entry.priority === Priority.preferClaimed || entry.priority === priority) {
      seat.count--;
      this.#old = replaced(this.#old, entry);
      this.#lose(address, real);
      return { kind: 'conflict', address, winner: owner, loser: real };
    }
    if (entry.priority === Priority.claimed && priority > Priority.prefer) {
      this.#count(owner, -1);
      const won = { address, owner: real, priority };
      this.#set(address, won);
      this.#old = replaced(this.#old, won);
      this.#lose(address, owner);
      return { kind: 'conflict', address, winner: real, loser: owner };
    }
    return null;
  }

  #lose(address: string, loser: string): void {
    if (loser === this.#self) this.#kept.delete(address);
    const left = this.claimantsOf(address).filter((real) => real !== loser);
    this.#claimants.set(address, left);
  }

  #run(): void {
    this.#claimPreferred();
    this.#claimUnclaimed();
    this.#phase = 'run';
  }

  #claimPreferred(): void {
    for (const [index, { address, owner, priority }] of this.#table.entries()) {
      if (priority !== Priority.prefer) continue;
      const before = this.#old[index]!.owner;
      if (before !== owner) {
        this.#count(before, -1);
        this.#count(owner, 1);
      }
      this.#set(address, { owner, priority: Priority.preferClaimed });
    }
    // Who has come back before anybody was done without it is in the others' old tables still, and
    // not in its own: the originals then count differently, and one address may be nobody's.
    if (this.#counted && !this.#exact) return;
    this.#counted = true;
    for (const seat of this.#seats) {
      seat.count = this.#table.filter(({ owner }) => owner !== null && owner === seat.real).length;
    }
  }

  #claimUnclaimed(): void {
    for (const { address, priority } of this.#table) {
      if (priority !== Priority.unclaimed) continue;
      const seat = leastOf(this.#seats);
      if (seat === null) return;
      seat.count++;
      this.#set(address, { owner: seat.real, priority: Priority.claimed });
    }
  }
}

/** The one of the smallest count, the first of equal ones. */
export function leastOf(seats: readonly Seat[]): Seat | null {
  return seats.reduce<Seat | null>(
    (least, seat) => (least === null || seat.count < least.count ? seat : least),
    null,
  );
}

function nobodys(address: string): Entry {
  return { address, owner: null, priority: Priority.unclaimed };
}

function replaced(table: readonly Entry[], entry: Entry): Entry[] {
  return table.map((other) => (other.address === entry.address ? entry : other));
}
