/**
 * At most one guard, and one node, for the addresses of an interface: a second one would take the
 * first one's addresses for orphans.
 *
 * The lock is a name in the kernel's abstract socket namespace (unix(7)), which belongs to the
 * network namespace, as interfaces do. It goes away with the process that holds it. What a newcomer
 * gets wrong: a node can outlive its guard. So a guard asks for both names before it sweeps
 * anything, and keeps one.
 */
import net from 'node:net';

export type LockHolder = 'guard' | 'node';

export type PoolLock = { readonly release: () => void };

/** @returns the lock on all of these interfaces, or what holds one of them already */
export async function lockPool(
  holder: LockHolder,
  interfaces: readonly string[],
): Promise<PoolLock | { readonly taken: string }> {
  const servers: net.Server[] = [];
  const release = (): void => {
    for (const server of servers) server.close();
  };
  for (const name of new Set(interfaces)) {
    const server = await bind(nameOf(holder, name));
    if (server === null) {
      release();
      return { taken: takenText(holder, name) };
    }
    servers.push(server);
  }
  return { release };
}

/** @returns what holds one of these interfaces, or null; nothing is kept */
export async function whoLocks(
  holder: LockHolder,
  interfaces: readonly string[],
): Promise<string | null> {
  const lock = await lockPool(holder, interfaces);
  if ('taken' in lock) return lock.taken;
  lock.release();
  return null;
}

function nameOf(holder: LockHolder, name: string): string {
  return `\0forehand/${holder}/${name}`;
}

function takenText(holder: LockHolder, name: string): string {
  return `a ${holder} of forehand runs on this machine already, with addresses on ${name}`;
}

/** @returns null when the name is taken */
function bind(path: string): Promise<net.Server | null> {
  return new Promise((resolve) => {
    // Nobody is to connect; whoever does is told nothing.
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen({ path }, () => {
      server.unref();
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}
