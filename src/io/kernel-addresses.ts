/**
 * The addresses of this machine, in Linux: the kernel's body of `address-port.ts`.
 *
 *     hold, release, ours ────► netlink, at once (`kernel-table.ts`)
 *     announce, tell, probe ──► a packet socket (`link-speaker.ts`)
 *     onLost, onLink, onClaim ◄── a thread that watches (`kernel-watch-worker.ts`)
 *
 * What a newcomer gets wrong: what the thread tells is a moment old. An address that was taken down
 * and put up again at once is told as lost while it is there; whoever hears of a loss asks `ours`,
 * or simply holds again.
 *
 * How long an address outlives its last `hold`, which the kernel decides with a precision of its
 * own: docs/operating/kernel-versions.md. Linux only: imported dynamically, as all of `sys` is.
 */
import { Worker } from 'node:worker_threads';
import { ETHERTYPE_ARP } from '../core/wire/arp.ts';
import { ETHERTYPE_IPV6 } from '../core/wire/neighbour.ts';
import {
  advertisementFilter,
  arpFilter,
  FILTER_ADDRESSES_MAX,
} from '../core/wire/packet-filter.ts';
import { isLabelledOurs, type RouteAddress } from '../core/wire/route-address.ts';
import type { RouteLink } from '../core/wire/route-link.ts';
import { Errno } from '../sys/libc.ts';
import {
  bindNetlink,
  NetlinkGroup,
  NetlinkOption,
  netlinkSocket,
  setNetlinkOption,
} from '../sys/netlink.ts';
import { attachFilter, bindPacket, packetSocket } from '../sys/packet.ts';
import { close } from '../sys/socket.ts';
import {
  type AddressPort,
  type AddressPortHandler,
  type InterfaceAddress,
  keyOf,
  type Link,
  type OpenAddressPort,
  type PortError,
} from './address-port.ts';
import { KernelTable } from './kernel-table.ts';
import type { FromWatch, ToWatch, WatchStart } from './kernel-watch-protocol.ts';
import { LinkSpeaker, type Neighbour, type Speaker } from './link-speaker.ts';
import { portError } from './port-error.ts';

/** Thousands of changes may come at once, as when a machine with many VLANs loses its cable. */
const WATCH_BUFFER_BYTES = 2 * 1_024 * 1_024;

export const openKernelAddresses: OpenAddressPort = ({ interfaces }, handler) => {
  const table = KernelTable.open();
  if ('code' in table) return table;
  const fds = openSockets();
  if ('code' in fds) {
    table.close();
    return fds;
  }
  // After the watch has begun, so that no change is missed.
  const problem = table.refreshLinks();
  if (problem !== null) {
    closeSockets(fds);
    table.close();
    return problem;
  }
  return new KernelAddresses({ table, fds, interfaces }, handler);
};

class KernelAddresses implements AddressPort {
  readonly #table: KernelTable;
  readonly #fds: WatchStart;
  readonly #interfaces: readonly string[];
  readonly #handler: AddressPortHandler;
  readonly #speaker: LinkSpeaker;
  readonly #watch: Worker;
  /** What was held and not told as lost since: how a loss is noticed that was not told. */
  readonly #held = new Map<string, InterfaceAddress>();
  /** The state that was last told, by interface. */
  readonly #told = new Map<string, Link>();
  /** Addresses whose claims are passed on. */
  readonly #interest = new Set<string>();
  #closed = false;

