/**
 * One life of another member, as we hear it: what it says of itself, and whether it counts.
 *
 * What a newcomer gets wrong: `heardMs` says that we hear it, never that it hears us. That is
 * proved by the echo, one of our own stamps coming back, and only if that stamp is newer than
 * whatever made us doubt: a datagram that lay in a queue while we slept, or while it died, echoes
 * an old one.
 */
import type { Member } from './group.ts';
import { type Attempt, type Heartbeat, NO_ATTEMPT, Row } from './packet.ts';
import type { Endpoint } from './ring-events.ts';

export type Peer = {
  readonly member: Member;
  at: Endpoint;
  heardMs: number;
  /** Our stamp when we first heard it. */
  readonly metStamp: number;
  /** Its last stamp. Heartbeats that are not newer were overtaken on the way, and are dropped. */
  stamp: number;
  /** The last of our stamps that it says it heard; -1 while it does not list us. */
  echo: number;
  /** Echoes of stamps before this one prove nothing. */
  echoFrom: number;
  /** Since when it is heard both ways without a break; null when it is not. */
  bothWaysMs: number | null;
  /** Fit to be in one view with us. */
  connected: boolean;
  everConnected: boolean;
  /** When it went away, the last ones, for how long it must be steady. */
  readonly goneMs: number[];
  /** When the network was asked anew where it is. */
  soughtMs: number;
  /** Since when it is heard and does not hear us; null: it does, or is not heard. */
  deafMs: number | null;
  /** When it was heard, but did not do its part. */
  readonly muteMs: number[];
  /** Why this life will never count again: it left, or its member lives again. */
  ended: string | null;
  out: boolean;
  view: Attempt;
  /** Members of that view. */
  size: number;
  accepted: Attempt;
  leader: Member | null;
  /** The leader it named when it refused us; it is left to that one until it names another. */
  refusedFor: number | null;
  /** What it says of others: bits of `Row` by boot id. */
  readonly row: Map<number, number>;
};

export function makePeer(member: Member, at: Endpoint, metStamp: number): Peer {
  return {
    member,
    at,
    heardMs: Number.NEGATIVE_INFINITY,
    metStamp,
    stamp: -1,
    echo: -1,
    echoFrom: 0,
    bothWaysMs: null,
    connected: false,
    everConnected: false,
    goneMs: [],
    soughtMs: Number.NEGATIVE_INFINITY,
    deafMs: null,
    muteMs: [],
    ended: null,
    out: false,
    view: NO_ATTEMPT,
    size: 0,
    accepted: NO_ATTEMPT,
    leader: null,
    refusedFor: null,
    row: new Map(),
  };
}

/** @returns whether it says anything but what it said before, its stamp and echo apart */
export function takeHeartbeat(peer: Peer, packet: Heartbeat, selfBootId: number): boolean {
  peer.stamp = packet.stamp;
  peer.echo = -1;
  let changed = takeStanding(peer, packet) || packet.heard.length !== peer.row.size;
  for (const { bootId, echo, flags } of packet.heard) {
    if (bootId === selfBootId) peer.echo = echo;
    changed ||= peer.row.get(bootId) !== flags;
  }
  if (changed) {
    peer.row.clear();
    for (const { bootId, flags } of packet.heard) peer.row.set(bootId, flags);
  }
  return changed;
}

function takeStanding(peer: Peer, packet: Heartbeat): boolean {
  const { view, accepted, leader, out } = packet;
  const same =
    peer.view.epoch === view.epoch &&
    peer.view.bootId === view.bootId &&
    peer.accepted.epoch === accepted.epoch &&
    peer.accepted.bootId === accepted.bootId &&
    peer.size === packet.size &&
    peer.leader?.bootId === leader?.bootId &&
    peer.out === out;
  if (peer.leader?.bootId !== leader?.bootId) peer.refusedFor = null;
  peer.view = view;
  peer.size = packet.size;
  peer.accepted = accepted;
  peer.leader = leader;
  peer.out = out;
  return !same;
}

/** That it is connected to that one. */
export function connects(peer: Peer, bootId: number): boolean {
  return ((peer.row.get(bootId) ?? 0) & Row.connected) !== 0;
}

/** That it leads, and means to have that one in its view. */
export function takes(peer: Peer, bootId: number): boolean {
  return ((peer.row.get(bootId) ?? 0) & Row.taken) !== 0;
}
