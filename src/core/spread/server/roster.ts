/**
 * Who is in which group, at all daemons: the same at each of them, as each applies the same changes
 * in the same order.
 *
 * What a newcomer gets wrong: a group is there while somebody is in it. It has no owner, and
 * sending to one that is not there is no mistake.
 */
import type { Gid } from '../membership.ts';
import { privateName } from '../names.ts';

export type RosterMember = {
  readonly user: string;
  readonly daemon: string;
  /** `#user#daemon`. */
  readonly name: string;
};

export type Group = {
  /** By daemon, then by user. */
  readonly members: readonly RosterMember[];
  /** Users of this daemon. */
  readonly local: readonly string[];
  /** Of what members were last told. */
  readonly gid: Gid;
};

/** Users of one daemon, by group. */
export type DaemonMembers = ReadonlyMap<string, readonly string[]>;

export type RosterChange = {
  /** Called for each group there is, in one order. */
  readonly gid: () => Gid;
  /** Groups whose members have been told that it changes, whether or not it does. */
  readonly also: ReadonlySet<string>;
};

export class Roster {
  readonly #daemon: string;
  #groups = new Map<string, Group>();
  /** Groups of each private name: what a disconnect has to look through. */
  #joined = new Map<string, Set<string>>();
  #localCount = 0;

  /** @param daemon this one's name */
  constructor(daemon: string) {
    this.#daemon = daemon;
  }

  get groups(): ReadonlyMap<string, Group> {
    return this.#groups;
  }

  /** Of this daemon's users in all groups. */
  get localCount(): number {
    return this.#localCount;
  }

  group(name: string): Group | null {
    return this.#groups.get(name) ?? null;
  }

  /** In the order of their names, so that it is the same at all. */
  groupsOf(member: string): readonly string[] {
    return [...(this.#joined.get(member) ?? [])].toSorted();
  }

  /** @returns false when it is in there already */
  join(name: string, member: RosterMember, gid: Gid): boolean {
    const members = this.#groups.get(name)?.members ?? [];
    if (members.some((one) => one.name === member.name)) return false;
    const at = members.findIndex((one) => compareMembers(member, one) < 0);
    this.#put(name, members.toSpliced(at === -1 ? members.length : at, 0, member), gid);
    this.#joinedBy(member.name).add(name);
    return true;
  }

  /** @returns false when it was not in there */
  leave(name: string, member: string, gid: Gid): boolean {
    const members = this.#groups.get(name)?.members ?? [];
    const left = members.filter((one) => one.name !== member);
    if (left.length === members.length) return false;
    this.#put(name, left, gid);
    const joined = this.#joinedBy(member);
    joined.delete(name);
    if (joined.size === 0) this.#joined.delete(member);
    return true;
  }

  /** What the other daemons are to know of this one. */
  ownMembers(): DaemonMembers {
    const own = new Map<string, readonly string[]>();
    for (const [name, { local }] of this.#groups) if (local.length > 0) own.set(name, local);
    return own;
  }

  /** Groups with members of a daemon that is not among `daemons`. */
  groupsLosing(daemons: ReadonlySet<string>): string[] {
    return [...this.#groups]
      .filter(([, { members }]) => members.some(({ daemon }) => !daemons.has(daemon)))
      .map(([name]) => name)
      .toSorted();
  }

  /** Only members of these are in any group from here on. @returns as `replace` does */
  retain(daemons: ReadonlySet<string>, change: RosterChange): string[] {
    const next = new Map<string, readonly RosterMember[]>();
    for (const [name, { members }] of this.#groups) {
      next.set(
        name,
        members.filter((one) => daemons.has(one.daemon)),
      );
    }
    return this.#install(next, change);
  }

  /** All is as each daemon says of itself. @returns groups that have changed, in order */
  replace(daemons: ReadonlyMap<string, DaemonMembers>, change: RosterChange): string[] {
    const next = new Map<string, RosterMember[]>();
    for (const [daemon, groups] of daemons) {
      for (const [name, users] of groups) {
        const members = next.get(name) ?? [];
        next.set(name, members);
        for (const user of users) members.push(memberOf(user, daemon));
      }
    }
    for (const members of next.values()) members.sort(compareMembers);
    return this.#install(next, change);
  }

  #install(
    next: ReadonlyMap<string, readonly RosterMember[]>,
    { gid, also }: RosterChange,
  ): string[] {
    const old = this.#groups;
    const names = [...new Set([...next.keys(), ...old.keys()])].toSorted();
    const changed = names.filter((name) => {
      return also.has(name) || !sameMembers(old.get(name)?.members ?? [], next.get(name) ?? []);
    });
    // For all of them: what has changed is not the same to those who come from elsewhere.
    const gids = new Map([...next.keys()].toSorted().map((name) => [name, gid()]));
    const isChanged = new Set(changed);
    this.#groups = new Map();
    this.#joined = new Map();
    this.#localCount = 0;
    for (const [name, members] of next) {
      this.#put(name, members, isChanged.has(name) ? gids.get(name)! : old.get(name)!.gid);
      for (const member of members) this.#joinedBy(member.name).add(name);
    }
    return changed;
  }

  #put(name: string, members: readonly RosterMember[], gid: Gid): void {
    this.#localCount -= this.#groups.get(name)?.local.length ?? 0;
    if (members.length === 0) {
      this.#groups.delete(name);
      return;
    }
    const own = members.filter(({ daemon }) => daemon === this.#daemon);
    this.#localCount += own.length;
    this.#groups.set(name, { members, local: own.map(({ user }) => user), gid });
  }

  #joinedBy(member: string): Set<string> {
    const joined = this.#joined.get(member) ?? new Set();
    this.#joined.set(member, joined);
    return joined;
  }
}

export function memberOf(user: string, daemon: string): RosterMember {
  return { user, daemon, name: privateName({ user, daemon }) };
}

function compareMembers(a: RosterMember, b: RosterMember): number {
  if (a.daemon !== b.daemon) return a.daemon < b.daemon ? -1 : 1;
  return a.user < b.user ? -1 : a.user > b.user ? 1 : 0;
}

function sameMembers(a: readonly RosterMember[], b: readonly RosterMember[]): boolean {
  return a.length === b.length && a.every(({ name }, index) => name === b[index]?.name);
}
