/** Whether a port can be had. To look does not keep it: whoever wants it goes on listening. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** @returns a listener that keeps no process alive, or null where the port is taken */
export async function listenOn(host: string, port: number): Promise<Server | null> {
  const server = createServer().listen({ host, port, exclusive: true });
  server.unref();
  return new Promise((resolve) => {
    server.once('listening', () => resolve(server));
    server.once('error', () => resolve(null));
  });
}

/** Programs that share announcements may share a port; one that does not would not hear us. */
export async function isDatagramPortFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const error = once(socket, 'error').then(() => false);
  socket.bind(port);
  const isFree = await Promise.race([once(socket, 'listening').then(() => true), error]);
  socket.close();
  return isFree;
}
