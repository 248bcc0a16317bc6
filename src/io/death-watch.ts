/**
 * Learns of a process's death in the moment it is killed, not when the kernel has cleaned up after
 * it (`sys/shared-mutex.ts` says why these are tens of milliseconds apart).
 *
 *     watcher: openDeathWatch ── descriptor ──► watched: liveUntilKilled
 *              start() ◄──── "it is locked" ────┘
 *
 * What a newcomer gets wrong: it is the *thread* that locked whose death is told. When a process is
 * killed all of them die, and this one will do nothing more; that is all that is promised.
 */
import { Worker } from 'node:worker_threads';
import { lockMutex, makeMutex, mapShared, sharedMemory, unmapShared } from '../sys/shared-mutex.ts';
import { close } from '../sys/socket.ts';

export type DeathWatch = {
  /** For the process to be watched, among the descriptors it is started with. */
  readonly fd: number;
  /** When it has said that it is locked; before, there is nothing to wait for. */
  start(onDeath: () => void): void;
  /** For good, after the death or without one. */
  close(): void;
};

/** @returns null where there is no such thing; then the death is told by other means, later */
export function openDeathWatch(): DeathWatch | null {
  const fd = sharedMemory();
  if (fd < 0) return null;
  const address = mapShared(fd);
  if (address === null || makeMutex(address) < 0) {
    close(fd);
    return null;
  }
  // Now, so that it is there before the watched process has anything to lose.
  const worker = new Worker(new URL('./death-watch-worker.ts', import.meta.url), {
    workerData: address,
  });
  // Without it the death is told later, that is all.
  worker.on('error', () => {});
  worker.once('exit', () => unmapShared(address));
  worker.unref();
  return {
    fd,
    start(onDeath) {
      worker.once('message', onDeath);
      worker.postMessage('wait');
    },
    close() {
      close(fd);
      worker.postMessage('end');
    },
  };
}

/** From now on the death of this thread is told. @returns whether it will be */
export function liveUntilKilled(fd: number): boolean {
  const address = mapShared(fd);
  close(fd);
  return address !== null && lockMutex(address) === 0;
}
