/**
 * One client of this daemon, from its first byte.
 *
 *     hello ─► choice ─► open ─► over
 *        └────────┴────────┘
 *
 * What a newcomer gets wrong: a name outlives its session. It is free again only when all daemons
 * know that the session has gone, or a new one of the name would inherit its groups.
 */
import { ByteQueue } from '../byte-queue.ts';
import { GROUPS_MAX, MESSAGE_BYTES_ACCEPTED } from '../constants.ts';
import { FrameReader } from '../frame.ts';
import type { SessionId } from './server-events.ts';

const LIMITS = { groupsMax: GROUPS_MAX, bytesMax: MESSAGE_BYTES_ACCEPTED, rejects: false };

export class Session {
  readonly id: SessionId;
  readonly openedMs: number;
  readonly allowed: boolean;
  readonly queue = new ByteQueue();
  readonly reader = new FrameReader(LIMITS, this.queue);
  state: 'hello' | 'choice' | 'open' | 'over' = 'hello';
  /** Once it is known, and legal. */
  user = '';
  privateName = '';
  /** It wants to hear who is in its groups. */
  membership = false;
  /** Written and not out of our memory, oldest first. Others may have the same arrays. */
  readonly unread: Uint8Array[] = [];
  unreadBytes = 0;
  /** It has taken something since the last tick. */
  reads = true;

  constructor(id: SessionId, openedMs: number, allowed: boolean) {
    this.id = id;
    this.openedMs = openedMs;
    this.allowed = allowed;
  }

  get undelivered(): number {
    return this.unread.length;
  }

  /** For the log. */
  get who(): string {
    return this.privateName === '' ? `session ${this.id}` : this.privateName;
  }
}
