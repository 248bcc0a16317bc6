/**
 * The table that every member of a view computes alike: who owns each group, and why.
 *
 *     owner: null ──► owner: a ──► owner: a, heir: b ──► owner: b
 *           taken at once      a planned move: b holds too, says UP, and only then a lets go
 *
 * What a newcomer gets wrong: the owner in the table and the holder in the kernel are two things.
 * Between an agreed message and what each node does about it lie milliseconds; the table says who
 * ought to hold, `keeper.ts` makes its own node do so.
 */

/**
 * How strongly a member holds on to a group; the numbers travel. Wackamole's CLAIMED and
 * PREFER_CLAIMED, and two weaker ones of ours. Its PREFER, "will be taken from you in a moment", is
 * not needed: here a preference plans a move.
 */
export const Claim = { unclaimed: 0, stranger: 1, arriving: 2, claimed: 3, preferred: 4 } as const;
export type Claim = (typeof Claim)[keyof typeof Claim];

/** The order is that of the wire. */
export const CAUSES = ['first', 'prefers', 'took-over', 'relieved', 'balanced', 'asked'] as const;

/** Why a group is where it is. */
export type Why = {
  readonly cause: (typeof CAUSES)[number];
  /** Who held it before; null: nobody that anybody in this view knows of. */
  readonly from: string | null;
};

export type Heir = { readonly name: string; readonly why: Why };

export type Row = {
  readonly group: string;
  /** Null: nobody may hold it. */
  readonly owner: string | null;
  readonly claim: Claim;
  readonly why: Why;
  /** Will own it once it holds it; never the owner itself. */
  readonly heir: Heir | null;
  /** How often the present move was asked for again. */
  readonly tries: number;
};

/** @param last who held it, as far as anybody knows */
export function unclaimed(group: string, last: string | null): Row {
  const why: Why = { cause: last === null ? 'first' : 'took-over', from: last };
  return { group, owner: null, claim: Claim.unclaimed, why, heir: null, tries: 0 };
}

/** Without an owner; the next one learns from `why` whom it takes over from. */
export function orphaned(row: Row): Row {
  return row.owner === null ? row : unclaimed(row.group, row.owner);
}

export function ownedBy(row: Row, name: string, claim: Claim, why: Why): Row {
  return { group: row.group, owner: name, claim, why, heir: null, tries: 0 };
}

export function withHeir(row: Row, heir: Heir | null): Row {
  return { ...row, heir, tries: 0 };
}

/** Who has it when all planned moves are done. */
export function futureOwner(row: Row): string | null {
  return row.heir?.name ?? row.owner;
}

export function countOf(rows: readonly Row[], name: string): number {
  let count = 0;
  for (const row of rows) if (futureOwner(row) === name) count++;
  return count;
}

export function whyText({ cause, from }: Why): string {
  switch (cause) {
    case 'first':
      return 'nobody held it before';
    case 'prefers':
      return from === null ? 'prefers it' : `prefers it, had it from ${from}`;
    case 'took-over':
      return `took it over from ${from ?? 'nobody'}`;
    case 'relieved':
      return `relieved ${from ?? 'nobody'} of it`;
    case 'balanced':
      return `got it from ${from ?? 'nobody'} to even out`;
    case 'asked':
      return `got it from ${from ?? 'nobody'} as an operator asked`;
  }
}
