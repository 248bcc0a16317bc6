/**
 * One session with a Spread daemon, from its first byte: what libspread is to its programs.
 *
 *     begin ─► methods ─► welcome ─► open ─► lost
 *        └────────┴──────────┴─────────────────┘
 *
 * What a newcomer gets wrong: nothing here is answered. A daemon that does not like what it is sent
 * closes the session without a word, so whatever it does not like is not sent; above all no message
 * between the C daemon's real limit and the one it checks, which aborts it.
 */
import { ByteQueue } from './byte-queue.ts';
import {
  CAUSED_BY,
  type Cause,
  CODE,
  GROUPS_MAX,
  MESSAGE_BYTES_SENT,
  meaningOf,
  NAME_BYTES,
  REGULAR_MEMBERSHIP,
  REJECT,
  REQUEST,
  SELF_DISCARD,
  SERVICE,
  SERVICE_MASK,
  TRANSITION,
  VERSION,
} from './constants.ts';
import { type ByteOrder, encodeFrame, type Frame, FrameReader, isFault } from './frame.ts';
import {
  encodeChoice,
  encodeHello,
  isRefusal,
  type Reading,
  readMethods,
  readWelcome,
} from './handshake.ts';
import { decodeMembership, GID_BYTES } from './membership.ts';
import { isLegalGroup, isLegalTarget } from './names.ts';
import type { SpreadEvent } from './session-events.ts';

/** In the order to be done. After a `lost` the stream is of no use any more. */
export type ClientEffect =
  /** To be written with one call. */
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'event'; readonly event: SpreadEvent };

export type Multicast = {
  /** One of `SERVICE`. */
  readonly service: number;
  /** Groups and private names, 1 to 100. */
  readonly groups: readonly string[];
  /** Of the program's own choice, 16 bits with sign. */
  readonly type: number;
  readonly bytes: Uint8Array;
  /** No copy for ourselves. */
  readonly selfDiscard?: boolean;
  /** As from a machine of the other byte order: `bytes` are written for such ones. */
  readonly swapped?: boolean;
};

/** `code`: why it is not sent. */
export type Request = { readonly bytes: Uint8Array } | { readonly code: number };

const NULL_METHOD = 'NULL';

/**
 * A membership names everybody twice: 128 daemons of 1000 sessions each, at 64 bytes. Nothing real
 * comes near, and more would be memory for whoever is in the daemon's place.
 */
const LIMITS = { groupsMax: 128_000, bytesMax: 8_388_608, rejects: true };

/** Of the machines that this runs on. */
const OWN_ORDER: ByteOrder = 'little';

const NO_DATA = new Uint8Array(0);
const SERVICES: readonly number[] = Object.values(SERVICE);
const CAUSES = Object.keys(CAUSED_BY) as readonly Cause[];

export class ClientSession {
  readonly #user: string;
  readonly #membership: boolean;
  readonly #queue = new ByteQueue();
  readonly #reader = new FrameReader(LIMITS, this.#queue);
  #state: 'methods' | 'welcome' | 'open' | 'lost' = 'methods';
  #privateName = '';

  /** @param user at most 10 characters; empty: the daemon makes one up */
  constructor({ user, membership }: { readonly user: string; readonly membership: boolean }) {
    this.#user = user;
    this.#membership = membership;
  }

  /** Empty until `connected`. */
  get privateName(): string {
    return this.#privateName;
  }