  constructor(
    parts: { table: KernelTable; fds: WatchStart; interfaces: readonly string[] },
    handler: AddressPortHandler,
  ) {
    this.#table = parts.table;
    this.#fds = parts.fds;
    this.#interfaces = parts.interfaces;
    this.#handler = handler;
    this.#speaker = new LinkSpeaker(parts.fds.arpFd);
    for (const link of this.links()) this.#told.set(link.interface, link);
    this.#watch = new Worker(new URL('./kernel-watch-worker.ts', import.meta.url), {
      workerData: parts.fds,
    });
    this.#watch.on('message', (message: FromWatch) => this.#onWatch(message));
    this.#watch.on('error', (error) => this.#problem(`the watching thread: ${String(error)}`));
  }

  hold(address: InterfaceAddress, validMs: number): PortError | null {
    this.#listenFor(address.address);
    const error = this.#table.hold(address, validMs);
    if (error === null) this.#held.set(keyOf(address), address);
    return error;
  }

  release(address: InterfaceAddress): PortError | null {
    this.#held.delete(keyOf(address));
    const outcome = this.#table.remove(address);
    return typeof outcome === 'string' ? null : outcome;
  }

  ours(): readonly InterfaceAddress[] {
    const ours = this.#table.ours((address) => this.#held.has(keyOf(address)));
    if (!('code' in ours)) return ours;
    this.#problem(ours.text);
    // Better what should be there than nothing, which would look like a loss of all.
    return [...this.#held.values()];
  }

  links(): readonly Link[] {
    return this.#interfaces.map((name) => linkOf(name, this.#table.link(name)));
  }

  announce(address: InterfaceAddress): PortError | null {
    this.#listenFor(address.address);
    return this.#speak(address, (from) => this.#speaker.announce(from, address.address));
  }

  tell(address: InterfaceAddress, neighbour: Neighbour): PortError | null {
    return this.#speak(address, (from) => this.#speaker.tell(from, address.address, neighbour));
  }

  probe(address: InterfaceAddress): PortError | null {
    this.#listenFor(address.address);
    return this.#speak(address, (from) => this.#speaker.probe(from, address.address));
  }

  neighbours(): readonly { interface: string; address: string; mac: string }[] {
    const neighbours = this.#table.neighbours();
    if (!('code' in neighbours)) {
      return neighbours.filter((neighbour) => this.#interfaces.includes(neighbour.interface));
    }
    this.#problem(neighbours.text);
    return [];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#table.close();
    // The thread reads from the others until it has ended.
    this.#watch.once('exit', () => closeSockets(this.#fds));
    this.#watch.postMessage({ kind: 'stop' } satisfies ToWatch);
  }

  #speak(
    { interface: name }: InterfaceAddress,
    act: (from: Speaker) => PortError | null,
  ): PortError | null {
    if (this.#closed) return portError(Errno.EBADF, `send on ${name}`);
    if (this.#table.link(name) === null) this.#table.refreshLinks();
    const link = this.#table.link(name);
    if (link === null) return { code: 'ENODEV', text: `${name}: no such interface` };
    if (link.mac !== '') return act(link);
    return { code: 'EOPNOTSUPP', text: `${name}: has no hardware address to announce` };
  }

  /** What is never asked about is never told of, so that busy networks wake nobody. */
  #listenFor(address: string): void {
    if (this.#interest.has(address) || this.#closed) return;
    if (this.#interest.size === FILTER_ADDRESSES_MAX) {
      this.#problem(`claims of ${address} are not heard: over ${FILTER_ADDRESSES_MAX}`);
      return;
    }
    this.#interest.add(address);
    const isV6 = address.includes(':');
    const fd = isV6 ? this.#fds.advertisementFd : this.#fds.arpFd;
    const makeFilter = isV6 ? advertisementFilter : arpFilter;
    const attached = attachFilter(fd, makeFilter([...this.#interest]));
    // A socket hears nothing before it is bound, so never anything unfiltered.
    const status =
      attached < 0 ? attached : bindPacket(fd, isV6 ? ETHERTYPE_IPV6 : ETHERTYPE_ARP, 0);
    if (status < 0) this.#problem(portError(status, `listen for claims of ${address}`).text);
  }

  #onWatch(message: FromWatch): void {
    if (this.#closed) return;
    if (message.kind === 'gone') this.#onGone(message.address);
    else if (message.kind === 'claim') this.#onClaim(message);
    else if (message.kind === 'overrun') this.#resynchronise();
    else if (message.kind === 'problem') this.#problem(message.problem);
    else {
      this.#table.noteLink(message.link);
      this.#tellLinks();
    }
  }

  #onGone(gone: RouteAddress): void {
    const { index, address, prefixLength } = gone;
    const name = this.#table.nameOf(index) ?? this.#heldAt(address, prefixLength);
    if (name === null) return;
    const named = { interface: name, address, prefixLength };
    if (isLabelledOurs(gone) || this.#held.has(keyOf(named))) this.#lost(named);
  }

  #onClaim({ index, address, mac }: { index: number; address: string; mac: string }): void {
    const name = this.#table.nameOf(index);
    if (name === null || !this.#interfaces.includes(name)) return;
    if (this.#table.isOwnMac(mac) || !this.#interest.has(address)) return;
    this.#handler.onClaim({ interface: name, address, mac });
  }

  #lost(address: InterfaceAddress): void {
    this.#table.forget(address);
    this.#held.delete(keyOf(address));
    this.#handler.onLost(address);
  }

  /** An interface that was removed has no name any more when its addresses are told as gone. */
  #heldAt(address: string, prefixLength: number): string | null {
    for (const held of this.#held.values()) {
      if (held.address === address && held.prefixLength === prefixLength) return held.interface;
    }
    return null;
  }

  #tellLinks(): void {
    for (const link of this.links()) {
      const told = this.#told.get(link.interface);
      if (told?.up === link.up && told.mac === link.mac) continue;
      this.#told.set(link.interface, link);
      this.#handler.onLink(link);
    }
  }

  #resynchronise(): void {
    this.#problem('the kernel told more than could be heard: everything is read anew');
    const problem = this.#table.refreshLinks();
    if (problem !== null) this.#problem(problem.text);
    this.#tellLinks();
    const present = new Set(this.ours().map(keyOf));
    for (const [key, address] of this.#held) if (!present.has(key)) this.#lost(address);
  }

  #problem(problem: string): void {
    if (!this.#closed) this.#handler.onProblem(problem);
  }
}

/** What carries a name and a state for everybody, there or not. */
function linkOf(name: string, link: RouteLink | null): Link {
  return { interface: name, mac: link?.mac ?? '', up: link?.up ?? false };
}

function openSockets(): WatchStart | PortError {
  const fds = { routeFd: netlinkSocket(), arpFd: packetSocket(), advertisementFd: packetSocket() };
  const { link, ipv4Address, ipv6Address } = NetlinkGroup;
  const failed = Object.values(fds).find((fd) => fd < 0);
  // In order: nothing is told before it is bound, and then it is all kept for the thread.
  const status = failed ?? bindNetlink(fds.routeFd, link | ipv4Address | ipv6Address);
  if (status >= 0) {
    setNetlinkOption(fds.routeFd, NetlinkOption.receiveBufferForce, WATCH_BUFFER_BYTES);
    return fds;
  }
  closeSockets(fds);
  return portError(status, 'watch the addresses (needs root, or CAP_NET_ADMIN and CAP_NET_RAW)');
}

function closeSockets(fds: WatchStart): void {
  for (const fd of Object.values(fds)) if (fd >= 0) close(fd);
}
