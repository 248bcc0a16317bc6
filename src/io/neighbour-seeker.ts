/**
 * Makes the network say anew where a neighbour is, when the kernel would still wait.
 *
 * Linux asks for the hardware address of a neighbour that does not answer once a second
 * (`retrans_time_ms`, arp(7)), and keeps what is to be sent until then. So two machines that can
 * reach each other again after a cut may go on without a word for a second. A question sent past
 * the kernel is answered to it all the same, and whoever is asked notes down who asked: that mends
 * both directions (net/ipv4/arp.c, `arp_process`; net/ipv6/ndisc.c, `ndisc_recv_ns`).
 *
 * What a newcomer gets wrong: this is a help, not a need. Where it cannot be (no CAP_NET_RAW, no
 * Ethernet, a neighbour behind a router) nothing is said and the kernel's second is waited for.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { ipOctets, networkContains } from '../core/util/ip.ts';
import { LinkSpeaker, type Speaker } from './link-speaker.ts';

/** What asks, and in whose name: always a machine's own address, never one that moves. */
type Way = { readonly speaker: Speaker; readonly own: string };

/** Interfaces come and go; looking at all of them costs 60 us and more. */
const LOOK_MS = 2_000;

export class NeighbourSeeker {
  readonly #own: string | null;
  readonly #ways = new Map<string, Way | null>();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #open: { readonly speaker: LinkSpeaker; readonly close: () => void } | null = null;
  #tried = false;

  /** @param own the address to ask from; null: the first of the interface, if that is IPv4 */
  constructor(own: string | null) {
    this.#own = own;
  }

  /** @param host an IP address */
  seek(host: string, nowMs: number): void {
    if (!this.#tried) void this.#start(host, nowMs);
    if (this.#open === null) return;
    if (nowMs - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = nowMs;
      this.#ways.clear();
    }
    if (!this.#ways.has(host)) this.#ways.set(host, wayTo(host, this.#own));
    const way = this.#ways.get(host) ?? null;
    if (way !== null) this.#open.speaker.ask(way.speaker, way.own, host);
  }

  close(): void {
    this.#open?.close();
    this.#open = null;
  }

  /** Where there are no such sockets, `sys` cannot even be imported. */
  async #start(first: string, nowMs: number): Promise<void> {
    this.#tried = true;
    if (process.platform !== 'linux') return;
    const { packetSocket } = await import('../sys/packet.ts');
    const { close } = await import('../sys/socket.ts');
    const fd = packetSocket();
    if (fd < 0) return;
    this.#open = { speaker: new LinkSpeaker(fd), close: () => close(fd) };
    this.seek(first, nowMs);
  }
}

function wayTo(host: string, wanted: string | null): Way | null {
  const octets = ipOctets(host);
  if (octets === null) return null;
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, cidr, family, mac, internal } of addresses ?? []) {
      // Addresses that move have a label (`eth0:fh`), but those of IPv6 have none.
      const isOwn = wanted === null ? family === 'IPv4' && !name.includes(':') : address === wanted;
      if (!isOwn || internal || cidr === null) continue;
      const prefixLength = Number(cidr.slice(cidr.indexOf('/') + 1));
      if (!networkContains({ address, prefixLength }, octets)) continue;
      const index = indexOf(name);
      if (index !== null) return { speaker: { index, interface: name, mac }, own: address };
    }
  }
  return null;
}

function indexOf(name: string): number | null {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'latin1'));
  } catch {
    return null;
  }
}
