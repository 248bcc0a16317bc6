/**
 * A listening socket under the epoll reactor: accepts in small batches, so that a flood of new
 * clients cannot starve the ones that are being served.
 */

import { ipText } from '../core/util/ip.ts';
import { Errno } from '../sys/libc.ts';
import { accept, acceptedAddress, close, Family } from '../sys/socket.ts';
import { type BoundSocket, listenSocket } from './epoll-sockets.ts';
import type { Listener, Timer } from './reactor.ts';

export { listenSocket };

/** The listener stays ready while more wait, so the rest comes with the next turn. */
const ACCEPTS_PER_TURN = 32;

/** As many as the kernel queues for one listener (somaxconn), before it is closed. */
const WAITING_MAX = 4_096;

/** Out of descriptors: nothing but time helps, and an unpaused listener would spin. */
const EXHAUSTED_PAUSE_MS = 100;

export type ListenerHost = {
  accepted(socket: { fd: number; remoteAddress: string; connecting: false }): void;
  closed(fd: number): void;
  watch(fd: number, watched: boolean): void;
  timer(callback: () => void): Timer;
};

export class EpollListener implements Listener {
  readonly port: number;
  readonly #fd: number;
  readonly #family: Family;
  readonly #host: ListenerHost;
  readonly #exhausted: Timer;
  #paused = false;
  #open = true;

  constructor(bound: BoundSocket, host: ListenerHost) {
    this.port = bound.port;
    this.#fd = bound.fd;
    this.#family = bound.family;
    this.#host = host;
    this.#exhausted = host.timer(() => this.#watch());
  }

  onReady(): void {
    this.#acceptUpTo(ACCEPTS_PER_TURN);
  }

  #acceptUpTo(count: number): void {
    for (let i = 0; i < count && this.#open && !this.#paused; i++) {
      const fd = accept(this.#fd);
      if (fd >= 0) {
        const remoteAddress = remoteText(this.#family);
        this.#host.accepted({ fd, remoteAddress, connecting: false });
        continue;
      }
      if (fd === -Errno.EMFILE || fd === -Errno.ENFILE) {
        this.#host.watch(this.#fd, false);
        this.#exhausted.set(EXHAUSTED_PAUSE_MS);
      }
      // Errors of the one connection, as accept(2) says to treat them: it left, others may wait.
      if (fd !== -Errno.ECONNABORTED) return;
    }
  }

  pause(): void {
    this.#paused = true;
    this.#watch();
  }

  resume(): void {
    this.#paused = false;
    this.#watch();
  }

  close(): void {
    if (!this.#open) return;
    // Who is connected already, and waits in the queue, would get a reset.
    if (!this.#paused) this.#acceptUpTo(WAITING_MAX);
    this.#open = false;
    this.#exhausted.clear();
    this.#host.closed(this.#fd);
    close(this.#fd);
  }

  #watch(): void {
    if (this.#open) this.#host.watch(this.#fd, !this.#paused);
  }
}

/** The last text made: clients come in runs, and a load balancer in front is one client. */
let lastAddress = 0;
let lastText = '0.0.0.0';

function remoteText(family: Family): string {
  const view = acceptedAddress();
  if (family === Family.unix) return '';
  if (family === Family.inet6) return ipText(new Uint8Array(view.buffer, 8, 16));
  const address = view.getUint32(4, false);
  if (address !== lastAddress) {
    lastAddress = address;
    lastText = ipText(new Uint8Array(view.buffer, 4, 4));
  }
  return lastText;
}
