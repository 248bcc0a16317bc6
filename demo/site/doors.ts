/**
 * Ports of this computer that lead into the lab, through its porter.
 *
 *     127.0.0.1:8081 ─► porter, on a machine of the lab ─► 195.5.3.180:80
 *
 * What a newcomer gets wrong: what the lab does to its machines happens behind the porter. He is
 * there always; a connection to a dead machine just waits, as it would outside.
 */
import { connect, type Server } from 'node:net';
import { listenOn } from '../ports.ts';

const FIRST_PORT = 8_080;
const BLOCK = 10;
const BLOCKS_MAX = 200;

export type Doors = {
  /** Free, and ours to listen on: the one before the first door. */
  readonly port: number;
  /** By target, `195.5.3.180:80`. */
  readonly urls: ReadonlyMap<string, string>;
  readonly close: () => void;
};

/**
 * @param targets fewer than ten, each `HOST:PORT`
 * @param porter the path of his socket
 * @returns null when no block of ports is free
 */
export async function openDoors(targets: readonly string[], porter: string): Promise<Doors | null> {
  for (let block = 0; block < BLOCKS_MAX; block++) {
    const port = FIRST_PORT + block * BLOCK;
    const servers = await listenOnAll(port, targets.length);
    if (servers === null) continue;
    for (const [index, server] of servers.entries()) lead(server, targets[index]!, porter);
    const urls = targets.map((target, i) => [target, `http://127.0.0.1:${port + 1 + i}/`] as const);
    const close = (): void => {
      for (const server of servers) server.close();
    };
    return { port, urls: new Map(urls), close };
  }
  return null;
}

/** One port is looked at only: whoever shows the page listens there. */
async function listenOnAll(port: number, count: number): Promise<readonly Server[] | null> {
  const servers: Server[] = [];
  for (let i = 0; i <= count; i++) {
    const server = await listenOn('127.0.0.1', port + i);
    if (server !== null) servers.push(server);
    else {
      for (const one of servers) one.close();
      return null;
    }
  }
  const [page, ...doors] = servers;
  await new Promise((resolve) => page!.close(resolve));
  return doors;
}

function lead(server: Server, target: string, porter: string): void {
  server.on('connection', (outside) => {
    const inside = connect({ path: porter });
    inside.write(`${target.replace(':', ' ')}\n`);
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
    outside.on('close', () => inside.destroy());
    inside.on('close', () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
}
