/**
 * One life of a simulated node's daemon: the real Keeper and the real AddressDriver, on the real
 * ring of `sim/ring/world.ts` and on a simulated kernel.
 *
 *     ring ── hop ──► inbox ─► AddressDriver ─► Keeper
 *     timers, kernel ───┘            └── hop ──► ring
 *
 * What a newcomer gets wrong: the ring has a thread of its own. What it says reaches the main
 * thread a moment later, and when that hangs, the ring goes on without it; a frozen process stands
 * still as a whole. In both cases what has arrived waits in the inbox.
 */
import { Keeper } from '../../src/core/address/keeper.ts';
import type { AddressesConfig } from '../../src/core/cluster/config.ts';
import type { GroupEvent } from '../../src/core/ring/group.ts';
import type { AddressPort, InterfaceAddress, OpenAddressPort } from '../../src/io/address-port.ts';
import { AddressDriver } from '../../src/node/address/address-driver.ts';
import type { SimulatedMachine } from '../addresses.ts';
import type { App, AppHost } from '../ring/app.ts';

/** The ring's judge knows a message again by who and which: two doubles before its bytes. */
const ID_BYTES = 16;

export type ClusterNodeParts = {
  readonly host: AppHost;
  readonly config: AddressesConfig;
  readonly machine: SimulatedMachine;
  /** From one thread to the other. */
  readonly hopMs: number;
  /** On the node's own clock. */
  readonly later: (run: () => void, delayMs: number) => void;
  readonly link: (up: boolean) => void;
  readonly serving: (on: boolean) => void;
  /** Before it tells neighbours that it has an address. */
  readonly onAnnounce: (address: InterfaceAddress) => void;
  readonly onLog: (text: string) => void;
  readonly onGroup: (event: GroupEvent) => void;
  /** It answers again, or does not any more. */
  readonly onRunning: () => void;
};

export class ClusterNode implements App {
  readonly keeper: Keeper;
  readonly driver: AddressDriver;
  readonly #parts: ClusterNodeParts;
  #port: AddressPort | null = null;
  #over = false;
  #frozen = false;
  #hung = false;
  #sentCount = 0;
  readonly #outbox: Uint8Array[] = [];
  readonly #inbox: (() => void)[] = [];

  constructor(parts: ClusterNodeParts) {
    this.#parts = parts;
    const { host, config } = parts;
    const log = (text: string): void => {
      host.trace(`: ${text}`);
      parts.onLog(text);
    };
    this.keeper = new Keeper({ ...config, name: host.self.name }, host.nowMs());
    this.driver = new AddressDriver(config, {
      keeper: this.keeper,
      openPort: (options, handler) => this.#open(options, handler),
      hasOwnAddress: () => true,
      nowMs: host.nowMs,
      after: (callback, delayMs) => this.#after(callback, delayMs),
      send: (bytes) => this.#send(bytes),
      onCutOff: (cutOff) => parts.later(() => parts.link(!cutOff), parts.hopMs),
      onServing: (on) => parts.later(() => parts.serving(on), parts.hopMs),
      onHolding: () => {},
      onLeaving: () => {},
      isBusy: () => false,
      onChange: ({ event, group, cause }) => log(`${group} is ${event} here: ${cause}`),
      causeOf: (group) => this.keeper.causeOf(group),
      count: () => {},
      log,
    });
    this.driver.start();
    parts.later(() => parts.serving(false), 0);
  }

  /** The process runs, whether or not its main thread does. */
  get running(): boolean {
    return !this.#over && !this.#frozen;
  }

  get busy(): boolean {
    return this.#frozen || this.#hung;
  }

  event(event: GroupEvent): void {
    this.#parts.onGroup(event);
    const hear = (): void => {
      const isMessage = event.kind === 'message';
      const bytes = isMessage ? event.bytes.subarray(ID_BYTES) : null;
      this.driver.onGroup(isMessage ? { ...event, bytes: bytes! } : event);
    };
    if (this.#parts.hopMs === 0) this.#post(hear);
    else this.#parts.later(() => this.#post(hear), this.#parts.hopMs);
  }

  tick(): void {
    for (const bytes of this.#outbox.splice(0)) this.#parts.host.send(bytes);
  }

  frozen(): void {
    this.#frozen = true;
    this.#parts.onRunning();
  }

  thawed(): void {
    this.#frozen = false;
    this.#parts.onRunning();
    // What comes first, timers that are due or the ring's word, is chance.
    if (this.#parts.host.random.chance(0.5)) this.#readInbox();
    else this.#parts.later(() => this.#readInbox(), 0);
  }

  /** The main thread alone stands still. */
  hang(durationMs: number): void {
    if (this.#hung) return;
    this.#hung = true;
    this.#parts.host.trace(`main thread hangs for ${durationMs}`);
    this.#parts.later(() => {
      this.#hung = false;
      this.#readInbox();
    }, durationMs);
  }

  ended(why: 'crash' | 'leave'): void {
    if (why === 'leave') this.driver.stop();
    this.#over = true;
    // A dead process has no sockets.
    this.#port?.close();
    this.#parts.onRunning();
  }

  /** What the world does to the daemon: an operator's wish, the proxy's health. */
  ask(run: (driver: AddressDriver) => void): void {
    this.#post(() => run(this.driver));
  }

  #post(run: () => void): void {
    if (this.#over) return;
    if (this.#frozen || this.#hung) this.#inbox.push(run);
    else run();
  }

  #readInbox(): void {
    while (!this.#over && !this.busy && this.#inbox.length > 0) this.#inbox.shift()!();
  }

  #after(callback: () => void, delayMs: number): () => void {
    let cancelled = false;
    const run = (): void => {
      if (!cancelled) callback();
    };
    this.#parts.later(() => {
      if (!cancelled) this.#post(run);
    }, delayMs);
    return () => {
      cancelled = true;
    };
  }

  #send(message: Uint8Array): void {
    const { host, hopMs } = this.#parts;
    const bytes = new Uint8Array(ID_BYTES + message.length);
    const view = new DataView(bytes.buffer);
    view.setFloat64(0, host.self.bootId);
    view.setFloat64(8, this.#sentCount++);
    bytes.set(message, ID_BYTES);
    // The first one asks for a turn, and takes along what is said until then.
    if (this.#outbox.push(bytes) === 1) host.wake(host.nowMs() + hopMs);
  }

  #open(...[options, handler]: Parameters<OpenAddressPort>): ReturnType<OpenAddressPort> {
    const { machine, onAnnounce } = this.#parts;
    const port = machine.open(options, {
      onLost: (address) => this.#post(() => handler.onLost(address)),
      onLink: (link) => this.#post(() => handler.onLink(link)),
      onClaim: (claim) => this.#post(() => handler.onClaim(claim)),
      onProblem: (problem) => this.#post(() => handler.onProblem(problem)),
    });
    if ('code' in port) return port;
    this.#port = port;
    return {
      ...port,
      announce: (address) => {
        onAnnounce(address);
        return port.announce(address);
      },
      tell: (address, neighbour) => {
        onAnnounce(address);
        return port.tell(address, neighbour);
      },
    };
  }
}
