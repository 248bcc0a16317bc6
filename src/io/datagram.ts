/**
 * Datagrams among nodes: sent to every destination, heard on every port they are sent to.
 *
 *     destination 224.0.0.0 and up, ff00::     multicast; the group is joined, the ttl counts
 *     any other                                broadcast or unicast: told by the network, not by us
 *
 * Two bodies: this one on `node:dgram`, and `sim/datagram.ts`; `sim/datagram.conformance.test.ts`
 * holds both to what is written here.
 *
 * What a newcomer gets wrong: a datagram may come back to its sender, come twice, come late, or not
 * at all, and `send` cannot know. The address is shared (SO_REUSEADDR), so several nodes of one
 * machine hear a broadcast each; a unicast only one of them hears.
 */
import dgram from 'node:dgram';

export type DatagramDestination = {
  readonly host: string;
  readonly port: number;
  readonly ttl: number;
};

export type DatagramOptions = {
  readonly destinations: readonly DatagramDestination[];
  /**
   * Own address of the interface that multicast leaves and is heard on; null: the system's choice.
   */
  readonly interfaceAddress: string | null;
};

export type DatagramHandler = {
  /** `bytes` are the handler's until it returns. */
  readonly onDatagram: (bytes: Uint8Array, senderAddress: string) => void;
  /** Sending or joining failed, `ENETUNREACH 192.168.1.255:4445`; it goes on with the others. */
  readonly onProblem: (problem: string) => void;
};

export type DatagramPort = {
  /** To every destination. `bytes` may be changed once this has returned. */
  send(bytes: Uint8Array): void;
  /** Nothing is sent or heard any more. Idempotent. */
  close(): void;
};

/**
 * @returns the port, or why not even one destination's port can be heard: `EADDRINUSE 0.0.0.0:4445`
 */
export type OpenDatagrams = (
  options: DatagramOptions,
  handler: DatagramHandler,
) => Promise<DatagramPort | { readonly problem: string }>;

export const openDatagrams: OpenDatagrams = async (options, handler) => {
  const port = new UdpPort(options, handler);
  const problem = await port.listen();
  if (problem === null) return port;
  port.close();
  return { problem };
};

class UdpPort implements DatagramPort {
  readonly #options: DatagramOptions;
  readonly #handler: DatagramHandler;
  /** By family and port. They send broadcast and unicast, too, so that answers would find us. */
  readonly #listeners = new Map<string, dgram.Socket>();
  /** By family and ttl, which is a socket's and not a datagram's. */
  readonly #multicasters = new Map<string, dgram.Socket>();
  #closed = false;

  constructor(options: DatagramOptions, handler: DatagramHandler) {
    this.#options = options;
    this.#handler = handler;
  }

  /** @returns null, or the first problem */
  async listen(): Promise<string | null> {
    for (const destination of this.#options.destinations) {
      const key = `${familyOf(destination.host)} ${destination.port}`;
      if (!this.#listeners.has(key)) {
        const socket = dgram.createSocket({ type: familyOf(destination.host), reuseAddr: true });
        this.#listeners.set(key, socket);
        const problem = await bound(socket, destination.port);
        if (problem !== null) return problem;
        socket.setBroadcast(true);
        this.#hear(socket);
      }
      if (isMulticast(destination.host)) await this.#join(destination, key);
    }
    return null;
  }

  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    const copy = Uint8Array.from(bytes);
    for (const { host, port, ttl } of this.#options.destinations) {
      const family = familyOf(host);
      const socket = isMulticast(host)
        ? this.#multicasters.get(`${family} ${ttl}`)
        : this.#listeners.get(`${family} ${port}`);
      socket?.send(copy, port, host, (error) => {
        if (error !== null && !this.#closed) {
          this.#handler.onProblem(`${codeOf(error)} ${host}:${port}`);
        }
      });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of [...this.#listeners.values(), ...this.#multicasters.values()]) {
      socket.close();
    }
  }

  #hear(socket: dgram.Socket): void {
    socket.on('message', (bytes, { address }) => {
      // The zone of a link-local address is our name for our interface, not part of who sent it.
      if (!this.#closed) this.#handler.onDatagram(bytes, address.replace(/%.*$/, ''));
    });
    socket.on('error', (error) => this.#handler.onProblem(codeOf(error)));
  }

  /** Not to be heard there is no reason to be silent: the other destinations still count. */
  async #join({ host, port, ttl }: DatagramDestination, key: string): Promise<void> {
    const family = familyOf(host);
    // An IPv6 interface is named by its zone, not by an address, so there the system chooses.
    const address = family === 'udp4' ? (this.#options.interfaceAddress ?? undefined) : undefined;
    try {
      this.#listeners.get(key)!.addMembership(host, address);
    } catch (error) {
      // Two destinations may name one group.
      if (codeOf(error) !== 'EADDRINUSE')
        this.#handler.onProblem(`${codeOf(error)} ${host}:${port}`);
    }
    if (this.#multicasters.has(`${family} ${ttl}`)) return;
    const socket = dgram.createSocket(family);
    this.#multicasters.set(`${family} ${ttl}`, socket);
    socket.on('error', (error) => this.#handler.onProblem(codeOf(error)));
    const problem = await bound(socket, 0);
    if (problem !== null) return this.#handler.onProblem(problem);
    try {
      socket.setMulticastTTL(ttl);
      if (address !== undefined) socket.setMulticastInterface(address);
    } catch (error) {
      this.#handler.onProblem(`${codeOf(error)} ${host}:${port}`);
    }
  }
}

/** RFC 5771: 224.0.0.0/4, and what is above it is the limited broadcast. RFC 4291 2.7: ff00::/8. */
export function isMulticast(host: string): boolean {
  if (host.includes(':')) return /^ff/i.test(host);
  const first = Number(host.split('.')[0]);
  return first >= 224 && first < 240;
}

function familyOf(host: string): 'udp4' | 'udp6' {
  return host.includes(':') ? 'udp6' : 'udp4';
}

/** @returns null once the socket is bound to every address, or why it cannot be */
function bound(socket: dgram.Socket, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const onError = (error: Error) => resolve(`${codeOf(error)} port ${port}`);
    socket.once('error', onError);
    socket.bind({ port }, () => {
      socket.removeListener('error', onError);
      resolve(null);
    });
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
