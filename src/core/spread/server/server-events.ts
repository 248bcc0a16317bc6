/**
 * What a Spread daemon's sessions and its group tell it, and what it wants done.
 *
 * What a newcomer gets wrong: bytes that are written are counted until the driver says that they
 * have left. That is how a client that does not read is found, and the memory it may cost ends.
 */
import type { GroupEvent } from '../../ring/group.ts';

/** The driver's own number for a connection, never used twice. */
export type SessionId = number;

export type ServerEvent =
  | {
      readonly kind: 'opened';
      readonly nowMs: number;
      readonly session: SessionId;
      /** As the rules of access have it. */
      readonly allowed: boolean;
    }
  | { readonly kind: 'received'; readonly session: SessionId; readonly bytes: Uint8Array }
  /** So many of the session's writes, the oldest ones, are out of our memory. */
  | { readonly kind: 'written'; readonly session: SessionId; readonly count: number }
  /** By the client, or with an error. */
  | { readonly kind: 'closed'; readonly session: SessionId }
  | { readonly kind: 'group'; readonly event: GroupEvent }
  /** Nothing more has come for now: what was gathered can go. After each bunch of the others. */
  | { readonly kind: 'turn' }
  /** Every second or so. */
  | { readonly kind: 'tick'; readonly nowMs: number };

/** In the order to be done. */
export type ServerEffect =
  | { readonly kind: 'write'; readonly session: SessionId; readonly bytes: Uint8Array }
  /** `code`: as libspread numbers it, 0 as it wished. A `closed` is to follow. */
  | {
      readonly kind: 'close';
      readonly session: SessionId;
      readonly who: string;
      /** Once all is written; or now, with whatever is not. */
      readonly reads: boolean;
      readonly code: number;
      readonly reason: string;
    }
  /** To the group. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** Whether to read what clients send: when the group cannot take it, they must wait. */
  | { readonly kind: 'reading'; readonly on: boolean }
  | { readonly kind: 'report'; readonly text: string };

export type SpreadLimits = {
  readonly sessionsMax: number;
  /**
   * Messages for one session that it has not read. With more of them, and when it takes none from
   * one tick to the next, it is disconnected.
   */
  readonly sessionMessagesMax: number;
  /** And their bytes: however it reads, not more than that. */
  readonly sessionBytesMax: number;
  /** Of memory, for all sessions together: the one that reads least goes first. */
  readonly bytesMax: number;
};

/**
 * The first two are those of the C daemon. It disconnects as soon as there are more messages; but
 * we carry a thousand of them in some 40 ms, in which a good reader may be busy elsewhere.
 */
export const DEFAULT_SPREAD_LIMITS: SpreadLimits = {
  sessionsMax: 997,
  sessionMessagesMax: 1_000,
  // A hundred of the largest messages: at 1000 of them one client could cost 140 MB.
  sessionBytesMax: 16_777_216,
  bytesMax: 134_217_728,
};

/** For `forehand status`. */
export type SpreadStatus = {
  readonly daemon: string;
  /** Daemons that this one agrees with, itself included; empty while they are agreeing. */
  readonly daemons: readonly string[];
  /** Frames for clients, since it was started. */
  readonly delivered: number;
  /** Clients disconnected because they did not read. */
  readonly slow: number;
  readonly sessions: readonly {
    readonly name: string;
    readonly groups: number;
    readonly undelivered: number;
  }[];
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[];
};
