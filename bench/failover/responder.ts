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
import { execFileSync, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import net from 'node:net';
import { createInterface } from 'node:readline';

const [port, ...addresses] = process.argv.slice(2);
const pool = new Set(addresses);

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

// Told by the kernel, and not by looking: on twelve machines that cost half a processor.
const monitor = spawn('ip', ['-o', 'monitor', 'address'], { stdio: ['ignore', 'pipe', 'inherit'] });
const here = new Set<string>();
createInterface(monitor.stdout).on('line', note);
process.on('exit', () => monitor.kill());
for (const line of execFileSync('ip', ['-o', 'address']).toString().split('\n')) note(line);

/** `3: eth0    inet 192.168.77.101/24 ...`, or `Deleted 3: eth0    inet ...` */
function note(line: string): void {
  const address = / inet6? ([^/ ]+)/.exec(line)?.[1];
  const isHere = !line.startsWith('Deleted');
  if (address === undefined || !pool.has(address) || here.has(address) === isHere) return;
  if (isHere) here.add(address);
  else here.delete(address);
  const atMs = performance.timeOrigin + performance.now();
  process.stdout.write(`${JSON.stringify({ atMs, address, here: isHere })}\n`);
}
process.stdout.write('ready\n');