  /** To be written first. */
  begin(): Uint8Array {
    const membership = this.#membership;
    return encodeHello({ version: VERSION, membership, priority: 0, user: this.#user });
  }

  receive(chunk: Uint8Array): readonly ClientEffect[] {
    const effects: ClientEffect[] = [];
    this.#queue.push(chunk);
    if (this.#state === 'methods') this.#readMethods(effects);
    if (this.#state === 'welcome') this.#readWelcome(effects);
    while (this.#state === 'open') {
      const frame = this.#reader.next();
      if (frame === null) break;
      if (isFault(frame)) this.#lose(frame.code, frame.reason, effects);
      else this.#hear(frame, effects);
    }
    return effects;
  }

  join(group: string): Request {
    if (!isLegalGroup(group)) return { code: CODE.illegalGroup };
    return this.#request({ type: REQUEST.join, groups: [group] });
  }

  leave(group: string): Request {
    if (!isLegalGroup(group)) return { code: CODE.illegalGroup };
    return this.#request({ type: REQUEST.leave, groups: [group] });
  }

  multicast(message: Multicast): Request {
    const { service, groups, type, bytes, selfDiscard = false, swapped = false } = message;
    if (!SERVICES.includes(service)) return { code: CODE.illegalService };
    const legal = groups.length > 0 && groups.length <= GROUPS_MAX && groups.every(isLegalTarget);
    if (!legal) return { code: CODE.illegalGroup };
    if ((type << 16) >> 16 !== type) return { code: CODE.illegalMessage };
    if (bytes.length + groups.length * NAME_BYTES > MESSAGE_BYTES_SENT) {
      return { code: CODE.messageTooLong };
    }
    const discard = selfDiscard ? SELF_DISCARD : 0;
    const dataOrder = swapped ? 'big' : OWN_ORDER;
    const data = bytes;
    return this.#request({ type: service | discard, groups, messageType: type, data, dataOrder });
  }

  /** The last word; closing the stream does as well. */
  quit(): Request {
    return this.#request({ type: REQUEST.kill, groups: [this.#privateName] });
  }

  #request(
    frame: Pick<Frame, 'type' | 'groups'> &
      Partial<Pick<Frame, 'messageType' | 'data' | 'dataOrder'>>,
  ): Request {
    if (this.#state !== 'open') return { code: CODE.illegalSession };
    const { type, groups, messageType = 0, data = NO_DATA, dataOrder = OWN_ORDER } = frame;
    const orders = { order: OWN_ORDER, dataOrder };
    const sender = this.#privateName;
    return {
      bytes: encodeFrame({ type, groups, messageType, data, sender, rejected: null, ...orders }),
    };
  }

  #readMethods(effects: ClientEffect[]): void {
    const methods = this.#heed(readMethods(this.#queue), effects);
    if (methods === null) return;
    if (!methods.includes(NULL_METHOD)) {
      const asked = methods.join(', ');
      this.#lose(CODE.auth, `the daemon asks for authentication by ${asked}`, effects);
      return;
    }
    effects.push({ kind: 'write', bytes: encodeChoice([NULL_METHOD]) });
    this.#state = 'welcome';
  }

  #readWelcome(effects: ClientEffect[]): void {
    const welcome = this.#heed(readWelcome(this.#queue), effects);
    if (welcome === null) return;
    const { privateName, version } = welcome;
    this.#privateName = privateName;
    this.#state = 'open';
    const event: SpreadEvent = { kind: 'connected', privateName, version: version.join('.') };
    effects.push({ kind: 'event', event });
  }

  #heed<T extends object>(reading: Reading<T>, effects: ClientEffect[]): T | null {
    if (!isRefusal(reading)) return reading;
    this.#lose(reading.code, meaningOf(reading.code), effects);
    return null;
  }

  #hear(frame: Frame, effects: ClientEffect[]): void {
    const event = eventOf(frame, this.#privateName);
    if (event !== null) effects.push({ kind: 'event', event });
    else this.#lose(CODE.illegalMessage, 'the daemon says what has no meaning', effects);
  }

  #lose(code: number, reason: string, effects: ClientEffect[]): void {
    this.#state = 'lost';
    effects.push({ kind: 'event', event: { kind: 'lost', code, reason } });
  }
}

/** @returns null when it has no meaning */
function eventOf(frame: Frame, self: string): SpreadEvent | null {
  const { type, sender, groups, messageType, data, dataOrder, rejected } = frame;
  if ((type & REJECT) !== 0) {
    const service = rejected ?? 0;
    return { kind: 'rejected', service, groups, type: messageType, bytes: data };
  }
  const service = type & SERVICE_MASK;
  if (service !== 0) {
    if (!SERVICES.includes(service)) return null;
    const swapped = dataOrder !== OWN_ORDER;
    return { kind: 'message', service, sender, groups, type: messageType, swapped, bytes: data };
  }
  if ((type & REGULAR_MEMBERSHIP) !== 0) return membershipOf(frame, self);
  if ((type & TRANSITION) !== 0) {
    const gid = data.slice(0, GID_BYTES);
    return gid.length === GID_BYTES ? { kind: 'transition', group: sender, gid } : null;
  }
  return type === CAUSED_BY.leave ? { kind: 'left', group: sender } : null;
}

function membershipOf(frame: Frame, self: string): SpreadEvent | null {
  const { type, sender: group, groups: members, data, order } = frame;
  const cause = CAUSES.find((one) => (type & CAUSED_BY[one]) !== 0);
  const body = decodeMembership(data, order);
  if (cause === undefined || body === null) return null;
  return { kind: 'membership', group, cause, members, selfIndex: members.indexOf(self), ...body };
}
