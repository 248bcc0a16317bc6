/**
 * The thread that waits for a death, and says so once.
 *
 * What a newcomer gets wrong: it blocks in the kernel, where no message reaches it. So it comes up
 * for air now and then, as the end of the process has to wait for its threads.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Errno } from '../sys/libc.ts';
import { lockMutexWithin } from '../sys/shared-mutex.ts';
import { raiseThreadPriority } from './thread-priority.ts';

/** How long the end of the process may have to wait for this thread. */
const WAIT_MS = 250;

const address = workerData as bigint;

const port = parentPort!;
let ended = false;

function wait(): void {
  if (ended) return;
  const status = lockMutexWithin(address, WAIT_MS);
  if (status === -Errno.ETIMEDOUT) setImmediate(wait);
  else port.postMessage('dead');
}

port.on('message', (message: 'wait' | 'end') => {
  if (message === 'wait') wait();
  else {
    ended = true;
    port.close();
  }
});
raiseThreadPriority();
