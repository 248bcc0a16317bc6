/**
 * A Spread daemon: sessions of local clients on one side, the other daemons on the other.
 *
 *     client ─► Session ─► Request ─► Daemons ─► group ─► Daemons ─► Roster ─► clients
 *                                     (one order for all of them)
 *
 * What a newcomer gets wrong: a client's request changes nothing here. It goes to the group, its
 * sender's own daemon included, and is done when it comes back; so all daemons do it at one place
 * in the order, and no two clients see two joins the other way round.
 *
 * Deviations from the C daemon are listed in docs/decisions/0017-spread-server.md.
 */
import { unreachable } from '../../util/assert.ts';
import { CAUSED_BY, REJECT, REQUEST, SELF_DISCARD } from '../constants.ts';
import { encodeFrame, type Frame } from '../frame.ts';
import { daemonNameOf, privateParts } from '../names.ts';
import { Daemons } from './daemons.ts';
import { Notices } from './notices.ts';
import { requestOf } from './request.ts';
import { memberOf, Roster } from './roster.ts';
import {
  DEFAULT_SPREAD_LIMITS,
  type ServerEffect,
  type ServerEvent,
  type SpreadLimits,
  type SpreadStatus,
} from './server-events.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';

/** When so much of what clients want waits for the group, they wait, too; until it is half that. */
const BACKLOG_BYTES_MAX = 1_048_576;

/**
 * Of all sessions here in all groups. What a daemon says of itself to a new one (at most 46 bytes
 * for each) fits what the ring keeps for a sender, 1 MiB, beside what of its stream is on the way
 * (daemons.ts).
 */
const MEMBERSHIPS_MAX = 8_000;

export class SpreadServer {
  readonly #daemon: string;
  readonly #roster: Roster;
  readonly #daemons: Daemons;
  readonly #notices: Notices;
  readonly #sessions: Sessions;
  #effects: ServerEffect[] = [];
  #reading = true;
  #joining = 0;

