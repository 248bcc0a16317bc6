/**
 * Tells those neighbours of a take-over whom the broadcast may miss: the `Notify` list and the
 * shared ARP cache, one by one, at most `throttle` in a second.
 *
 * Wackamole's idea (Amir et al., DSN 2003, 4.2), with two differences: every address of a group is
 * told of, not only the first; and the ARP cache is told again a second later, because a neighbour
 * that has just changed its entry takes no other word for a second (`locktime`, arp(7)).
 *
 * What a newcomer gets wrong: a target is told only if it lies within NET bits of the address.
 */
import type { NotifyTarget, VirtualAddress } from '../../core/address/pool.ts';
import { ipOctets, ipText, networkContains } from '../../core/util/ip.ts';
import type { SharedNeighbours } from './neighbour-share.ts';

export type Told = {
  readonly address: string;
  readonly mac: string | null;
  readonly ping: boolean;
};

/** A network of more hosts than this is told by broadcast alone: it would take minutes. */
const HOSTS_MAX = 4_096;

/** Pause between two portions of a throttled target. */
const ROUND_MS = 1_000;

/** Times the shared cache is told of one take-over. */
const CACHE_ROUNDS = 2;

export type NotifierParts = {
  readonly shared: SharedNeighbours;
  /** Whether a group may be told of now: another program may have taken it down meanwhile. */
  readonly isHere: (group: string) => boolean;
  readonly tell: (address: VirtualAddress, neighbour: Told) => void;
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
};

export class Notifier {
  /** What is being told already goes on. */
  targets: readonly NotifyTarget[];
  readonly #parts: NotifierParts;
  readonly #cancels = new Map<string, (() => void)[]>();

  constructor(targets: readonly NotifyTarget[], parts: NotifierParts) {
    this.targets = targets;
    this.#parts = parts;
  }

  /** Begins to tell of all addresses of a group. */
  start(group: string, addresses: readonly VirtualAddress[]): void {
    this.stop(group);
    this.#cancels.set(group, []);
    for (const target of this.targets) {
      for (const address of addresses) {
        if (target.kind === 'arp-cache') this.#tellCache(group, address, target.ping, 1);
        else if (target.interface === address.interface) {
          this.#tellHosts(group, address, { ...target, hosts: hostsOf(target, address) });
        }
      }
    }
  }

  stop(group: string): void {
    for (const cancel of this.#cancels.get(group) ?? []) cancel();
    this.#cancels.delete(group);
  }

  #tellCache(group: string, to: VirtualAddress, ping: boolean, round: number): void {
    if (!this.#parts.isHere(group)) {
      this.#later(group, () => this.#tellCache(group, to, ping, round));
      return;
    }
    for (const { address, mac } of this.#parts.shared) {
      if (isNear(to, address)) this.#parts.tell(to, { address, mac, ping });
    }
    if (round >= CACHE_ROUNDS) return;
    this.#later(group, () => this.#tellCache(group, to, ping, round + 1));
  }

  #tellHosts(
    group: string,
    to: VirtualAddress,
    rest: { readonly hosts: readonly string[]; readonly throttle: number; readonly ping: boolean },
  ): void {
    if (!this.#parts.isHere(group)) {
      this.#later(group, () => this.#tellHosts(group, to, rest));
      return;
    }
    const { hosts, throttle, ping } = rest;
    const now = throttle === 0 ? hosts : hosts.slice(0, throttle);
    for (const address of now) {
      this.#parts.tell(to, { address, mac: this.#parts.shared.macOf(address), ping });
    }
    const left = hosts.slice(now.length);
    if (left.length === 0) return;
    this.#later(group, () => this.#tellHosts(group, to, { ...rest, hosts: left }));
  }

  #later(group: string, callback: () => void): void {
    this.#cancels.get(group)?.push(this.#parts.after(callback, ROUND_MS));
  }
}

/** Within NET bits of the address, and of its family. */
function isNear({ address, notifyPrefixLength }: VirtualAddress, other: string): boolean {
  const octets = ipOctets(other);
  if (octets === null) return false;
  return networkContains({ address, prefixLength: notifyPrefixLength }, octets);
}

/** The hosts of a network that are near the address. */
function hostsOf(
  target: Extract<NotifyTarget, { kind: 'network' }>,
  address: VirtualAddress,
): readonly string[] {
  const octets = ipOctets(target.address);
  if (octets === null) return [];
  const hostBits = octets.length * 8 - target.prefixLength;
  if (hostBits === 0) return isNear(address, target.address) ? [target.address] : [];
  const count = 2 ** hostBits;
  if (count > HOSTS_MAX) return [];
  const hosts: string[] = [];
  // Without the network's own address and its broadcast address, who are nobody.
  for (let host = 1; host < count - 1; host++) {
    const text = ipText(withHost(octets, target.prefixLength, host));
    if (isNear(address, text) && text !== address.address) hosts.push(text);
  }
  return hosts;
}

function withHost(network: Uint8Array, prefixLength: number, host: number): Uint8Array {
  const octets = Uint8Array.from(network);
  let rest = host;
  for (let bit = network.length * 8 - 1; bit >= prefixLength; bit--) {
    const at = bit >> 3;
    const mask = 1 << (7 - (bit & 7));
    octets[at] = (rest & 1) === 1 ? octets[at]! | mask : octets[at]! & ~mask;
    rest >>= 1;
  }
  return octets;
}
