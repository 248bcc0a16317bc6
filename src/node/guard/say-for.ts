/**
 * Says to the others what a node can no longer say: that it has left the group.
 *
 * What a newcomer gets wrong: the guard knows no secret. The node has sealed this datagram in
 * advance, and it says one thing only; who hears it twice drops it.
 */
import dgram from 'node:dgram';
import type { Will } from '../ring/ring-protocol.ts';

export function sayFor({ datagram, hosts, port }: Will, log: (message: string) => void): void {
  if (hosts.length === 0) return;
  const type = hosts.some((host) => host.includes(':')) ? 'udp6' : 'udp4';
  const socket = dgram.createSocket({ type });
  const bytes = Buffer.from(datagram, 'base64');
  let open = hosts.length;
  socket.once('error', (error) => log(`guard: the death could not be told: ${error.message}`));
  socket.bind(0, () => {
    socket.setBroadcast(true);
    for (const host of hosts) {
      // One that is off answers nothing; the others are told all the same.
      socket.send(bytes, port, host, () => {
        if (--open === 0) socket.close();
      });
    }
  });
}
