/**
 * What a client of a Spread daemon hears, decoded: the same words at both ends of the wire.
 *
 * What a newcomer gets wrong: integers in a body are in the byte order of whoever wrote it, and
 * Spread never touches them. `swapped` says that it was not this one's.
 */

/** `#user#daemon`, at most 31 bytes. */
export type PrivateName = string;

export type SpreadEvent =
  | { readonly kind: 'connected'; readonly privateName: PrivateName; readonly version: string }
  /** Who is in a group from here on. */
  | {
      readonly kind: 'membership';
      readonly group: string;
      readonly cause: 'join' | 'leave' | 'disconnect' | 'network';
      /** 12 bytes as they came: representative, time, index. Compared and echoed, not computed. */
      readonly gid: Uint8Array;
      /** In the order of the daemons, then by name: the same at all. */
      readonly members: readonly PrivateName[];
      /** -1: not in it. */
      readonly selfIndex: number;
      /** Those who came along together, by set; of a join, a leave or a disconnect: who. */
      readonly sets: readonly (readonly PrivateName[])[];
      readonly ownSet: number;
    }
  /** What comes until the next membership may not have reached all of the old one. */
  | { readonly kind: 'transition'; readonly group: string; readonly gid: Uint8Array }
  /** The last word of a group to whoever leaves it. */
  | { readonly kind: 'left'; readonly group: string }
  | {
      readonly kind: 'message';
      /** One of `SERVICE`. */
      readonly service: number;
      readonly sender: PrivateName;
      readonly groups: readonly string[];
      /** Of the program's own choice, signed 16 bits. */
      readonly type: number;
      readonly swapped: boolean;
      readonly bytes: Uint8Array;
    }
  /** What was asked for is not allowed: it comes back. */
  | {
      readonly kind: 'rejected';
      readonly service: number;
      readonly groups: readonly string[];
      readonly type: number;
      readonly bytes: Uint8Array;
    }
  /** The session is over. `code`: as libspread numbers what went wrong, below 0. */
  | { readonly kind: 'lost'; readonly code: number; readonly reason: string };
