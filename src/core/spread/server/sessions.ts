/**
 * The clients of this daemon: who they are, what waits to be read by them, and when it is enough.
 *
 *     opened ─► hello ─► choice ─► welcome ─► frames ─► over
 *                 └────────┴──── a code, and over
 *
 * What a newcomer gets wrong: what is written counts until the driver says that it has left us. A
 * client that stops reading costs its own bytes for a second, and never more than its share. All
 * together are charged for memory: what many of them wait for is one array, and counts once.
 */
import { CODE, meaningOf, VERSION } from '../constants.ts';
import { type Frame, type FrameFault, isFault } from '../frame.ts';
import {
  choosesMethods,
  encodeMethods,
  encodeRefusal,
  encodeWelcome,
  type Hello,
  isRefusal,
  type Refusal,
  readChoice,
  readHello,
} from '../handshake.ts';
import { privateName } from '../names.ts';
import type { ServerEffect, SessionId, SpreadLimits } from './server-events.ts';
import { Session } from './session.ts';

/** From the beginning of a session to its welcome. */
const HANDSHAKE_MS = 5_000;

/** Of memory, for a message that waits, beside its bytes: buffer, view, places in two queues. */
const MESSAGE_COST_BYTES = 256;

const METHODS = ['NULL'];

export type SessionsHandler = {
  readonly apply: (effect: ServerEffect) => void;
  readonly onFrame: (session: Session, frame: Frame) => void;
  /** It was open, and is over. Its name is taken until `free`. */
  readonly onGone: (session: Session) => void;
};

export class Sessions {
  readonly #daemon: string;
  readonly #limits: SpreadLimits;
  readonly #handler: SessionsHandler;
  readonly #sessions = new Map<SessionId, Session>();
  /** Names in use; null: of a session that has gone, which not all daemons know yet. */
  readonly #users = new Map<string, Session | null>();
  /** Frames for clients, and clients that did not read, since the beginning. */
  delivered = 0;
  slow = 0;
  #invented = 0;
  /** Who has not read it yet, of each array that is written. */
  readonly #waiting = new Map<Uint8Array, number>();
  #memoryBytes = 0;

  constructor(daemon: string, limits: SpreadLimits, handler: SessionsHandler) {
    this.#daemon = daemon;
    this.#limits = limits;
    this.#handler = handler;
  }

