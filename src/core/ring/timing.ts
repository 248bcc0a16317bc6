/**
 * How quickly the group notices: the three profiles.
 *
 * A member is gone when it was silent for `silenceMs`, so that is what a power cut costs, plus the
 * few messages of a new view. `lan` bears five lost heartbeats in a row and pauses of 200 ms (a
 * collection of the main thread, a busy hypervisor); `fast` is for machines that do nothing else.
 */
export type Timing = {
  readonly heartbeatMs: number;
  /** Nothing heard for this long: gone. */
  readonly silenceMs: number;
  /** A step of agreeing on a view that is not answered within this is repeated. */
  readonly repeatMs: number;
  /** A member that was gone counts again only after being heard both ways for this long. */
  readonly steadyMs: number;
};

export const PROFILES = {
  fast: { heartbeatMs: 8, silenceMs: 32, repeatMs: 8, steadyMs: 8 },
  lan: { heartbeatMs: 40, silenceMs: 200, repeatMs: 25, steadyMs: 20 },
  wan: { heartbeatMs: 250, silenceMs: 2_000, repeatMs: 500, steadyMs: 500 },
} as const satisfies Readonly<Record<string, Timing>>;

export type Profile = keyof typeof PROFILES;
