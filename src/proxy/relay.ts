/**
 * One proxy worker: what all of its clients and backends share.
 *
 *     listener ─► Client ─► zone, chain ─► Upstream ─► Backend ─► node
 *                   ▲                                     │
 *                   └──────────── the answer ◄────────────┘
 *
 * What a newcomer gets wrong: a worker is one thread in one loop, so everything here is shared by
 * turns and nothing by locks. The request in hand is described by objects that the next request
 * overwrites (`asking`, `candidates`, pooled heads): none may be kept past its callback.
 */
import { Candidates, type Server } from '../core/candidacy/candidates.ts';
import type { Limits } from '../core/cluster/config.ts';
import { Parse } from '../core/http1/head.ts';
import { parseRequestHead, RequestHead } from '../core/http1/request-head.ts';
import { ResponseHead } from '../core/http1/response-head.ts';
import { ipOctets, networkContains } from '../core/util/ip.ts';
import type {
  Address,
  Connection,
  Listener,
  ListenOptions,
  Reactor,
  SocketError,
} from '../io/reactor.ts';
import { BufferView } from './buffer-view.ts';
import { Client } from './client.ts';
import { At, type Counters } from './counters.ts';
import { Decision, type Peer, Way } from './decision.ts';
import { SAVED_BYTES_MAX } from './exchange.ts';
import type { RelayOptions, RelayParts, ReloadedParts } from './parts.ts';
import { Pool } from './pool.ts';
import { Provenances } from './provenance.ts';
import { RequestAsking } from './request-asking.ts';
import { RetryBudget } from './retry-budget.ts';
import { NO_SLOT, SELF_SLOT, Upstream } from './upstream.ts';

/** A queue for one busy turn's worth of new clients; the kernel's own limit is somaxconn. */
const BACKLOG = 4_096;

/** Heads are about 3 KB each; only those of slow peers are held at all. */
const HEADS_IDLE_MAX = 64;

/** As many copies of requests as are usually under way at once: 4 MB for each worker. */
const SAVED_IDLE_MAX = 1_024;

/** Peers remembered: about 1 KB each, and more clients than connect again within minutes. */
const PEERS_MAX = 8_192;

export type KnownPeer = Peer & { readonly provenances: Provenances };

export class Relay {
  readonly reactor: Reactor;
  readonly counters: Counters;
  // Of the configuration, and exchanged by `reload` between two requests:
  parts: RelayParts;
  options: RelayOptions;
  requestHeads: Pool<RequestHead>;
  responseHeads: Pool<ResponseHead>;
  application: Upstream | null;
  readonly candidates = new Candidates();
  readonly decision = new Decision();
  /** The request in hand, as a chain sees it. */
  readonly asking: RequestAsking;
  /** Copies of small requests that may have to be sent again. */
  readonly savedRequests = new Pool(() => new Uint8Array(SAVED_BYTES_MAX), SAVED_IDLE_MAX);
  /** Of the receive buffer, which they are copied from. */
  readonly buffers = new BufferView();
  readonly retries: RetryBudget;
  /** The main thread, which knows more than a worker (`Way.admin`). */
  readonly admin: Upstream | null;
  /** Every answer is the last one on its connection. */
  stopping = false;

  readonly #upstreams: (Upstream | undefined)[] = [];
  readonly #peers = new Map<string, KnownPeer>();
  readonly #clients = new Set<Client>();
  readonly #listeners = new Set<Listener>();
  #full = false;

  constructor(options: RelayOptions, parts: RelayParts) {
    this.options = options;
    this.parts = parts;
    this.reactor = parts.reactor;
    this.counters = parts.counters;
    this.requestHeads = headPool(RequestHead, options.limits);
    this.responseHeads = headPool(ResponseHead, options.limits);
    this.asking = new RequestAsking(parts.random);
    this.retries = new RetryBudget(parts.reactor.monotonicMs);
    this.application = applicationOf(options);
    const { admin, limits } = options;
    const asNobody = { slot: NO_SLOT, name: '', idleMax: limits.poolIdleMax, isApplication: false };
    this.admin = admin === null ? null : new Upstream(admin, asNobody);
  }

  get limits(): Limits {
    return this.options.limits;
  }

  get poolsConnections(): boolean {
    return this.options.connectionPools;
  }

