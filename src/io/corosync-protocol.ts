/** What the main thread and the one that calls libcpg say to each other. */
import type { EngineEvent } from '../core/engine/engine.ts';

export type CorosyncStart = {
  /** Of the process group. */
  readonly group: string;
  /** One Int32: the thread adds to it each time that the daemon has answered. */
  readonly answers: SharedArrayBuffer;
};

export type ToCorosync =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** Leave and join anew, under this number: events of an older one count no more. */
  | { readonly kind: 'rejoin'; readonly session: number }
  | { readonly kind: 'leave' };

export type FromCorosync =
  | { readonly kind: 'connected'; readonly session: number; readonly as: string }
  | { readonly kind: 'event'; readonly session: number; readonly event: EngineEvent }
  /** There is no daemon to connect to. */
  | { readonly kind: 'trouble'; readonly text: string };

/** How often the daemon is asked for a sign. */
export const PING_MS = 200;

/** A daemon that answers nothing for this long does not run, or this thread waits in vain. */
export const SILENT_MS = 1_000;

/** Between two attempts to connect. */
export const RETRY_MS = 500;
