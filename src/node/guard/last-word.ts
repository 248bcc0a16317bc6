/**
 * Says to the others what a node can no longer say: that it has left the group.
 *
 * What a newcomer gets wrong: the guard knows no secret. The node has sealed this datagram in
 * advance, and it says one thing only; who hears it twice drops it. And everything is ready before
 * it is needed: to make a socket only then took 20 ms, in which nobody held the addresses.
 */
import { UdpSocket, type UdpTargets } from '../../io/udp-socket.ts';
import type { Will } from '../ring/ring-protocol.ts';

export class LastWord {
  readonly #log: (message: string) => void;
  #socket: UdpSocket | null = null;
  #targets: UdpTargets | null = null;
  /** Who it is for, as text. */
  #to = '';
  #bytes: Uint8Array | null = null;

  constructor(log: (message: string) => void) {
    this.#log = log;
  }

  /** Replaces what was to be said before. */
  prepare({ datagram, hosts, port }: Will): void {
    const to = `${port} ${hosts.join()}`;
    // Also where there was no descriptor for it the last time.
    if (to !== this.#to || this.#socket === null) this.#address(hosts, port);
    this.#to = to;
    this.#bytes = Buffer.from(datagram, 'base64');
  }

  /** Once: what was prepared is used up. */
  say(): void {
    const bytes = this.#bytes;
    this.#bytes = null;
    // One that is off answers nothing; the others are told all the same.
    if (bytes !== null && this.#targets !== null) this.#socket?.send(bytes, this.#targets);
  }

  /** What was prepared is of a life that is over. */
  forget(): void {
    this.#bytes = null;
  }

  close(): void {
    this.#socket?.close();
  }

  #address(hosts: readonly string[], port: number): void {
    this.#socket?.close();
    this.#socket = null;
    this.#targets = null;
    if (hosts.length === 0) return;
    const family = hosts.some((host) => host.includes(':')) ? 'udp6' : 'udp4';
    const onProblem = (problem: string): void => {
      this.#log(`guard: the death could not be told: ${problem}`);
    };
    // Nothing is heard on it.
    const options = { family, host: null, port: 0, datagramBytesMax: 1 } as const;
    const socket = UdpSocket.open(options, { onDatagram: () => {}, onProblem });
    if (!(socket instanceof UdpSocket)) {
      onProblem(socket.error);
      return;
    }
    this.#socket = socket;
    this.#targets = socket.targets(hosts, port);
  }
}
