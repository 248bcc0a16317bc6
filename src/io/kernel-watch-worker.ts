/**
 * The thread that watches: sleeps until the kernel tells of a link or an address, or until a packet
 * claims one of ours, and passes it on. It decides nothing.
 *
 * Node has no event for a descriptor that is neither file nor stream, so this waits by itself. What
 * a newcomer gets wrong: libuv's own descriptor is waited for, too. Without it neither a message
 * nor the end of the process could wake this thread, and the process would never end.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { parseArp } from '../core/wire/arp.ts';
import { macText } from '../core/wire/mac.ts';
import { parseNeighbour } from '../core/wire/neighbour.ts';
import { parseMessages } from '../core/wire/netlink.ts';
import { parseAddress } from '../core/wire/route-address.ts';
import { parseLink } from '../core/wire/route-link.ts';
import {
  EPOLL_DATA_OFFSET,
  EPOLL_EVENT_SIZE,
  EPOLLIN,
  epollAdd,
  epollCreate,
  epollWait,
} from '../sys/epoll.ts';
import { Errno, pin } from '../sys/libc.ts';
import { receivedIndex, receivedMac, receivePacket } from '../sys/packet.ts';
import { close, recv } from '../sys/socket.ts';
import { uvBackendFd } from '../sys/uv.ts';
import type { FromWatch, ToWatch, WatchStart } from './kernel-watch-protocol.ts';

/** Datagrams taken per turn and socket, so that none keeps the others waiting. */
const TURN_MAX = 64;

/**
 * Claims passed on in a second. A network with a loop repeats one packet thousands of times; the
 * first of them says everything.
 */
const CLAIMS_PER_SECOND_MAX = 100;

/** Forever, as one of the descriptors is libuv's. */
const WAIT_MS = -1;

const start = workerData as WatchStart;
const port = parentPort!;
const buffer = pin(65_536);
const events = pin(EPOLL_EVENT_SIZE * 4);
const epollFd = epollCreate();
const readers = new Map<number, () => boolean>([
  [start.routeFd, readRoute],
  [start.arpFd, readArp],
  [start.advertisementFd, readAdvertisement],
]);
const claims = { second: 0, count: 0 };
let stopped = false;

function tell(message: FromWatch): void {
  port.postMessage(message);
}

/** One turn for us, then one for libuv, which a pending immediate keeps from sleeping. */
function run(): void {
  if (stopped) {
    close(epollFd);
    port.close();
    return;
  }
  const count = epollWait(epollFd, events, WAIT_MS);
  for (let i = 0; i < count; i++) {
    const fd = events.view.getInt32(i * EPOLL_EVENT_SIZE + EPOLL_DATA_OFFSET, true);
    const read = readers.get(fd);
    for (let left = TURN_MAX; read !== undefined && left > 0 && read(); left--);
  }
  setImmediate(run);
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

port.on('message', (message: ToWatch) => {
  stopped = message.kind === 'stop';
});
for (const fd of [...readers.keys(), uvBackendFd()]) {
  const status = epollAdd(epollFd, fd, EPOLLIN, { low: fd, high: 0 });
  if (status < 0) tell({ kind: 'problem', problem: `cannot watch: errno ${-status}` });
}
// Whatever happened since the sockets were opened is read now.
setImmediate(run);
