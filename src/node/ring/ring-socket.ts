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
import dgram from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Endpoint } from '../../core/ring/ring-events.ts';

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
const BUFFER_BYTES = 2_097_152;

/** Interfaces come and go; looking costs some 50 us. */
const LOOK_MS = 2_000;

export class RingSocket {
  #options: RingSocketOptions;
  readonly #handler: RingSocketHandler;
  readonly #socket: dgram.Socket;
  #targets: readonly string[] = [];
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: RingSocketOptions, handler: RingSocketHandler) {
    this.#options = options;
    this.#handler = handler;
    const all = [...options.peers, options.multicast?.address ?? ''];
    const type = all.some((host) => host.includes(':')) ? 'udp6' : 'udp4';
    // Every address here is a literal, so nothing is ever looked up.
    const lookup = (host: string, _: unknown, found: (e: null, h: string, f: number) => void) =>
      found(null, host, host.includes(':') ? 6 : 4);
    this.#socket = dgram.createSocket({ type, lookup: lookup as never });
  }

  /** @returns null once it listens, or why it cannot: `EADDRINUSE port 4803/udp` */
  open(): Promise<string | null> {
    const { host, port, multicast } = this.#options;
    const socket = this.#socket;
    return new Promise((resolve) => {
      socket.once('error', (error) => resolve(`${codeOf(error)} port ${port}/udp`));
      const at = host === null ? { port } : { port, address: host };
      socket.bind({ ...at, exclusive: true }, () => {
        socket.removeAllListeners('error');
        socket.on('error', (error) => this.#handler.onProblem(codeOf(error)));
        socket.on('message', (bytes, sender) => {
          this.#handler.onDatagram(bytes, endpointOf(sender.address, sender.port));
        });
        socket.setBroadcast(true);
        trying(() => socket.setRecvBufferSize(BUFFER_BYTES), this.#handler.onProblem);
        trying(() => this.#join(multicast), this.#handler.onProblem);
        resolve(null);
      });
    });
  }

  /** Of the family that the socket has. */
  set peers(peers: readonly string[]) {
    this.#options = { ...this.#options, peers };
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  cast(bytes: Uint8Array, nowMs: number): void {
    if (nowMs - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = nowMs;
      this.#targets = this.#look();
    }
    for (const host of this.#targets) this.#send(bytes, host, this.#options.port);
  }

  /** Where a cast goes, for somebody else to send one; multicast needs a socket of its own kind. */
  get castHosts(): readonly string[] {
    return this.#options.multicast === null ? this.#look() : [];
  }

  transmit(bytes: Uint8Array, to: Endpoint): void {
    const cut = to.lastIndexOf(' ');
    this.#send(bytes, to.slice(0, cut), Number(to.slice(cut + 1)));
  }

  close(): void {
    this.#socket.close();
  }

  #join(multicast: RingSocketOptions['multicast']): void {
    if (multicast === null) return;
    const socket = this.#socket;
    socket.setMulticastTTL(multicast.ttl);
    const own = this.#options.interfaces.map((name) => ownIpv4(name)?.address);
    for (const address of own.length === 0 ? [undefined] : own) {
      socket.addMembership(multicast.address, address);
      if (address !== undefined) socket.setMulticastInterface(address);
    }
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

  #send(bytes: Uint8Array, host: string, port: number): void {
    this.#socket.send(bytes, port, host, (error) => {
      // A peer that is off is nothing to tell of; that we cannot send at all is.
      if (error !== null) this.#handler.onProblem(`${codeOf(error)} to ${host}`);
    });
  }
}

/** The ring takes endpoints as they are; a space is in no address. */
export function endpointOf(host: string, port: number): Endpoint {
  return `${host} ${port}`;
}

export function hostOf(endpoint: Endpoint): string {
  return endpoint.slice(0, endpoint.lastIndexOf(' '));
}

type OwnAddress = { readonly address: string; readonly netmask: string };

/** The interface's first address. A virtual one of ours is listed under its label, `eth0:fh`. */
function ownIpv4(name: string): OwnAddress | null {
  return networkInterfaces()[name]?.find(({ family }) => family === 'IPv4') ?? null;
}

function broadcastOf({ address, netmask }: OwnAddress): string {
  const mask = octetsOf(netmask);
  return octetsOf(address)
    .map((octet, index) => (octet & mask[index]!) | (~mask[index]! & 0xff))
    .join('.');
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}

function trying(action: () => void, onProblem: (problem: string) => void): void {
  try {
    action();
  } catch (error) {
    onProblem(codeOf(error as Error));
  }
}

function octetsOf(address: string): number[] {
  return address.split('.').map(Number);
}
