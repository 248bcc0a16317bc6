/**
 * What an engine of others gives us: who is there, and messages in one order for all of them.
 *
 *     Corosync's CPG ─┐
 *     Spread ─────────┴─► EngineEvent ─► `member-views.ts` ─► GroupEvent (core/ring/group.ts)
 *
 * What a newcomer gets wrong: these are not views yet. An engine names processes, not our members;
 * it may count in strangers who know nothing of us; and it may deliver what was sent before a
 * change after it. `member-views.ts` makes of it what the address machine is promised.
 *
 * What every engine guarantees (extended virtual synchrony, of the level called agreed):
 *
 * 1. Those who get the same two events after the same change get them in the same order.
 * 2. Those who go from one membership to the next together have got the same messages in it.
 * 3. A message comes back to its own sender too, unless that is lost first.
 */

/** How an engine names a process in one of its lives: opaque, the same at all. */
export type EngineMember = string;

export type EngineEvent =
  | {
      readonly kind: 'membership';
      /** In one order for all. */
      readonly members: readonly EngineMember[];
      readonly self: EngineMember;
    }
  /** The members are about to change, for engines that say so. */
  | { readonly kind: 'changing' }
  | { readonly kind: 'message'; readonly sender: EngineMember; readonly bytes: Uint8Array }
  /** It has gone, or has thrown us out: what was sent and has not come back is lost. */
  | { readonly kind: 'lost'; readonly reason: string };

export type Engine = {
  /** To all members, ourselves included, in agreed order. Longer ones than 64 KiB never come. */
  send(bytes: Uint8Array): void;
  leave(): void;
};
