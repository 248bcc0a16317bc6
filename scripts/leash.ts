/**
 * Ends this process when the one that started it is gone, however that went.
 *
 *     node --import ./scripts/leash.ts program.ts       with FOREHAND_LEASH=3, a pipe
 *
 * A pipe closes when its other end dies, by SIGKILL too, which no handler could tell of. The signal
 * is SIGTERM, upon which a node answers what is under way and the demo cleans up.
 *
 * What a newcomer gets wrong: worker threads import this as well, and so do the children of Node's
 * test runner, which hands on its flags. The variable is for one process, so it is taken away.
 * Started without a launcher, as by systemd, a program has no leash.
 */
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

const fd = process.env['FOREHAND_LEASH'];
delete process.env['FOREHAND_LEASH'];

if (isMainThread && fd !== undefined) {
  const leash = new Socket({ fd: Number(fd) });
  // An error is followed by 'close'.
  leash.on('error', () => {});
  leash.on('close', () => process.kill(process.pid, 'SIGTERM'));
  leash.resume();
  // The leash holds the process back from nothing: it may end by itself at any time.
  leash.unref();
}
