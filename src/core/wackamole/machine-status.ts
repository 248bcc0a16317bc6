/**
 * Who holds what in an old group, in the words of `forehand status`.
 *
 * What a newcomer gets wrong: of a member that follows the original nothing is known but what it
 * says it holds. It has no name but the private one that Spread gave it, and its own address.
 */
import type { Ineligibility } from '../address/keeper-events.ts';
import type { GroupStatus, KeeperStatus, MemberStatus } from '../address/keeper-status.ts';
import type { Allocation, Entry, Seat } from './allocation.ts';
import type { Circle } from './circle.ts';
import { type Gid, Priority } from './messages.ts';

export type StatusFacts = {
  /** Null: in no membership. */
  readonly allocation: Allocation | null;
  readonly circle: Circle;
  readonly provision: ReadonlyMap<string, string>;
  readonly gid: Gid | null;
  readonly selfIndex: number;
  readonly matureAtMs: number;
  readonly reasons: readonly Ineligibility[];
  /** Why this node is not in the group; null: it is. */
  readonly absent: string | null;
  readonly groups: readonly string[];
  readonly causeOf: (group: string) => string;
  readonly here: (group: string) => GroupStatus['here'];
};

export function machineStatus(facts: StatusFacts): KeeperStatus {
  const { allocation, gid, absent } = facts;
  if (allocation === null || gid === null) {
    return {
      phase: 'joining',
      mature: false,
      matureAtMs: null,
      view: null,
      pending: absent,
      members: [],
      groups: [],
    };
  }
  const { phase, mature, seats, standing } = allocation;
  const rows = standing.map((entry) => {
    const forNow = facts.provision.get(entry.address);
    return forNow === undefined ? entry : { ...entry, owner: forNow };
  });
  return {
    phase,
    mature,
    matureAtMs: mature ? null : facts.matureAtMs,
    view: gid.map((word) => (word >>> 0).toString(16)).join('-'),
    pending: pendingText(facts, seats),
    members: seats.map((seat, index) => memberStatus(facts, seat, { index, rows })),
    groups: rows.map((row) => groupStatus(facts, row, seats)),
  };
}

/** As people call it: `web2`, or `#wack712#n1 (10.0.0.2)` of one that follows the original. */
export function seatName({ privateName, real }: Seat, circle: Circle): string {
  const name = circle.nodeName(privateName);
  if (name !== null) return name;
  return real === null ? privateName : `${privateName} (${real})`;
}

/** @param name of the node, its private name, or its own address */
export function seatOf(seats: readonly Seat[], circle: Circle, name: string): Seat | null {
  const found = seats.find((seat) => {
    const { privateName, real } = seat;
    return [privateName, real, seatName(seat, circle)].includes(name);
  });
  return found ?? null;
}

function pendingText({ allocation, circle }: StatusFacts, seats: readonly Seat[]): string | null {
  if (allocation?.phase !== 'gather') return null;
  const silent = seats.filter(({ real }) => real === null);
  const names = silent.map((seat) => seatName(seat, circle)).join(', ');
  return silent.length === 0 ? null : `waiting for ${names}, of which nothing is heard`;
}

function memberStatus(
  facts: StatusFacts,
  seat: Seat,
  { index, rows }: { readonly index: number; readonly rows: readonly Entry[] },
): MemberStatus {
  const silent = seat.real === null;
  return {
    name: seatName(seat, facts.circle),
    silent,
    eligible: !silent,
    reasons: index === facts.selfIndex ? facts.reasons : [],
    weight: 1,
    count: silent ? 0 : rows.filter(({ owner }) => owner === seat.real).length,
  };
}

function groupStatus(facts: StatusFacts, row: Entry, seats: readonly Seat[]): GroupStatus {
  const { circle } = facts;
  const holder = seats.find(({ real }) => real !== null && real === row.owner);
  const owner = holder === undefined ? null : seatName(holder, circle);
  const count = (real: string | null): number =>
    facts.allocation?.standing.filter((entry) => entry.owner === real).length ?? 0;
  return {
    group: row.address,
    owner,
    heir: null,
    preferred: row.priority >= Priority.prefer,
    stranger: false,
    here: facts.here(row.address),
    why: owner === null ? 'nobody holds it yet' : facts.causeOf(row.address),
    others: seats
      .filter((seat) => seat !== holder)
      .map((seat) => ({
        name: seatName(seat, circle),
        why: seat.real === null ? 'has not said yet what it holds' : `holds ${count(seat.real)}`,
      })),
  };
}
