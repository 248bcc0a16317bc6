/**
 * The kernel's tables of interfaces, addresses and neighbours: asked and changed, not watched.
 *
 * The guard of the addresses has only this, the node the whole of `kernel-addresses.ts`.
 *
 * What a newcomer gets wrong: interfaces are known to the kernel by an index, and one that was
 * removed and made again has the same name and another index. So an index is only a guess, and a
 * refusal because of it is tried again with a fresh one.
 */

import { ipOctets, networkContains } from '../core/util/ip.ts';
import type { NetlinkMessage } from '../core/wire/netlink.ts';
import {
  deleteAddress,
  dumpAddresses,
  isLabelledOurs,
  newAddress,
  parseAddress,
  type RouteAddress,
} from '../core/wire/route-address.ts';
import type { RouteLink } from '../core/wire/route-link.ts';
import { dumpLinks, dumpNeighbours, parseLink, parseNeighbour } from '../core/wire/route-link.ts';
import { Errno } from '../sys/libc.ts';
import type { InterfaceAddress, PortError } from './address-port.ts';
import { portError } from './port-error.ts';
import { type Refusal, RouteSocket } from './route-socket.ts';

/** No such interface. */
const ENODEV = 19;
/** No such table entry, here: a neighbour, or an interface, that went in between. */
const ENXIO = 6;

export class KernelTable {
  readonly #route: RouteSocket;
  #links = new Map<string, RouteLink>();
  /** Addresses whose network the machine had already when they were put up, see `newAddress`. */
  readonly #withoutRoute = new Map<string, boolean>();

  static open(): KernelTable | PortError {
    const route = RouteSocket.open();
    return 'code' in route ? route : new KernelTable(route);
  }

  private constructor(route: RouteSocket) {
    this.#route = route;
  }

  /**
   * Puts it up, or prolongs it. The kernel counts whole seconds, to which `validMs` is rounded up,
   * and removes the address up to 1.25 s later than that: it looks again a second after it has
   * found that nothing is due yet (`ADDRCONF_TIMER_FUZZ_MAX`). Measured on Linux 6.18, for 48
   * addresses: 2 s became 1,981 to 3,108 ms, 3 s became 2,992 to 4,240 ms.
   */
  hold(address: InterfaceAddress, validMs: number): PortError | null {
    const noPrefixRoute = this.#hasItsNetwork(address);
    const refusal = this.#onLink(address.interface, (index) =>
      this.#route.request((sequence) =>
        newAddress({ ...address, index, validMs, noPrefixRoute }, sequence),
      ),
    );
    return refusal === null ? null : toError(refusal, `put up ${nameOf(address)}`);
  }

  /** Takes it down, if it is there. */
  remove(address: InterfaceAddress): 'removed' | 'absent' | PortError {
    this.forget(address);
    const refusal = this.#onLink(address.interface, (index) =>
      this.#route.request((sequence) => deleteAddress({ ...address, index }, sequence)),
    );
    if (refusal === null) return 'removed';
    const isAbsent = [Errno.EADDRNOTAVAIL, ENODEV, ENXIO].includes(refusal.errno);
    return isAbsent ? 'absent' : toError(refusal, `take down ${nameOf(address)}`);
  }

  /** It is gone; what was found out about it is out of date. */
  forget(address: InterfaceAddress): void {
    this.#withoutRoute.delete(nameOf(address));
  }

  /**
   * @param isKnown those that are ours whatever their label says: IPv6 has none before Linux 5.18,
   *   and whoever changes an address with another program takes it away
   * @returns all that are ours or labelled so, whoever put them up; or why they cannot be listed
   */
  ours(
    isKnown: (address: InterfaceAddress) => boolean = () => false,
  ): readonly InterfaceAddress[] | PortError {
    const addresses = this.#addresses();
    if ('code' in addresses) return addresses;
    if (addresses.some(({ index }) => this.nameOf(index) === null)) this.refreshLinks();
    return addresses.flatMap((found) => {
      const { index, address, prefixLength } = found;
      const name = this.nameOf(index);
      if (name === null) return [];
      const named = { interface: name, address, prefixLength };
      return isLabelledOurs(found) || isKnown(named) ? [named] : [];
    });
  }

  neighbours(): readonly { interface: string; address: string; mac: string }[] | PortError {
    const found = this.#dump(dumpNeighbours, 'list the neighbours', parseNeighbour);
    if ('code' in found) return found;
    return found.flatMap(({ index, address, mac }) => {
      const name = this.nameOf(index);
      return name === null ? [] : [{ interface: name, address, mac }];
    });
  }

  /** Reads them all anew. @returns null, or what is wrong */
  refreshLinks(): PortError | null {
    const links = this.#dump(dumpLinks, 'list the interfaces', parseLink);
    if ('code' in links) return links;
    this.#links = new Map(links.map((link) => [link.interface, link]));
    return null;
  }

  /** As the kernel has just told. */
  noteLink(link: RouteLink): void {
    for (const [name, known] of this.#links) {
      // It may have been renamed.
      if (known.index === link.index) this.#links.delete(name);
    }
    if (link.kind === 'present') this.#links.set(link.interface, link);
  }

  link(name: string): RouteLink | null {
    return this.#links.get(name) ?? null;
  }

  nameOf(index: number): string | null {
    for (const link of this.#links.values()) if (link.index === index) return link.interface;
    return null;
  }

  /** Whether it is a hardware address of this machine. */
  isOwnMac(mac: string): boolean {
    for (const link of this.#links.values()) if (link.mac === mac) return true;
    return false;
  }

  close(): void {
    this.#route.close();
  }

  /** Whether another address of the interface brings the network of this IPv6 address along. */
  #hasItsNetwork(address: InterfaceAddress): boolean {
    if (!address.address.includes(':')) return false;
    const known = this.#withoutRoute.get(nameOf(address));
    if (known !== undefined) return known;
    const index = this.link(address.interface)?.index;
    const addresses = this.#addresses();
    const has =
      !('code' in addresses) &&
      addresses.some((other) => {
        const octets = ipOctets(other.address);
        const isSameLength = other.prefixLength === address.prefixLength;
        return (
          other.index === index &&
          isSameLength &&
          other.address !== address.address &&
          !isLabelledOurs(other) &&
          octets !== null &&
          networkContains(address, octets)
        );
      });
    this.#withoutRoute.set(nameOf(address), has);
    return has;
  }

  #addresses(): readonly RouteAddress[] | PortError {
    return this.#dump(dumpAddresses, 'list the addresses', parseAddress);
  }

  #onLink(name: string, act: (index: number) => Refusal | null): Refusal | null {
    const known = this.link(name);
    const refusal = known === null ? { errno: ENODEV, text: '' } : act(known.index);
    if (refusal?.errno !== ENODEV) return refusal;
    this.refreshLinks();
    const fresh = this.link(name);
    return fresh === null || fresh.index === known?.index ? refusal : act(fresh.index);
  }

  #dump<T>(
    build: (sequence: number) => Uint8Array,
    what: string,
    parse: (message: NetlinkMessage) => T | null,
  ): readonly T[] | PortError {
    const messages = this.#route.dump(build);
    if ('errno' in messages) return toError(messages, what);
    return messages.map(parse).filter((entry) => entry !== null);
  }
}

function toError({ errno, text }: Refusal, what: string): PortError {
  return portError(errno, what, text);
}

function nameOf({ interface: name, address, prefixLength }: InterfaceAddress): string {
  return `${address}/${prefixLength} on ${name}`;
}
