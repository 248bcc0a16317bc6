/**
 * Is a machine that owes us an answer still there? Found out by connecting to it once more.
 *
 *     connection made, or refused  ─► it is there, and its answer takes long
 *     neither, in connectTimeoutMs ─► it is gone; whoever waits for it is told
 *
 * A machine whose cable or power is out closes nothing: a kept connection to it is merely silent,
 * and would be waited on for responseTimeoutMs. What a newcomer gets wrong: "refused" is good news.
 * A node that drains takes no connections while it still works on what it has.
 */
import type { Connection, ConnectionHandler, SocketError, Timer } from '../io/reactor.ts';
import type { Backend } from './backend.ts';
import type { Relay } from './relay.ts';
import type { Upstream } from './upstream.ts';

/** What the network says of a machine that is not there, when it says anything. */
const GONE: readonly (SocketError | null)[] = ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'];

export class Probe implements ConnectionHandler {
  /** Who wants to know. */
  readonly waiting: Backend[] = [];
  readonly #upstream: Upstream;
  readonly #timer: Timer;
  #timedOut = false;

  constructor(relay: Relay, upstream: Upstream) {
    this.#upstream = upstream;
    const connection = relay.reactor.connect(upstream.address, this);
    this.#timer = relay.reactor.timer(() => {
      this.#timedOut = true;
      connection.destroy();
    });
    this.#timer.set(relay.limits.connectTimeoutMs);
  }

  onConnect(connection: Connection): void {
    connection.destroy();
  }

  onData(_: Connection, _memory: Uint8Array, _start: number, end: number): number {
    return end;
  }

  onEnd(connection: Connection): void {
    connection.destroy();
  }

  onDrain(): void {}

  onClose(_: Connection, error: SocketError | null): void {
    this.#timer.clear();
    this.#upstream.probe = null;
    if (!this.#timedOut && !GONE.includes(error)) return;
    this.#upstream.clear();
    for (const backend of this.waiting) backend.lose();
  }
}
