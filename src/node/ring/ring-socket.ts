/**
 * The UDP socket of the ring: to one member, or to whoever may be a member.
 *
 *     cast      peers configured        one datagram to each
 *               multicast configured    one to the group's address
 *               neither                 one to the broadcast address of each interface of the pool
 *     transmit  to where a member was heard from
 *
 * What a newcomer gets wrong: without peers the others are found by broadcast, so a cluster whose
 * file names only addresses (wackamole.conf) needs no list of machines. Our own broadcasts come
 * back to us; the seal knows them.
 */
import type { Endpoint } from '../../core/ring/ring-events.ts';
import { type OwnAddress, ownIpv4, UdpSocket, type UdpTargets } from '../../io/udp-socket.ts';

export type RingSocketOptions = {
  /** Our own address to listen on; null: all of them. */
  readonly host: string | null;
  readonly port: number;
  /** Addresses of the others. */
  readonly peers: readonly string[];
  readonly multicast: { readonly address: string; readonly ttl: number } | null;
  /** Where to broadcast when there are neither peers nor multicast. */
  readonly interfaces: readonly string[];
};

export type RingSocketHandler = {
  /** `bytes` are the handler's until it returns. */
  readonly onDatagram: (bytes: Uint8Array, from: Endpoint) => void;
  readonly onProblem: (problem: string) => void;
};

/** Room for a burst from 63 members while this thread is busy with something else. */
const RECEIVE_BUFFER_BYTES = 2_097_152;

/** Room for what the kernel keeps for 63 members that are off, and more for one that lives. */
const SEND_BUFFER_BYTES = 64 * 212_992;

/** More than the longest that a ring sends: a view of 64 long names. */
const DATAGRAM_BYTES_MAX = 16_384;

/** Interfaces come and go; looking costs some 50 us. */
const LOOK_MS = 2_000;

export class RingSocket {
  #options: RingSocketOptions;
  readonly #socket: UdpSocket;
  #targets: UdpTargets | null = null;
  #hosts = '';
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @returns a socket that listens, or why there is none: `EADDRINUSE port 4803/udp` */
  static open(options: RingSocketOptions, handler: RingSocketHandler): RingSocket | string {
    const { port, peers, multicast, interfaces } = options;
    const all = [...peers, multicast?.address ?? ''];
    const family = all.some((one) => one.includes(':')) ? 'udp6' : 'udp4';
    const own = { host: listenHost(options), port, datagramBytesMax: DATAGRAM_BYTES_MAX };
    const socket = UdpSocket.open({ family, ...own }, handler);
    if (!(socket instanceof UdpSocket)) return `${socket.error} port ${port}/udp`;
    socket.receiveBufferBytes = RECEIVE_BUFFER_BYTES;
    socket.sendBufferBytes = SEND_BUFFER_BYTES;
    if (multicast !== null) socket.join(multicast.address, multicast.ttl, interfaces);
    return new RingSocket(options, socket);
  }

  private constructor(options: RingSocketOptions, socket: UdpSocket) {
    this.#options = options;
    this.#socket = socket;
  }

  get fd(): number {
    return this.#socket.fd;
  }

  /** Hands over what has come. @returns whether there may be more */
  read(): boolean {
    return this.#socket.read();
  }

  /** Of the family that the socket has. */
  set peers(peers: readonly string[]) {
    this.#options = { ...this.#options, peers };
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  cast(bytes: Uint8Array, nowMs: number): void {
    if (nowMs - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = nowMs;
      const hosts = this.#look();
      if (hosts.join() !== this.#hosts) this.#targets = null;
      this.#hosts = hosts.join();
      this.#targets ??= this.#socket.targets(hosts, this.#options.port);
    }
    if (this.#targets !== null) this.#socket.send(bytes, this.#targets);
  }

  /** Where a cast goes, for somebody else to send one; multicast needs a socket of its own kind. */
  get castHosts(): readonly string[] {
    return this.#options.multicast === null ? this.#look() : [];
  }

  transmit(bytes: Uint8Array, to: Endpoint): void {
    const cut = to.lastIndexOf(' ');
    this.#socket.sendTo(bytes, to.slice(0, cut), Number(to.slice(cut + 1)));
  }

  close(): void {
    this.#socket.close();
  }

  #look(): readonly string[] {
    const { peers, multicast, interfaces } = this.#options;
    if (multicast !== null) return [multicast.address];
    if (peers.length > 0) return peers;
    return [...new Set(interfaces)].flatMap((name) => {
      const own = ownIpv4(name);
      return own === null ? [] : [broadcastOf(own)];
    });
  }
}

/**
 * Our own address to listen on, lifelines included; null: all of them. What is sent to a group
 * comes only to a socket that is bound to the group, or to nothing; and it is sent from whatever
 * address the system chooses, which then must be listened on.
 */
export function listenHost({ host, multicast }: RingSocketOptions): string | null {
  return multicast === null ? host : null;
}

/** Endpoints are `10.0.0.2 4803`: the ring takes them as they are; a space is in no address. */
export function hostOf(endpoint: Endpoint): string {
  return endpoint.slice(0, endpoint.lastIndexOf(' '));
}

function broadcastOf({ address, netmask }: OwnAddress): string {
  const mask = octetsOf(netmask);
  return octetsOf(address)
    .map((octet, index) => (octet & mask[index]!) | (~mask[index]! & 0xff))
    .join('.');
}

function octetsOf(address: string): number[] {
  return address.split('.').map(Number);
}