  /**
   * Goes by another configuration from the next request on. What is under way ends as it began;
   * connections of either side stay, unless they are with an application that is no longer ours.
   */
  reload(options: RelayOptions, parts: ReloadedParts): void {
    const before = this.options;
    this.options = options;
    this.parts = { ...this.parts, ...parts };
    if (options.limits.headBytesMax !== before.limits.headBytesMax) {
      this.requestHeads = headPool(RequestHead, options.limits);
      this.responseHeads = headPool(ResponseHead, options.limits);
    }
    if (!sameAddress(options.application, before.application)) {
      this.application?.retire();
      this.application = applicationOf(options);
    }
    for (const upstream of [...this.#upstreams, this.application]) {
      if (upstream == null) continue;
      upstream.idleMax = options.limits.poolIdleMax;
      if (!options.connectionPools) upstream.clear();
    }
    this.#peers.clear();
    for (const client of this.#clients) client.peer = this.peer(client.peer.address);
    this.#weighClients();
  }

  /** @returns the listener, or why the address cannot be had. */
  async listen(
    address: Address,
    options: Omit<ListenOptions, 'address' | 'backlog'> = { reusePort: false },
  ): Promise<Listener | SocketError> {
    const listener = await this.reactor.listen(
      { address, backlog: BACKLOG, ...options },
      (connection) => this.#accept(connection),
    );
    if (typeof listener === 'string') return listener;
    this.admit(listener);
    return listener;
  }

  /** Lets clients in there, after its user has paused it. */
  admit(listener: Listener): void {
    this.#listeners.add(listener);
    if (this.#full) listener.pause();
    else listener.resume();
  }

  /** Takes no more clients there; those it has brought stay. */
  unlisten(listener: Listener): void {
    this.#listeners.delete(listener);
    listener.close();
  }

  /** Where requests for this node go; a new one when its address has changed. */
  upstream(server: Server): Upstream {
    const known = this.#upstreams[server.slot];
    if (known !== undefined && known.address.kind === 'ip') {
      if (known.address.port === server.port && known.address.host === server.address) {
        known.name = server.name;
        return known;
      }
      known.clear();
    }
    const address: Address = { kind: 'ip', host: server.address, port: server.port };
    const idleMax = this.limits.poolIdleMax;
    const { slot, name } = server;
    const upstream = new Upstream(address, { slot, name, idleMax, isApplication: false });
    this.#upstreams[server.slot] = upstream;
    return upstream;
  }

  /**
   * Runs the chain again for a request that was kept, as all the first choice left took no
   * connection: they are suspects now, and a session with one of them has ended.
   *
   * @returns where to try next, or null when there is nobody but suspects
   */
  chooseAgain(saved: Uint8Array, peer: Peer): Upstream | null {
    const head = this.requestHeads.take();
    head.reset();
    let upstream: Upstream | null = null;
    if (parseRequestHead(saved, 0, saved.length, head) === Parse.complete) {
      this.asking.point(head, 0, saved);
      this.decision.make(this, this.asking, head, peer);
      const { way, server } = this.decision;
      if (way === Way.node && server?.suspect === false) upstream = this.upstream(server);
      else if (way === Way.local) upstream = this.application;
    }
    this.requestHeads.give(head);
    return upstream;
  }

  /**
   * The other end of a connection: whether it is one of the cluster, so that its `Backhand-Proxied`
   * is believed, and what is told of it. A client that connects again has all that ready.
   */
  peer(address: string): KnownPeer {
    const known = this.#peers.get(address);
    if (known !== undefined) return known;
    const octets = ipOctets(address);
    const trusted =
      octets !== null && this.options.accept.some((network) => networkContains(network, octets));
    const provenances = new Provenances({ address, trusted }, this.options.nodeName);
    const peer = { address, trusted, provenances };
    if (this.#peers.size >= PEERS_MAX) this.#peers.clear();
    this.#peers.set(address, peer);
    return peer;
  }

  clientClosed(client: Client): void {
    this.#clients.delete(client);
    this.counters.add(At.clientsOpen, -1);
    if (this.#full) this.#weighClients();
  }

  /** Answers are the last ones on their connections, so that what comes next goes elsewhere. */
  farewell(): void {
    this.stopping = true;
  }

  /**
   * Takes no more clients, lets those that are being served finish, and closes the others.
   * `stop` ends the rest when the caller's patience does.
   */
  drain(): void {
    this.farewell();
    for (const listener of this.#listeners) listener.close();
    for (const client of [...this.#clients]) client.drain(true);
  }

  /**
   * This address of ours is about to be another node's. Whoever came through it is
   * let go after the answer that is under way, so that he connects to the new holder; `now`: those
   * that are still here end, as nothing could reach them any more.
   *
   * @returns how many of its clients have a request under way
   */
  leave(address: string, now: boolean): number {
    let left = 0;
    for (const client of [...this.#clients]) {
      if (client.connection.localAddress !== address) continue;
      if (now) client.shutDown();
      else client.drain(false);
      if (client.busy) left++;
    }
    return left;
  }

  /** Ends every exchange that is still under way, each with its outcome. */
  stop(): void {
    this.drain();
    for (const client of [...this.#clients]) client.shutDown();
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  #accept(connection: Connection): void {
    this.counters.add(At.clientsAccepted, 1);
    this.counters.add(At.clientsOpen, 1);
    this.#clients.add(new Client(this, connection));
    if (this.#clients.size >= this.limits.clientsMax) this.#weighClients();
  }

  /** More wait in the kernel's queue while there are as many as there may be. */
  #weighClients(): void {
    const full = this.#clients.size >= this.limits.clientsMax;
    if (full === this.#full) return;
    this.#full = full;
    for (const listener of this.#listeners) {
      if (full) listener.pause();
      else listener.resume();
    }
  }
}

/** Heads that were taken before the limit changed are not kept. */
function headPool<T extends { readonly bytesMax: number }>(
  Head: new (bytesMax: number) => T,
  { headBytesMax }: Limits,
): Pool<T> {
  const fits = ({ bytesMax }: T): boolean => bytesMax === headBytesMax;
  return new Pool(() => new Head(headBytesMax), HEADS_IDLE_MAX, fits);
}

function applicationOf({ application, limits }: RelayOptions): Upstream | null {
  if (application === null) return null;
  const idleMax = limits.poolIdleMax;
  return new Upstream(application, { slot: SELF_SLOT, name: '', idleMax, isApplication: true });
}

function sameAddress(a: Address | null, b: Address | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