  get open(): readonly Session[] {
    return [...this.#sessions.values()].filter(({ state }) => state === 'open');
  }

  /** The open session of a user. */
  of(user: string): Session | null {
    const session = this.#users.get(user) ?? null;
    return session?.state === 'open' ? session : null;
  }

  /** All daemons know that this user has gone, and somebody else may have the name. */
  free(user: string): void {
    if (this.#users.get(user) === null) this.#users.delete(user);
  }

  begin(id: SessionId, nowMs: number, allowed: boolean): void {
    const session = new Session(id, nowMs, allowed);
    // Strangers are as many again, and take no place of those who may come in.
    const like = [...this.#sessions.values()].filter((one) => one.allowed === allowed);
    this.#sessions.set(id, session);
    if (like.length >= this.#limits.sessionsMax) this.#refuse(session, { code: CODE.quota });
  }

  receive(id: SessionId, bytes: Uint8Array): void {
    const session = this.#sessions.get(id);
    if (session === undefined || session.state === 'over') return;
    session.queue.push(bytes);
    if (session.state === 'hello') this.#readHello(session);
    if (session.state === 'choice') this.#readChoice(session);
    while (session.state === 'open') {
      const frame = session.reader.next();
      if (frame === null) return;
      if (isFault(frame)) this.end(session, frame);
      else this.#handler.onFrame(session, frame);
    }
  }

  /** @param bytes the same array to all whom it is for, and not changed any more */
  write(session: Session, bytes: Uint8Array): void {
    if (session.state === 'over') return;
    this.delivered++;
    this.#charge(session, bytes);
    this.#handler.apply({ kind: 'write', session: session.id, bytes });
    const { sessionBytesMax, bytesMax } = this.#limits;
    if (session.unreadBytes > sessionBytesMax) this.#endSlow(session);
    else if (this.#memoryBytes > bytesMax) this.#endSlow(this.#slowest());
  }

  /** @param count the oldest ones */
  written(id: SessionId, count: number): void {
    const session = this.#sessions.get(id);
    // Of one that is over nothing counts any more.
    if (session === undefined || session.state === 'over') return;
    this.#discharge(session, count);
    session.reads = true;
  }

  /** Those who do not say who they are, and those who have taken nothing since the last tick. */
  expire(nowMs: number): void {
    for (const session of this.#sessions.values()) {
      const { state, openedMs, undelivered, reads } = session;
      session.reads = false;
      if (state === 'over') continue;
      if (state !== 'open' && nowMs - openedMs > HANDSHAKE_MS) {
        this.end(session, { code: CODE.connectionClosed, reason: 'it does not say who it is' });
      } else if (undelivered > this.#limits.sessionMessagesMax && !reads) this.#endSlow(session);
    }
  }

  /** @param reads whether what is written may still be read */
  end(session: Session, { code, reason }: FrameFault, reads = true): void {
    if (session.state === 'over') return;
    this.#leaveAll(session);
    const { id, who } = session;
    this.#handler.apply({ kind: 'close', session: id, who, reads, code, reason });
  }

  /** Its connection is closed. */
  forget(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    if (session.state !== 'over') this.#leaveAll(session);
    this.#sessions.delete(id);
  }

  #readHello(session: Session): void {
    const hello = readHello(session.queue);
    if (hello === null) return;
    if (isRefusal(hello)) {
      this.#refuse(session, hello);
      return;
    }
    const refusal = this.#admit(session, hello);
    if (refusal !== null) this.#refuse(session, refusal);
    else if (choosesMethods(hello.version)) {
      session.state = 'choice';
      this.write(session, encodeMethods(METHODS));
    } else this.#welcome(session);
  }

  /** Not before the hello: a client that has said nothing yet might miss what it is told. */
  #admit(session: Session, hello: Hello): Refusal | null {
    if (!session.allowed) return { code: CODE.auth };
    const user = hello.user === '' ? this.#inventUser() : hello.user;
    if (this.#users.has(user)) return { code: CODE.notUnique };
    this.#users.set(user, session);
    session.user = user;
    session.privateName = privateName({ user, daemon: this.#daemon });
    session.membership = hello.membership;
    return null;
  }

  #inventUser(): string {
    do this.#invented = (this.#invented + 1) % 1_000_000_000;
    while (this.#users.has(`r${this.#invented}`));
    return `r${this.#invented}`;
  }

  #readChoice(session: Session): void {
    const choice = readChoice(session.queue, METHODS);
    if (choice === null) return;
    if (isRefusal(choice)) this.#refuse(session, choice);
    else this.#welcome(session);
  }

  #welcome(session: Session): void {
    session.state = 'open';
    const { privateName } = session;
    this.write(session, encodeWelcome({ version: VERSION, privateName }));
  }

  /** A byte instead of an answer, and the end. */
  #refuse(session: Session, { code }: Refusal): void {
    this.write(session, encodeRefusal(code));
    this.end(session, { code, reason: meaningOf(code) });
  }

  #charge(session: Session, bytes: Uint8Array): void {
    const others = this.#waiting.get(bytes) ?? 0;
    this.#waiting.set(bytes, others + 1);
    this.#memoryBytes += (others === 0 ? bytes.length : 0) + MESSAGE_COST_BYTES;
    session.unread.push(bytes);
    session.unreadBytes += bytes.length + MESSAGE_COST_BYTES;
  }

  #discharge(session: Session, count: number): void {
    for (const bytes of session.unread.splice(0, count)) {
      const others = this.#waiting.get(bytes)! - 1;
      if (others === 0) this.#waiting.delete(bytes);
      else this.#waiting.set(bytes, others);
      this.#memoryBytes -= (others === 0 ? bytes.length : 0) + MESSAGE_COST_BYTES;
      session.unreadBytes -= bytes.length + MESSAGE_COST_BYTES;
    }
  }

  #slowest(): Session {
    const open = [...this.#sessions.values()].filter(({ state }) => state !== 'over');
    return open.reduce((a, b) => (b.unreadBytes > a.unreadBytes ? b : a));
  }

  #endSlow(session: Session): void {
    this.slow++;
    const reason = `it does not read: ${session.undelivered} messages wait`;
    this.end(session, { code: CODE.connectionClosed, reason }, false);
  }

  #leaveAll(session: Session): void {
    const wasOpen = session.state === 'open';
    session.state = 'over';
    this.#discharge(session, session.unread.length);
    const { user } = session;
    if (this.#users.get(user) !== session) return;
    if (wasOpen) {
      this.#users.set(user, null);
      this.#handler.onGone(session);
    } else this.#users.delete(user);
  }
}
