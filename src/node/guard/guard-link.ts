/**
 * The node's side of the guard: says that it runs, and what it holds.
 *
 * What a newcomer gets wrong: a guard that is gone is no reason to stop. The node goes on, and the
 * kernel's lifetimes still fence it; only the milliseconds are lost.
 */
import type { InterfaceAddress } from '../../io/address-port.ts';
import type { Will } from '../ring/ring-protocol.ts';
import { type FromGuard, GUARDED, type ToGuard } from './guard-protocol.ts';

export type GuardHandler = {
  /** This process had stopped, and all its addresses were taken down meanwhile. */
  readonly onSwept: () => void;
  /** Once: nobody watches over this process any more. */
  readonly onGuardLost: () => void;
};

export type GuardLink = {
  /** It serves; from now on it is started again when it dies. */
  ready(): void;
  /** Everything that is held. *Before* it is held, and after it is released: never too little. */
  holding(addresses: readonly InterfaceAddress[]): void;
  /** What to say to the others when this process dies; replaces the last one. */
  will(will: Will): void;
  /** Every `BEAT_MS`, by the thread that keeps the addresses. */
  beat(): void;
  close(): void;
};

/** Whether this process was started by a guard. Until `openGuardLink` was called. */
export function isGuarded(): boolean {
  return process.env[GUARDED] !== undefined && process.send !== undefined;
}

/**
 * For once per process, by the thread that keeps the addresses.
 *
 * @returns null when no guard has started this process
 */
export function openGuardLink(handler: GuardHandler): GuardLink | null {
  const fd = process.env[GUARDED];
  if (fd === undefined || process.send === undefined) return null;
  // What this process starts, an application or a hook, is not the guard's child.
  delete process.env[GUARDED];
  let closed = false;
  process.on('message', (message: FromGuard) => {
    if (message.kind === 'swept' && !closed) handler.onSwept();
  });
  process.once('disconnect', () => {
    if (!closed) handler.onGuardLost();
    closed = true;
  });
  // The guard holds this process back from nothing: it may end by itself at any time.
  process.channel?.unref?.();
  const tell = (message: ToGuard): void => {
    // An error is followed by 'disconnect'.
    if (!closed) process.send?.(message, undefined, {}, () => {});
  };
  if (fd !== 'none') {
    // Imported here, as it is for Linux only. Until then a death is told a little later.
    void import('../../io/death-watch.ts').then(({ liveUntilKilled }) => {
      if (liveUntilKilled(Number(fd))) tell({ kind: 'alive' });
    });
  }
  return {
    ready: () => tell({ kind: 'ready' }),
    holding: (addresses) => tell({ kind: 'holding', addresses }),
    will: (will) => tell({ kind: 'will', will }),
    beat: () => tell({ kind: 'beat' }),
    close: () => {
      closed = true;
      if (process.connected) process.disconnect?.();
    },
  };
}
