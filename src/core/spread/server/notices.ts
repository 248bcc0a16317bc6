/**
 * What members of a group are told of it, and the changes that make it so.
 *
 * What a newcomer gets wrong: whoever leaves is told something else than those who stay; and
 * whoever wants no memberships is told nothing, but is in every list.
 */
import { CAUSED_BY, type Cause, REGULAR_MEMBERSHIP, TRANSITION } from '../constants.ts';
import { encodeFrame, type Frame } from '../frame.ts';
import { hashOf } from '../hash.ts';
import { encodeGid, encodeMembership, type Gid } from '../membership.ts';
import type { DaemonMembership } from './daemons.ts';
import type { Roster, RosterMember } from './roster.ts';

/** A user of this daemon, if it wants to hear of memberships. */
export type Tell = (user: string, bytes: Uint8Array) => void;

const ORDER = 'little';

export class Notices {
  readonly #daemon: string;
  readonly #roster: Roster;
  readonly #tell: Tell;
  /** Groups that were told that they are about to change. */
  #parting = new Set<string>();
  #representative = 0;
  #time = 0;
  /** Of the last change since the daemons did. */
  #index = 0;

  constructor(daemon: string, roster: Roster, tell: Tell) {
    this.#daemon = daemon;
    this.#roster = roster;
    this.#tell = tell;
  }

  join(group: string, member: RosterMember): void {
    if (this.#roster.join(group, member, this.#nextGid())) this.#announce(group, 'join', member);
  }

  leave(group: string, member: RosterMember): void {
    if (!this.#roster.leave(group, member.name, this.#nextGid())) return;
    this.#announce(group, 'leave', member);
    if (member.daemon !== this.#daemon) return;
    const frame = frameOf({ type: CAUSED_BY.leave, sender: group });
    this.#tell(member.user, encodeFrame(frame));
  }

  disconnect(member: RosterMember): void {
    for (const group of this.#roster.groupsOf(member.name)) {
      this.#roster.leave(group, member.name, this.#nextGid());
      this.#announce(group, 'disconnect', member);
    }
  }

  /** Daemons are about to go: those who lose members by it are told, once. */
  parting(staying: ReadonlySet<string>): void {
    for (const name of this.#roster.groupsLosing(staying)) {
      const group = this.#roster.group(name);
      if (group === null || this.#parting.has(name)) continue;
      this.#parting.add(name);
      const data = encodeGid(group.gid, ORDER);
      this.#tellAll(group.local, frameOf({ type: TRANSITION, sender: name, data }));
    }
  }

  /** What happens here from now on happens nowhere else: it is not the others' next membership. */
  stalled(): void {
    this.parting(new Set([this.#daemon]));
    this.#representative = hashOf(`${this.#daemon} ${this.#representative}`);
  }

  changed(membership: DaemonMembership): void {
    this.#representative = membership.representative;
    this.#time = membership.time;
    this.#index = 0;
    const change = { gid: () => this.#nextGid(), also: this.#parting };
    const changed =
      membership.members === null
        ? this.#roster.retain(new Set(membership.daemons), change)
        : this.#roster.replace(membership.members, change);
    this.#parting = new Set();
    for (const name of changed) this.#announceNetwork(name, membership.sets);
  }

  #announce(name: string, cause: Cause, who: RosterMember): void {
    const group = this.#roster.group(name);
    if (group === null || group.local.length === 0) return;
    const gid = encodeGid(group.gid, ORDER);
    const data = encodeMembership({ gid, sets: [[who.name]], ownSet: 0 }, ORDER);
    this.#tellAll(group.local, regular(name, cause, { members: group.members, data }));
  }

  #announceNetwork(name: string, daemonSets: readonly (readonly string[])[]): void {
    const group = this.#roster.group(name);
    if (group === null || group.local.length === 0) return;
    const sets: string[][] = [];
    let ownSet = 0;
    for (const daemons of daemonSets) {
      const members = group.members.filter(({ daemon }) => daemons.includes(daemon));
      if (members.length === 0) continue;
      if (daemons.includes(this.#daemon)) ownSet = sets.length;
      sets.push(members.map((member) => member.name));
    }
    const data = encodeMembership({ gid: encodeGid(group.gid, ORDER), sets, ownSet }, ORDER);
    this.#tellAll(group.local, regular(name, 'network', { members: group.members, data }));
  }

  #tellAll(users: readonly string[], frame: Frame): void {
    const bytes = encodeFrame(frame);
    for (const user of users) this.#tell(user, bytes);
  }

  #nextGid(): Gid {
    this.#index++;
    return { representative: this.#representative, time: this.#time, index: this.#index };
  }
}

function regular(
  sender: string,
  cause: Cause,
  { members, data }: { readonly members: readonly RosterMember[]; readonly data: Uint8Array },
): Frame {
  const groups = members.map(({ name }) => name);
  return frameOf({ type: REGULAR_MEMBERSHIP | CAUSED_BY[cause], sender, groups, data });
}

function frameOf(
  frame: Pick<Frame, 'type' | 'sender'> & Partial<Pick<Frame, 'groups' | 'data'>>,
): Frame {
  const { type, sender, groups = [], data = new Uint8Array(0) } = frame;
  const orders = { order: ORDER, dataOrder: ORDER } as const;
  return { type, sender, groups, data, messageType: 0, rejected: null, ...orders };
}
