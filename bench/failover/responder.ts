/**
 * What a client talks to on each machine: echoes datagrams and takes connections on every address
 * of the pool, held here or not (net.ipv4.ip_nonlocal_bind). Also says when an address comes to
 * this machine or leaves it.
 *
 *     node responder.ts PORT ADDRESS...      prints {"atMs", "address", "here"} per change
 *
 * What a newcomer gets wrong: the socket is bound to the address, because an answer from a socket
 * that is bound to none would carry the machine's own address as its source.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import { networkInterfaces } from 'node:os';

/** Finer than what is measured, and some 40 us of work each time. */
const LOOK_MS = 5;

const [port, ...addresses] = process.argv.slice(2);

for (const address of addresses) {
  const socket = dgram.createSocket('udp4');
  socket.bind(Number(port), address);
  socket.on('message', (bytes, sender) => socket.send(bytes, sender.port, sender.address));
  socket.on('error', () => undefined);
  const server = net.createServer((connection) => {
    connection.on('error', () => undefined);
    connection.resume();
  });
  server.listen(Number(port), address);
}

const here = new Set<string>();
setInterval(() => {
  const now = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)),
  );
  for (const address of addresses) {
    if (now.has(address) === here.has(address)) continue;
    if (now.has(address)) here.add(address);
    else here.delete(address);
    const change = { atMs: performance.timeOrigin + performance.now(), address };
    process.stdout.write(`${JSON.stringify({ ...change, here: now.has(address) })}\n`);
  }
}, LOOK_MS);
process.stdout.write('ready\n');
