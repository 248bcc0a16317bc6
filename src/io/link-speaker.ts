/**
 * Speaks to the neighbours on a link: who holds an address now, and who has it.
 *
 * What a newcomer gets wrong: these packets go out of an interface, past routes and past the
 * kernel's own ARP, so they may say what is not (yet) so. The order of things is the caller's.
 */
import { readFileSync } from 'node:fs';
import { ipOctets } from '../core/util/ip.ts';
import {
  arpProbe,
  askFor,
  ETHERTYPE_ARP,
  gratuitousReply,
  gratuitousRequest,
  replyTo,
} from '../core/wire/arp.ts';
import { ETHERTYPE_IPV4, echoRequest } from '../core/wire/echo.ts';
import { BROADCAST_MAC, macOctets, multicastMac } from '../core/wire/mac.ts';
import {
  ALL_NODES,
  ETHERTYPE_IPV6,
  neighbourProbe,
  solicit,
  solicitedNode,
  unsolicitedAdvertisement,
} from '../core/wire/neighbour.ts';
import { sendPacket } from '../sys/packet.ts';
import type { PortError } from './address-port.ts';
import { portError } from './port-error.ts';

/** An interface with a hardware address. */
export type Speaker = { readonly index: number; readonly interface: string; readonly mac: string };

export type Neighbour = {
  readonly address: string;
  readonly mac: string | null;
  readonly ping: boolean;
};

/** One packet, and the hardware address that it goes to. */
type Sent = { readonly protocol: number; readonly bytes: Uint8Array; readonly mac: string };

export class LinkSpeaker {
  readonly #fd: number;

  /** @param fd a packet socket, which stays the caller's */
  constructor(fd: number) {
    this.#fd = fd;
  }

  announce(from: Speaker, address: string): PortError | null {
    const holder = { address, mac: from.mac };
    if (isV6(address)) {
      const bytes = unsolicitedAdvertisement({ ...holder, router: isRouter(from.interface) });
      return this.#send(from, [toGroup(bytes, ALL_NODES)]);
    }
    return this.#send(from, [
      arp(gratuitousRequest(holder), BROADCAST_MAC),
      arp(gratuitousReply(holder), BROADCAST_MAC),
    ]);
  }

  tell(from: Speaker, address: string, neighbour: Neighbour): PortError | null {
    const packets = isV6(address)
      ? tellV6(from, address, neighbour)
      : tellV4(from, address, neighbour);
    return this.#send(from, packets);
  }

  probe(from: Speaker, address: string): PortError | null {
    if (isV6(address)) {
      return this.#send(from, [toGroup(neighbourProbe(address), solicitedNode(address))]);
    }
    return this.#send(from, [arp(arpProbe({ address, mac: from.mac }), BROADCAST_MAC)]);
  }

  /** Asks where a neighbour is, as the kernel does: whoever answers has noted down who asked. */
  ask(from: Speaker, own: string, neighbour: string): PortError | null {
    const holder = { address: own, mac: from.mac };
    const packet = isV6(neighbour)
      ? toGroup(solicit(neighbour, holder), solicitedNode(neighbour))
      : arp(askFor(neighbour, holder), BROADCAST_MAC);
    return this.#send(from, [packet]);
  }

  #send({ index, interface: name }: Speaker, packets: readonly Sent[]): PortError | null {
    for (const { protocol, bytes, mac } of packets) {
      const status = sendPacket(this.#fd, bytes, { protocol, index, mac: macOctets(mac)! });
      if (status < 0) return portError(status, `send on ${name}`);
    }
    return null;
  }
}

/** As Wackamole, and once more in the form that Linux never ignores (`core/wire/arp.ts`). */
function tellV4({ mac }: Speaker, address: string, neighbour: Neighbour): Sent[] {
  const holder = { address, mac };
  const to = neighbour.mac ?? BROADCAST_MAC;
  const packets = [arp(replyTo(neighbour, holder), to)];
  if (neighbour.mac !== null) packets.push(arp(gratuitousReply(holder), to));
  if (!neighbour.ping) return packets;
  const { address: destination } = neighbour;
  const ping: Sent =
    neighbour.mac === null
      ? arp(askFor(destination, holder), BROADCAST_MAC)
      : { protocol: ETHERTYPE_IPV4, bytes: echoRequest({ source: address, destination }), mac: to };
  return [...packets, ping];
}

function tellV6({ mac, interface: name }: Speaker, address: string, neighbour: Neighbour): Sent[] {
  const holder = { address, mac, router: isRouter(name) };
  const { address: destination } = neighbour;
  if (neighbour.mac === null) {
    // Only a few share this group with the neighbour, so it is nearly a unicast.
    const group = solicitedNode(destination);
    const packets = [toGroup(unsolicitedAdvertisement(holder, group), group)];
    return neighbour.ping ? [...packets, toGroup(solicit(destination, holder), group)] : packets;
  }
  const to = { protocol: ETHERTYPE_IPV6, mac: neighbour.mac };
  const packets: Sent[] = [{ ...to, bytes: unsolicitedAdvertisement(holder, destination) }];
  if (!neighbour.ping) return packets;
  return [...packets, { ...to, bytes: echoRequest({ source: address, destination }) }];
}

function arp(bytes: Uint8Array, mac: string): Sent {
  return { protocol: ETHERTYPE_ARP, bytes, mac };
}

function toGroup(bytes: Uint8Array, group: string): Sent {
  return { protocol: ETHERTYPE_IPV6, bytes, mac: multicastMac(ipOctets(group)!) };
}

function isV6(address: string): boolean {
  return address.includes(':');
}

/** Read each time: an operator may change it, and an announcement is rare. */
function isRouter(name: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${name}/forwarding`, 'latin1').trim() !== '0';
  } catch {
    return false;
  }
}
