/**
 * Where a proxy worker listens, and how that changes in a reload.
 *
 * What a newcomer gets wrong: a new address is listened on before anybody knows whether the reload
 * comes about. Its clients wait in the kernel's queue until then; when it does not, they are sent
 * away as if nobody had listened.
 */
import type { ClusterConfig, ListenAddress } from '../core/cluster/config.ts';
import { listenText } from '../core/cluster/difference.ts';
import type { Listener } from '../io/reactor.ts';
import type { Relay } from '../proxy/relay.ts';
import { cannotListen, isOfPool, listenAddress } from './listen-addresses.ts';

export type Opened = ReadonlyMap<string, Listener>;

export class Doors {
  readonly #relay: Relay;
  readonly #open = new Map<string, Listener>();
  /** At addresses of a pool on the loopback. */
  readonly #held = new Map<string, Listener>();
  #hosts: readonly string[] = [];
  #holding: Promise<string | null> = Promise.resolve(null);

  constructor(relay: Relay) {
    this.#relay = relay;
  }

  /**
   * Opens what is wanted and not open, and leaves it paused.
   *
   * @returns what was opened; or, with all of it closed again, why something could not be
   */
  async open(config: ClusterConfig): Promise<Opened | { readonly problem: string }> {
    const opened = new Map<string, Listener>();
    for (const [name, wanted] of byName(config.listen)) {
      if (this.#open.has(name)) continue;
      const options = { reusePort: true, freeBind: isOfPool(wanted.host, config) };
      const listener = await this.#relay.listen(listenAddress(wanted), options);
      if (typeof listener === 'string') {
        this.abandon(opened);
        return { problem: cannotListen(wanted, listener, config) };
      }
      listener.pause();
      opened.set(name, listener);
    }
    return opened;
  }

  /** Lets the clients in at those, and in no more at what is not wanted. */
  admit(opened: Opened, config: ClusterConfig): void {
    const wanted = byName(config.listen);
    for (const [name, listener] of this.#open) {
      if (wanted.has(name)) continue;
      this.#open.delete(name);
      this.#relay.unlisten(listener);
    }
    for (const [name, listener] of opened) {
      this.#open.set(name, listener);
      this.#relay.admit(listener);
    }
  }

  /**
   * Listens at these addresses, too, on every configured port, and at no others that it was told
   * of before.
   *
   * @returns null, or what could not be had
   */
  hold(hosts: readonly string[], config: ClusterConfig): Promise<string | null> {
    this.#hosts = hosts;
    // One after the other: a listener comes about a moment later, and may not be wanted by then.
    this.#holding = this.#holding.then(() => this.#holdNow(hosts, config));
    return this.#holding;
  }

  /** What `hold` was told last. */
  get hosts(): readonly string[] {
    return this.#hosts;
  }

  async #holdNow(hosts: readonly string[], { listen }: ClusterConfig): Promise<string | null> {
    const ports = new Set(listen.map(({ port }) => port));
    const wanted = hosts.flatMap((host) => [...ports].map((port) => ({ host, port })));
    const names = new Set(wanted.map(listenText));
    for (const [name, listener] of this.#held) {
      if (names.has(name)) continue;
      this.#held.delete(name);
      this.#relay.unlisten(listener);
    }
    const problems: string[] = [];
    for (const address of wanted) {
      const name = listenText(address);
      if (this.#held.has(name)) continue;
      const options = { reusePort: true, freeBind: false };
      const listener = await this.#relay.listen(listenAddress(address), options);
      // The others are to answer all the same.
      if (typeof listener === 'string') problems.push(`${name}: ${listener}`);
      else this.#held.set(name, listener);
    }
    return problems.length === 0 ? null : `cannot listen at ${problems.join(', ')}`;
  }

  abandon(opened: Opened): void {
    for (const listener of opened.values()) this.#relay.unlisten(listener);
  }
}

/** One address may be written twice; `:0` is another port each time. */
function byName(listen: readonly ListenAddress[]): Map<string, ListenAddress> {
  const named = new Map<string, ListenAddress>();
  for (const address of listen) {
    let name = listenText(address);
    for (let count = 2; named.has(name); count++) name = `${listenText(address)} (${count})`;
    named.set(name, address);
  }
  return named;
}
