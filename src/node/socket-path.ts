/**
 * A place in the file system for a unix socket, cleared of what a dead process has left there.
 *
 * What a newcomer gets wrong: only a socket that refuses is a dead one's. One of a process that is
 * stopped, or whose queue is full, does not answer and is in use. And a path may be a slip of the
 * pen: what is no socket stays, whatever right we have to remove it.
 */
import { lstatSync, rmSync } from 'node:fs';
import net from 'node:net';

/** @returns null: the path is free; else why it cannot be had */
export async function clearSocketPath(path: string): Promise<string | null> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!found.isSocket()) return 'something else than a socket is there';
  const code = await codeOfConnect(path);
  if (code === null || code === 'EAGAIN') return 'another process answers there';
  // Gone meanwhile.
  if (code === 'ENOENT') return null;
  if (code !== 'ECONNREFUSED') return code;
  try {
    rmSync(path, { force: true });
    return null;
  } catch (error) {
    // What another user's process has left there is not ours to remove.
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function codeOfConnect(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
