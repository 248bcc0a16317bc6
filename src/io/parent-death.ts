/** Ends this process in order when the one that started it is killed. */
import { constants } from 'node:os';
import { setParentDeathSignal } from '../sys/parent-death.ts';

/** @param parentPid as it was when this process could still be sure of it */
export function endWithParent(parentPid: number): void {
  setParentDeathSignal(constants.signals.SIGTERM);
  if (process.ppid !== parentPid) process.kill(process.pid, 'SIGTERM');
}
