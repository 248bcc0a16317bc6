/**
 * The numbers of Spread 4.4's client protocol, under the names its programs know them by.
 *
 * What a newcomer gets wrong: `JOIN` is what a client asks for and `CAUSED_BY_JOIN` is what members
 * hear of it. A client's message has exactly one bit of `SERVICE` or `REQUEST`.
 */

/** How far a message is to be trusted to have come everywhere, weakest first. */
export const SERVICE = {
  unreliable: 0x01,
  reliable: 0x02,
  fifo: 0x04,
  causal: 0x08,
  agreed: 0x10,
  safe: 0x20,
} as const;

export const SERVICE_MASK = 0x3f;

/** Beside a service: no copy for the session that sends. */
export const SELF_DISCARD = 0x40;

export const CAUSED_BY = { join: 0x100, leave: 0x200, disconnect: 0x400, network: 0x800 } as const;
export type Cause = keyof typeof CAUSED_BY;

export const REGULAR_MEMBERSHIP = 0x1000;
export const TRANSITION = 0x2000;
export const MEMBERSHIP_MASK = 0x3f00;

/** What only clients send. */
export const REQUEST = { join: 0x10000, leave: 0x20000, kill: 0x40000 } as const;

/** Comes back to whoever asked for what is not allowed. */
export const REJECT = 0x400000;

/** Set by writers whose least significant byte comes first. A palindrome: read it in any order. */
export const LITTLE_ENDIAN_TAG = 0x80000080;

/** What went wrong, as libspread numbers it. In a handshake, a byte with its sign. */
export const CODE = {
  accepted: 1,
  illegalSpread: -1,
  couldNotConnect: -2,
  quota: -3,
  noName: -4,
  illegalName: -5,
  notUnique: -6,
  version: -7,
  connectionClosed: -8,
  auth: -9,
  illegalSession: -11,
  illegalService: -12,
  illegalMessage: -13,
  illegalGroup: -14,
  messageTooLong: -17,
  netError: -18,
} as const;

/** What a person makes of a code. */
const MEANING: Readonly<Record<number, string>> = {
  [-1]: 'there is no such daemon',
  [-2]: 'the daemon does not answer',
  [-3]: 'the daemon has too many sessions',
  [-4]: 'a name is missing',
  [-5]: 'the name is not legal',
  [-6]: 'the name is taken',
  [-7]: 'the version is not supported',
  [-8]: 'the connection was closed',
  [-9]: 'the daemon does not let us in',
  [-11]: 'no such session',
  [-12]: 'not exactly one service',
  [-13]: 'a malformed message',
  [-14]: 'an illegal group',
  [-17]: 'the message is too long',
  [-18]: 'the connection broke',
};

export function meaningOf(code: number): string {
  return MEANING[code] ?? `code ${code}`;
}

/** With the NUL that ends it. */
export const NAME_BYTES = 32;
export const USER_LENGTH_MAX = 10;
export const DAEMON_LENGTH_MAX = 19;
export const GROUPS_MAX = 100;

/** What the daemon's check of a header lets pass, data and 32 for each group. */
export const MESSAGE_BYTES_ACCEPTED = 143_952;

/**
 * Between this and what its check lets pass, the daemon of Spread 4.4.0 aborts on an assertion: 100
 * fragments of 1432 bytes, without the 48 of the header. We take more, and never send more.
 */
export const MESSAGE_BYTES_SENT = 143_152;

/** What we say we are: libspread asks for nothing that 4.4.0 has not. */
export const VERSION: readonly [number, number, number] = [4, 4, 0];
