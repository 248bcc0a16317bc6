/**
 * Ends this process when the one that started it is gone, however that went.
 *
 *     node --import ./scripts/leash.ts program.ts       with a pipe as descriptor 3
 *
 * A pipe closes when its other end dies, by SIGKILL too, which no handler could tell of. The signal
 * is SIGTERM, upon which a node answers what is under way and the demo cleans up.
 *
 * What a newcomer gets wrong: worker threads import this as well, and it is not theirs to end the
 * process. Whoever hands `process.execArgv` on to a child must leave this out. Started without a
 * launcher, as by systemd, a program has no leash.
 */
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

const LEASH_FD = 3;

if (isMainThread) {
  const leash = new Socket({ fd: LEASH_FD });
  // An error is followed by 'close'.
  leash.on('error', () => {});
  leash.on('close', () => process.kill(process.pid, 'SIGTERM'));
  leash.resume();
  // The leash holds the process back from nothing: it may end by itself at any time.
  leash.unref();
}
