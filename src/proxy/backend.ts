/**
 * One connection to a node or to the own application, and the answer that comes back on it.
 *
 *     connecting ──► head ──► body ──► idle ──► head ...      (1xx: head again)
 *                      └────► tunnel (101)
 *
 * What a newcomer gets wrong: an idle connection may be closed by the node at any time, also while
 * a request is on its way to it. Whether that request may be sent again is the exchange's question
 * (`Exchange.backendFailed`), not ours.
 */
import { Framing, Parse } from '../core/http1/head.ts';
import { parseResponseHead, type ResponseHead } from '../core/http1/response-head.ts';
import { Body } from '../core/relay/body.ts';
import type { Connection, ConnectionHandler, SocketError, Timer } from '../io/reactor.ts';
import { At } from './counters.ts';
import type { Exchange } from './exchange.ts';
import { Probe } from './probe.ts';
import { saysConnectionRefused } from './proxy-status.ts';
import type { Relay } from './relay.ts';
import { SELF_SLOT, type Upstream } from './upstream.ts';

const Phase = { connecting: 0, idle: 1, head: 2, body: 3, tunnel: 4, closed: 5 } as const;

/** Why a connection was of no use, as far as the client's decision depends on it. */
export type BackendFailure =
  | { readonly kind: 'connect'; readonly error: SocketError | null; readonly timedOut: boolean }
  | { readonly kind: 'closed'; readonly stale: boolean }
  | { readonly kind: 'timeout' }
  /** Its machine is gone, without a word; or it hangs, and another can be asked. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'badResponse'; readonly reason: string };

/** The connection that was refused is the node's own, to its application. */
const NO_APPLICATION: BackendFailure = { kind: 'connect', error: 'ECONNREFUSED', timedOut: false };

export class Backend implements ConnectionHandler {
  readonly connection: Connection;
  readonly upstream: Upstream;
  readonly #relay: Relay;
  readonly #timer: Timer;
  readonly #body = new Body();
  #exchange: Exchange | null;
  #phase: number = Phase.connecting;
  /** It has carried an exchange before this one, and this one is still without any answer. */
  #stale = false;
  #timedOut = false;
  #lost = false;
  /** For the head of the answer under way, in ms, up to when the timer was last set. */
  #waitedMs = 0;
  /** Holds the progress of a head that has arrived in part. */
  #head: ResponseHead | null = null;
  /** The node will take another request on this connection. */
  #keepAlive = false;

  constructor(relay: Relay, upstream: Upstream, exchange: Exchange) {
    this.#relay = relay;
    this.upstream = upstream;
    this.#exchange = exchange;
    this.#timer = relay.reactor.timer(() => this.#onTimer());
    this.#timer.set(relay.limits.connectTimeoutMs);
    relay.counters.add(At.backendConnects, 1);
    this.connection = relay.reactor.connect(upstream.address, this);
  }

  get connected(): boolean {
    return this.#phase !== Phase.connecting;
  }

  /** Takes on another client's exchange; its request is written next. */
  use(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#stale = true;
    this.#await();
  }

  /** The client is gone, or has its answer already: nobody else can use what is left of this. */
  abandon(): void {
    this.#exchange = null;
    this.connection.destroy();
  }

