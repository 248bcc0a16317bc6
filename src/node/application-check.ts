/**
 * Watches whether this node's application takes connections, so that the announcement can say so.
 *
 * It connects and closes again, once per interval and at once when a worker was refused. What a
 * newcomer gets wrong: this is not how the relay learns of failures; it meets them itself. This is
 * how the *other* machines learn, before they send anything here.
 */
import { connect } from 'node:net';
import { HEALTHY, type Health, judged } from '../core/cluster/health.ts';
import type { Address } from '../io/reactor.ts';

/** A local application that does not even accept within this is as good as gone. */
const CONNECT_TIMEOUT_MS = 1_000;

export class ApplicationCheck {
  readonly #address: Address;
  readonly #onChange: (sick: boolean) => void;
  readonly #interval: NodeJS.Timeout;
  #health: Health = HEALTHY;
  #checking = false;

  /** @param onChange called when the application is found sick, and when it has recovered */
  constructor(address: Address, intervalMs: number, onChange: (sick: boolean) => void) {
    this.#address = address;
    this.#onChange = onChange;
    this.#interval = setInterval(() => this.check(), intervalMs);
    this.check();
  }

  get sick(): boolean {
    return this.#health.sick;
  }

  /** Tries now. One attempt at a time: more would say the same. */
  check(): void {
    if (this.#checking) return;
    this.#checking = true;
    const address = this.#address;
    const socket =
      address.kind === 'unix'
        ? connect({ path: address.path })
        : connect({ host: address.host, port: address.port });
    const judge = (connected: boolean): void => {
      if (!this.#checking) return;
      this.#checking = false;
      socket.destroy();
      const before = this.#health;
      this.#health = judged(before, connected);
      if (this.#health.sick !== before.sick) this.#onChange(this.#health.sick);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => judge(false));
    socket.once('connect', () => judge(true));
    socket.once('error', () => judge(false));
  }

  stop(): void {
    clearInterval(this.#interval);
  }
}
