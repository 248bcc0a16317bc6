/**
 * The thread that watches: sleeps until the kernel tells of a link or an address, or until a packet
 * claims one of ours, and passes it on. It decides nothing.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { parseArp } from '../core/wire/arp.ts';
import { macText } from '../core/wire/mac.ts';
import { parseNeighbour } from '../core/wire/neighbour.ts';
import { parseMessages } from '../core/wire/netlink.ts';
import { parseAddress } from '../core/wire/route-address.ts';
import { parseLink } from '../core/wire/route-link.ts';
import { Errno, pin } from '../sys/libc.ts';
import { receivedIndex, receivedMac, receivePacket } from '../sys/packet.ts';
import { recv } from '../sys/socket.ts';
import { DescriptorLoop } from './descriptor-loop.ts';
import type { FromWatch, ToWatch, WatchStart } from './kernel-watch-protocol.ts';

/**
 * Claims passed on in a second. A network with a loop repeats one packet thousands of times; the
 * first of them says everything.
 */
const CLAIMS_PER_SECOND_MAX = 100;

const start = workerData as WatchStart;
const port = parentPort!;
const buffer = pin(65_536);
const claims = { second: 0, count: 0 };

function tell(message: FromWatch): void {
  port.postMessage(message);
}

/** @returns whether there may be more */
function readRoute(): boolean {
  const size = recv(start.routeFd, buffer.address, buffer.bytes.length);
  // The kernel had more to tell than there was room for (netlink(7)); what it forgot is lost.
  if (size === -Errno.ENOBUFS) tell({ kind: 'overrun' });
  if (size < 0) return size === -Errno.ENOBUFS;
  const messages = parseMessages(buffer.bytes.subarray(0, size));
  if (messages === null) tell({ kind: 'overrun' });
  for (const message of messages ?? []) {
    const link = parseLink(message);
    if (link !== null) tell({ kind: 'link', link });
    const address = parseAddress(message);
    if (address?.kind === 'gone') tell({ kind: 'gone', address });
  }
  return true;
}

function readArp(): boolean {
  const size = receivePacket(start.arpFd, buffer.address, buffer.bytes.length);
  if (size < 0) return isPassing(size);
  const packet = parseArp(buffer.bytes.subarray(0, size));
  if (packet !== null) claim(packet.senderAddress, packet.senderMac);
  return true;
}

function readAdvertisement(): boolean {
  const size = receivePacket(start.advertisementFd, buffer.address, buffer.bytes.length);
  if (size < 0) return isPassing(size);
  const packet = parseNeighbour(buffer.bytes.subarray(0, size));
  // An IPv4-mapped target would read as the IPv4 address itself, which is not for this protocol.
  if (packet?.kind !== 'advertisement' || !packet.target.includes(':')) return true;
  claim(packet.target, packet.mac ?? macText(receivedMac()));
  return true;
}

/** A link that went down is told once to every packet socket, and hinders nothing. */
function isPassing(status: number): boolean {
  return status !== -Errno.EAGAIN && status !== -Errno.EBADF;
}

function claim(address: string, mac: string): void {
  const second = Math.floor(performance.now() / 1_000);
  if (second !== claims.second) Object.assign(claims, { second, count: 0 });
  claims.count++;
  if (claims.count <= CLAIMS_PER_SECOND_MAX) {
    tell({ kind: 'claim', index: receivedIndex(), address, mac });
  } else if (claims.count === CLAIMS_PER_SECOND_MAX + 1) {
    tell({
      kind: 'problem',
      problem: `over ${CLAIMS_PER_SECOND_MAX} claims of addresses a second, now of ${address}`,
    });
  }
}

const loop = new DescriptorLoop();
loop.watch(start.routeFd, readRoute);
loop.watch(start.arpFd, readArp);
loop.watch(start.advertisementFd, readAdvertisement);
port.on('message', (message: ToWatch) => {
  if (message.kind !== 'stop') return;
  loop.stop();
  port.close();
});
