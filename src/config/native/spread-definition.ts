/**
 * What `spread` of a `forehand.config.ts` may say: a Spread daemon of our own.
 *
 * Written for the reader of the completion list, as `definition.ts`. What a newcomer gets wrong:
 * this is for programs that want a Spread daemon. The nodes' addresses need none; that a pool is
 * agreed on through one is said by `addresses.group.engine`.
 */
import type { Listen } from './definition.ts';

/** A Spread daemon on each node, so that programs of libspread work on the cluster. */
export type SpreadDefinition = {
  /** Whether there is one. Default: false. */
  readonly serve?: boolean;
  /**
   * Where its clients connect; the first port names its socket in /tmp, too. Default:
   * `'127.0.0.1:4803'`.
   */
  readonly listen?: Listen | readonly Listen[];
  /**
   * Whose clients are let in: networks, `'localhost'`, and `'unix'` for the socket in /tmp. They
   * prove nothing else. Default: the last two.
   */
  readonly accept?: string | readonly string[];
  /** Whom its process becomes when it is started as root. Default: spread, or else nobody. */
  readonly user?: string;
  /** UDP and TCP port by which the daemons of the nodes agree. Default: 4804. */
  readonly port?: number;
  /**
   * Messages that a client may leave unread. One with more of them that takes none for a second is
   * disconnected. Default: 1000.
   */
  readonly messagesMax?: number;
};
