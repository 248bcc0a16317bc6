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
import type { Address, Connection, Listener, Reactor, SocketError } from '../io/reactor.ts';
import { Client } from './client.ts';
import { At, type Counters } from './counters.ts';
import { Decision, type Peer, Way } from './decision.ts';
import { SAVED_BYTES_MAX } from './exchange.ts';
import type { RelayOptions, RelayParts } from './parts.ts';
import { Pool } from './pool.ts';
import { Provenances } from './provenance.ts';
import { RequestAsking } from './request-asking.ts';
import { RetryBudget } from './retry-budget.ts';
import { SELF_SLOT, Upstream } from './upstream.ts';

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
  readonly parts: RelayParts;
  readonly options: RelayOptions;
  readonly counters: Counters;
  readonly limits: Limits;
  readonly poolsConnections: boolean;
  readonly requestHeads: Pool<RequestHead>;
  readonly responseHeads: Pool<ResponseHead>;
  readonly candidates = new Candidates();
  readonly decision = new Decision();
  /** The request in hand, as a chain sees it. */
  readonly asking: RequestAsking;
  /** Copies of small requests that may have to be sent again. */
  readonly savedRequests = new Pool(() => new Uint8Array(SAVED_BYTES_MAX), SAVED_IDLE_MAX);
  readonly retries: RetryBudget;
  readonly application: Upstream | null;
  stopping = false;

  readonly #upstreams: (Upstream | undefined)[] = [];
  readonly #peers = new Map<string, KnownPeer>();
  readonly #clients = new Set<Client>();
  readonly #listeners: Listener[] = [];
  #full = false;

  constructor(options: RelayOptions, parts: RelayParts) {
    this.options = options;
    this.parts = parts;
    this.reactor = parts.reactor;
    this.counters = parts.counters;
    this.limits = options.limits;
    this.poolsConnections = options.connectionPools;
    const { headBytesMax, poolIdleMax } = options.limits;
    this.requestHeads = new Pool(() => new RequestHead(headBytesMax), HEADS_IDLE_MAX);
    this.responseHeads = new Pool(() => new ResponseHead(headBytesMax), HEADS_IDLE_MAX);
    this.asking = new RequestAsking(parts.random);
    this.retries = new RetryBudget(parts.reactor.monotonicMs);
    const { application } = options;
    this.application =
      application === null ? null : new Upstream(application, SELF_SLOT, poolIdleMax);
  }

  /** @returns the listener, or why the address cannot be had. */
  async listen(address: Address, reusePort: boolean): Promise<Listener | SocketError> {
    const listener = await this.reactor.listen(
      { address, backlog: BACKLOG, reusePort },
      (connection) => this.#accept(connection),
    );
    if (typeof listener !== 'string') this.#listeners.push(listener);
    return listener;
  }

  /** Where requests for this node go; a new one when its address has changed. */
  upstream(server: Server): Upstream {
    const known = this.#upstreams[server.slot];
    if (known !== undefined && known.address.kind === 'ip') {
      if (known.address.port === server.port && known.address.host === server.address) return known;
      known.clear();
    }
    const address: Address = { kind: 'ip', host: server.address, port: server.port };
    const upstream = new Upstream(address, server.slot, this.limits.poolIdleMax);
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
    if (!this.#full || this.#clients.size >= this.limits.clientsMax) return;
    this.#full = false;
    for (const listener of this.#listeners) listener.resume();
  }

  /**
   * Takes no more clients, lets those that are being served finish, and closes the others.
   * `stop` ends the rest when the caller's patience does.
   */
  drain(): void {
    this.stopping = true;
    for (const listener of this.#listeners) listener.close();
    for (const client of [...this.#clients]) client.drain();
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
    if (this.#clients.size < this.limits.clientsMax) return;
    this.#full = true;
    for (const listener of this.#listeners) listener.pause();
  }
}
