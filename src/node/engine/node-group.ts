/**
 * The group of a node, whoever carries it: our ring, Corosync, a Spread daemon, an old group.
 *
 * What a newcomer gets wrong: `link`, `serving` and `reload` mean something to the ring only.
 * Engines of others have interfaces and keys of their own; only the secrets that sign are ours with
 * all.
 */

import type { EngineEvent } from '../../core/engine/engine.ts';
import type { Stranger } from '../../core/engine/member-views.ts';
import type { RingState } from '../ring/ring-protocol.ts';

export type NodeGroup = {
  /** @returns false if it is too long */
  send(bytes: Uint8Array): boolean;
  /** Resolves when the others have been told, as far as can be. */
  leave(): Promise<void>;
  /** Whether there is a way to the others at all. */
  link: boolean;
  /** Whether this node takes addresses already. */
  serving: boolean;
  reload(secrets: readonly string[], peers: readonly string[]): void;
  /** A member's own address, where the group itself knows it. */
  addressOf?(name: string): string | null;
  state(): Promise<GroupState>;
};

/** How it stands with a connection to a daemon of others. */
export type EngineHealth = {
  /** The engine's name for us; null: not connected. */
  readonly as: string | null;
  /** As `performance.now()` counts; null: not connected. */
  readonly connectedMs: number | null;
  readonly reconnects: number;
  readonly trouble: string | null;
};

export type EngineState = {
  readonly kind: 'ring' | 'corosync' | 'spread';
  readonly connected: boolean;
  /** How long it has been; null: it is not. */
  readonly connectedForMs: number | null;
  readonly as: string | null;
  readonly reconnects: number;
  readonly trouble: string | null;
  /** Whom the engine counts in, and we do not. */
  readonly strangers: readonly Stranger[];
  /** Words of the engine that counted for nothing. */
  readonly ignored: number;
};

export type GroupState = {
  /** Null: another engine carries us. */
  readonly ring: RingState | null;
  /** Null: the group is none of ours (node/wackamole). */
  readonly engine: EngineState | null;
};

export type OpenEngineHandler = {
  readonly onEvent: (event: EngineEvent) => void;
  readonly onReport: (text: string) => void;
};