  /** The machine is gone, or as good as gone. It may have answered in the meantime, after all. */
  lose(): void {
    if (this.#phase !== Phase.head || this.#waitedMs === 0) return;
    this.#lost = true;
    this.connection.destroy();
  }

  onConnect(): void {
    this.#await();
    this.#exchange?.backendConnected();
  }

  onData(_: Connection, memory: Uint8Array, start: number, end: number): number {
    switch (this.#phase) {
      case Phase.head:
        return this.#readHead(memory, start, end);
      case Phase.body:
        this.#timer.set(this.#relay.limits.responseTimeoutMs);
        this.#readBody(memory, { start, bodyStart: start, end });
        return end;
      case Phase.tunnel:
        this.#pass(memory, start, end);
        return end;
      default:
        // Nobody asked: what comes now must never become the answer to the next request.
        this.connection.destroy();
        return end;
    }
  }

  onEnd(): void {
    if (this.#phase === Phase.tunnel) this.#exchange!.tunnelEnded();
    else if (this.#phase === Phase.body && this.#body.framing === Framing.untilClose)
      this.#finish();
    else this.connection.destroy();
  }

  onDrain(): void {
    this.#exchange?.backendDrained();
  }

  onClose(_: Connection, error: SocketError | null): void {
    const phase = this.#phase;
    const exchange = this.#exchange;
    this.#phase = Phase.closed;
    this.#exchange = null;
    this.#timer.clear();
    if (this.#head !== null) this.#relay.responseHeads.give(this.#head);
    this.#head = null;
    if (phase === Phase.idle) this.upstream.remove(this);
    if (exchange === null) return;
    if (phase === Phase.connecting) {
      this.#relay.counters.add(At.backendConnectsFailed, 1);
      exchange.backendFailed({ kind: 'connect', error, timedOut: this.#timedOut });
    } else if (phase === Phase.head) {
      if (this.#lost) exchange.backendFailed({ kind: 'lost' });
      else if (this.#timedOut) exchange.backendFailed({ kind: 'timeout' });
      else exchange.backendFailed({ kind: 'closed', stale: this.#stale });
    } else if (phase === Phase.tunnel) exchange.tunnelClosed();
    else exchange.responseCut();
  }

  #await(): void {
    this.#phase = Phase.head;
    this.#waitedMs = 0;
    this.#timer.set(this.#nextWaitMs());
  }

  /** Another machine may vanish without a word, so its head is not waited for in one go. */
  #nextWaitMs(): number {
    const { connectTimeoutMs, responseTimeoutMs } = this.#relay.limits;
    const restMs = responseTimeoutMs - this.#waitedMs;
    const isWhole = this.#phase !== Phase.head || this.upstream.slot === SELF_SLOT;
    return isWhole ? restMs : Math.min(connectTimeoutMs, restMs);
  }

  /**
   * Reads heads until the final one; there may be several 1xx before it, in one read or in many.
   */
  #readHead(memory: Uint8Array, start: number, end: number): number {
    this.#stale = false;
    const head = this.#head ?? this.#relay.responseHeads.take();
    const exchange = this.#exchange!;
    for (let at = start; ; at += head.headBytes) {
      if (this.#head === null || at > start) head.reset();
      const parse = parseResponseHead(memory, at, end, head, exchange.methodIsHead);
      if (parse === Parse.partial) {
        this.#head = head;
        return at;
      }
      if (parse === Parse.bad) return this.#refuseBad(end, head.error!.code);
      if (head.status === 101) {
        if (!exchange.upgrading) return this.#refuseBad(end, 'RESPONSE_UNASKED_UPGRADE');
        return this.#beginTunnel(memory, at, end, head);
      }
      if (head.status < 200) {
        exchange.interim(memory, at, head);
        continue;
      }
      if (head.status === 502 && this.#isWithoutApplication(memory, at, head)) {
        this.#head = head;
        return this.#refuse(end, NO_APPLICATION);
      }
      this.#head = null;
      this.#phase = Phase.body;
      this.#keepAlive = head.keepAlive;
      this.#body.begin(head.framing, head.contentLength);
      const bodyStart = at + head.headBytes;
      const from = exchange.respond(memory, at, head);
      this.#relay.responseHeads.give(head);
      this.#readBody(memory, { start: from, bodyStart, end });
      return end;
    }
  }

  /** Passes on [start, bodyStart), which is a head, and what of the body is in [bodyStart, end). */
  #readBody(
    memory: Uint8Array,
    { start, bodyStart, end }: { start: number; bodyStart: number; end: number },
  ): void {
    const body = this.#body;
    let to: number;
    if (this.#exchange!.unchunks && body.framing === Framing.chunked) {
      const data = body.takeData(memory, bodyStart, end);
      to = data.to;
      this.#pass(memory, start, data.dataEnd);
    } else {
      to = body.take(memory, bodyStart, end);
      this.#pass(memory, start, to);
    }
    // Bytes behind the answer belong to nothing that was asked for.
    if (to < end) this.#keepAlive = false;
    if (body.done) this.#finish();
    else if (body.bad) this.connection.destroy();
  }

  #finish(): void {
    const exchange = this.#exchange!;
    this.#exchange = null;
    const reusable = this.#keepAlive && this.#body.framing !== Framing.untilClose;
    const wanted = exchange.requestDone && this.#relay.poolsConnections && this.connection.open;
    this.#phase = Phase.idle;
    if (reusable && wanted && this.upstream.give(this)) {
      this.#timer.set(this.#relay.limits.poolIdleTimeoutMs);
      // It may have been held back for a client that was slow to the last.
      this.connection.resume();
    } else this.connection.destroy();
    exchange.responseDone();
  }

  #beginTunnel(memory: Uint8Array, start: number, end: number, head: ResponseHead): number {
    this.#head = null;
    this.#phase = Phase.tunnel;
    this.#timer.clear();
    const from = this.#exchange!.beginTunnel(memory, start, head);
    this.#relay.responseHeads.give(head);
    this.#pass(memory, from, end);
    return end;
  }

  #pass(memory: Uint8Array, start: number, end: number): void {
    if (!this.#exchange!.deliver(memory, start, end)) this.connection.pause();
  }

  /** A node that could not hand the request to anybody is as good as one that takes none. */
  #isWithoutApplication(memory: Uint8Array, start: number, head: ResponseHead): boolean {
    const isNode = !this.upstream.isApplication;
    return isNode && this.#exchange!.repeatable && saysConnectionRefused(memory, start, head);
  }

  #refuseBad(end: number, reason: string): number {
    return this.#refuse(end, { kind: 'badResponse', reason });
  }

  /** What came is no answer, and what may follow on this connection is of no use. */
  #refuse(end: number, failure: BackendFailure): number {
    const exchange = this.#exchange!;
    this.#exchange = null;
    this.connection.destroy();
    exchange.backendFailed(failure);
    return end;
  }

  #onTimer(): void {
    // It is not the node that is slow: its answer waits for the client, or it for the request.
    if (this.#exchange?.waitsForClient === true) {
      this.#waitedMs = 0;
      this.#timer.set(this.#nextWaitMs());
      return;
    }
    if (this.#phase === Phase.head) {
      this.#waitedMs += this.#nextWaitMs();
      if (this.#waitedMs < this.#relay.limits.responseTimeoutMs) {
        this.#timer.set(this.#nextWaitMs());
        this.#doubt();
        return;
      }
    }
    this.#timedOut = true;
    this.connection.destroy();
  }

  /**
   * An announcement heard while we waited proves that the machine is there. A connection does not
   * prove that of its node: the kernel goes on to accept for a process that is stopped or hangs.
   */
  #doubt(): void {
    const { upstream } = this;
    const { reactor, parts, limits, options } = this.#relay;
    const server = parts.cluster.known(reactor.nowMs).find(({ slot }) => slot === upstream.slot);
    if (server !== undefined) {
      const silentMs = reactor.nowMs - server.heardMs;
      if (silentMs <= limits.connectTimeoutMs) return;
      if (silentMs > options.silenceMs) {
        parts.cluster.failed(upstream.slot);
        if (this.#exchange?.hasOtherTry === true) {
          this.lose();
          return;
        }
      }
    }
    upstream.probe ??= new Probe(this.#relay, upstream);
    upstream.probe.waiting.push(this);
  }
}
