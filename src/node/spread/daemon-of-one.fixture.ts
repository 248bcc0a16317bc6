/** Our Spread daemon in this process: a server over a group of one. */
import { deepEqual } from 'node:assert/strict';
import net from 'node:net';
import type { GroupEvent } from '../../core/ring/group.ts';
import { DEFAULT_ACCESS } from '../../core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../../core/spread/server/server-events.ts';
import { SpreadHost } from './spread-host.ts';

/** A group of one: what is sent comes back, in a turn of its own. */
export async function daemonOfOne(port: number): Promise<SpreadHost> {
  const limits = DEFAULT_SPREAD_LIMITS;
  const listen = [{ host: '127.0.0.1', port }];
  const options = { node: 'n1', listen, path: null, access: DEFAULT_ACCESS, limits };
  const host = new SpreadHost(options, () => undefined);
  host.group = {
    send: (bytes) => {
      setImmediate(() => host.hear({ kind: 'message', senderIndex: 0, bytes }));
      return true;
    },
  };
  const members = [{ name: 'n1', bootId: 1 }];
  const id = { epoch: 1, proposer: 'n1' };
  const view: GroupEvent = {
    kind: 'view',
    view: { id, members, selfIndex: 0, together: [0] },
    beside: null,
  };
  host.hear(view);
  deepEqual(await host.listen(), []);
  return host;
}

export function freePort(): Promise<number> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
