/**
 * Ends this process when the one that started it is gone, however that went.
 *
 *     node --import ./demo/leash.ts program.ts       with a pipe as its standard input
 *
 * A pipe closes when its other end dies, by SIGKILL too, which no handler could tell of. What a
 * newcomer gets wrong: worker threads import this as well, and have no standard input of their own.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL'));
  process.stdin.on('error', () => process.kill(process.pid, 'SIGKILL'));
  process.stdin.resume();
  // The leash holds the process back from nothing: it may end by itself at any time.
  process.stdin.unref();
}