  /** @param node its name in the group, of which the daemon's is made */
  constructor(node: string, limits: SpreadLimits = DEFAULT_SPREAD_LIMITS) {
    this.#daemon = daemonNameOf(node);
    this.#sessions = new Sessions(this.#daemon, limits, {
      apply: (effect) => this.#effects.push(effect),
      onFrame: (session, frame) => this.#obey(session, frame),
      onGone: (session) => this.#sayGone(session),
    });
    this.#roster = new Roster(this.#daemon);
    this.#notices = new Notices(this.#daemon, this.#roster, (user, bytes) => {
      const session = this.#sessions.of(user);
      if (session?.membership === true) this.#sessions.write(session, bytes);
    });
    this.#daemons = new Daemons(node, {
      send: (bytes) => this.#effects.push({ kind: 'send', bytes }),
      deliver: (frame) => this.#deliver(frame),
      parting: (staying) => this.#notices.parting(staying),
      stalled: () => this.#notices.stalled(),
      changed: (membership) => this.#notices.changed(membership),
      ownMembers: () => this.#roster.ownMembers(),
      report: (text) => this.#effects.push({ kind: 'report', text }),
    });
  }

  step(event: ServerEvent): readonly ServerEffect[] {
    this.#effects = [];
    this.#take(event);
    const backlog = this.#daemons.backlogBytes;
    const on = backlog < (this.#reading ? BACKLOG_BYTES_MAX : BACKLOG_BYTES_MAX / 2);
    if (on !== this.#reading) this.#effects.push({ kind: 'reading', on });
    this.#reading = on;
    return this.#effects;
  }

  status(): SpreadStatus {
    const members = this.#daemons.agreed ? (this.#daemons.view?.members ?? []) : [];
    return {
      daemon: this.#daemon,
      daemons: members.map(({ name }) => daemonNameOf(name)),
      delivered: this.#sessions.delivered,
      slow: this.#sessions.slow,
      sessions: this.#sessions.open.map(({ privateName: name, undelivered }) => {
        return { name, groups: this.#roster.groupsOf(name).length, undelivered };
      }),
      groups: [...this.#roster.groups].map(([name, group]) => {
        return { name, members: group.members.map((member) => member.name) };
      }),
    };
  }

  #take(event: ServerEvent): void {
    switch (event.kind) {
      case 'opened':
        this.#sessions.begin(event.session, event.nowMs, event.allowed);
        return;
      case 'received':
        this.#sessions.receive(event.session, event.bytes);
        return;
      case 'written':
        this.#sessions.written(event.session, event.count);
        return;
      case 'closed':
        this.#sessions.forget(event.session);
        return;
      case 'group':
        this.#daemons.hear(event.event);
        return;
      case 'turn':
        this.#daemons.flush();
        return;
      case 'tick':
        this.#sessions.expire(event.nowMs);
        return;
      default:
        unreachable(event);
    }
  }

  #obey(session: Session, frame: Frame): void {
    const request = requestOf(frame, session.privateName);
    if (typeof request !== 'string') this.#sessions.end(session, request);
    else if (request === 'quit') {
      this.#sessions.end(session, { code: 0, reason: 'it said good-bye' });
    } else if (request === 'join' && this.#isFull) this.#reject(session, frame);
    else if (frame.groups.length > 0) {
      if (request === 'join') this.#joining++;
      this.#daemons.request(frame);
    }
  }

  get #isFull(): boolean {
    return this.#roster.localCount + this.#joining >= MEMBERSHIPS_MAX;
  }

  /** The same comes back, with the type it had behind the header. */
  #reject(session: Session, frame: Frame): void {
    const type = REJECT | (frame.type & SELF_DISCARD);
    const rejected = frame.type === REQUEST.join ? CAUSED_BY.join : frame.type;
    this.#sessions.write(session, encodeFrame({ ...frame, type, rejected, order: 'little' }));
  }

  /**
   * Next in the order of all daemons. What another one has let pass that is not legal counts
   * nowhere.
   */
  #deliver(frame: Frame): void {
    const from = privateParts(frame.sender);
    const request = requestOf(frame, frame.sender);
    if (from === null || typeof request !== 'string') return;
    const { user, daemon } = from;
    const isOurs = daemon === this.#daemon;
    const [group = ''] = frame.groups;
    switch (request) {
      case 'join':
        if (isOurs) this.#joining--;
        this.#notices.join(group, memberOf(user, daemon));
        return;
      case 'leave':
        this.#notices.leave(group, memberOf(user, daemon));
        return;
      case 'quit':
        this.#notices.disconnect(memberOf(user, daemon));
        if (isOurs) this.#sessions.free(user);
        return;
      case 'multicast':
        this.#multicast(frame, isOurs ? user : null);
        return;
      default:
        unreachable(request);
    }
  }

  /** One copy for everybody here who is meant, however often. @param sender null: not of ours */
  #multicast(frame: Frame, sender: string | null): void {
    const users = this.#receivers(frame.groups);
    const discards = (frame.type & SELF_DISCARD) !== 0;
    let bytes: Uint8Array | null = null;
    for (const user of users) {
      if (discards && user === sender) continue;
      const session = this.#sessions.of(user);
      if (session === null) continue;
      bytes ??= encodeFrame({ ...frame, order: 'little' });
      this.#sessions.write(session, bytes);
    }
  }

  #receivers(groups: readonly string[]): Iterable<string> {
    const [only = ''] = groups;
    if (groups.length === 1 && only[0] !== '#') return this.#roster.group(only)?.local ?? [];
    const users = new Set<string>();
    for (const name of groups) {
      const to = privateParts(name);
      if (to?.daemon === this.#daemon) users.add(to.user);
      for (const user of this.#roster.group(name)?.local ?? []) users.add(user);
    }
    return users;
  }

  /** To all daemons, this one included: its groups hear of it, and its name is free. */
  #sayGone({ privateName: sender }: Session): void {
    const orders = { order: 'little', dataOrder: 'little' } as const;
    const data = new Uint8Array(0);
    const rest = { messageType: 0, rejected: null, ...orders };
    this.#daemons.request({ type: REQUEST.kill, sender, groups: [sender], data, ...rest });
  }
}
