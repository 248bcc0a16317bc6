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
 * Ethernet, a neighbour behind a router) nothing is said and the kernel's second is waited for. And
 * the question names its sender, so that must be an address which never moves.
 */
import { networkInterfaces } from 'node:os';
import { ipOctets, ipText, networkContains } from '../core/util/ip.ts';
import { interfaceIndex } from '../sys/interface-names.ts';
import { packetSocket } from '../sys/packet.ts';
import { close } from '../sys/socket.ts';
import { LinkSpeaker, type Speaker } from './link-speaker.ts';

/** Where our own address is now; null: nowhere that could be asked from. */
type Side = { readonly speaker: Speaker; readonly prefixLength: number };

/** Interfaces come and go; looking at all of them costs 60 us, on a host of containers 3 ms. */
const LOOK_MS = 2_000;

/** Several lives of a node are at one address. */
const AGAIN_MS = 50;

const NO_MAC = '00:00:00:00:00:00';

export class NeighbourSeeker {
  readonly #own: string;
  readonly #fd = packetSocket();
  readonly #speaker = new LinkSpeaker(this.#fd);
  readonly #askedMs = new Map<string, number>();
  #side: Side | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param own the machine's address among the nodes */
  constructor(own: string) {
    this.#own = own;
  }

  /** @param host an IP address, also of the form `::ffff:10.0.0.2` */
  seek(host: string, nowMs: number): void {
    if (this.#fd < 0) return;
    if (nowMs - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = nowMs;
      this.#side = sideOf(this.#own);
      this.#askedMs.clear();
    }
    const octets = ipOctets(host);
    if (octets === null || this.#side === null) return;
    const { speaker, prefixLength } = this.#side;
    if (!networkContains({ address: this.#own, prefixLength }, octets)) return;
    if (nowMs - (this.#askedMs.get(host) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    this.#askedMs.set(host, nowMs);
    this.#speaker.ask(speaker, this.#own, ipText(octets));
  }

  close(): void {
    if (this.#fd >= 0) close(this.#fd);
  }
}

function sideOf(own: string): Side | null {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const found = addresses?.find(({ address }) => address === own);
    if (found === undefined) continue;
    const { cidr, mac, internal } = found;
    if (internal || cidr === null || mac === NO_MAC) return null;
    // An address with a label is listed under that: `eth0:1`.
    const device = name.split(':')[0]!;
    const index = interfaceIndex(device);
    if (index === null) return null;
    const prefixLength = Number(cidr.slice(cidr.indexOf('/') + 1));
    return { speaker: { index, interface: device, mac }, prefixLength };
  }
  return null;
}
