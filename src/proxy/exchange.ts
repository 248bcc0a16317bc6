/**
 * One request on its way to a node and its answer on the way back: attempts, retries, pass-through.
 *
 *     begin ─► sent ─► (1xx) ─► answering ─► done
 *       ▲       │ the node took no connection, or had closed the pooled one
 *       └───────┘ next candidate, or the same node on a fresh connection
 *
 * A client has one of these and uses it again for each request. What a newcomer gets wrong: a
 * request may be sent again only while nothing of it can have had an effect: before it left at all,
 * or, when its method is idempotent (RFC 9110 9.2.2), before any byte of an answer. As long as that
 * is so, `#saved` holds all of it that has left the receive buffer.
 */
import type { ResponseHead } from '../core/http1/response-head.ts';
import { type Outcome, outcomes } from '../core/relay/outcome.ts';
import { Alternatives } from './alternatives.ts';
import { Backend, type BackendFailure } from './backend.ts';
import type { Client } from './client.ts';
import { At } from './counters.ts';
import type { Relay } from './relay.ts';
import { SELF_SLOT, type Upstream } from './upstream.ts';

/** A request longer than this is not kept for another try: that would copy much for a rare case. */
export const SAVED_BYTES_MAX = 4_096;

export class Exchange {
  readonly #relay: Relay;
  readonly #client: Client;
  #backend: Backend | null = null;
  #upstream: Upstream | null = null;
  readonly #alternatives = new Alternatives();
  /** The request as it was sent so far; null when it may not be sent again. */
  #saved: Uint8Array<ArrayBuffer> | null = null;
  #savedBytes = 0;
  #sentMs = 0;
  #tunnel = false;
  /** It has been tried again. */
  #wasMoved = false;

  constructor(relay: Relay, client: Client) {
    this.#relay = relay;
    this.#client = client;
  }

  get methodIsHead(): boolean {
    return this.#client.methodIsHead;
  }

  get unchunks(): boolean {
    return this.#client.versionMinor === 0;
  }

  get upgrading(): boolean {
    return this.#client.upgrading;
  }

  /** Nothing can come from the node before the client has done its part. It has its own limits. */
  get waitsForClient(): boolean {
    const { connection, requestDone } = this.#client;
    return this.#backend?.connected === true && (!requestDone || connection.backlogBytes > 0);
  }

  get requestDone(): boolean {
    return this.#client.requestDone;
  }

  get repeatable(): boolean {
    return this.#saved !== null;
  }

  /** It may be sent again, and there is somebody else to send it to. */
  get hasOtherTry(): boolean {
    if (!this.repeatable) return false;
    return this.#alternatives.size > 0 || this.#chooseAgain() !== null;
  }

  /** Sends bytes [start, end), which are the request as far as it has come. */
  begin(
    upstream: Upstream,
    alternatives: Alternatives,
    { memory, start, end }: { memory: Uint8Array; start: number; end: number },
  ): void {
    this.#wasMoved = false;
    this.#alternatives.copy(alternatives);
    const backend = this.#attempt(upstream, false);
    const small = end - start <= SAVED_BYTES_MAX;
    // Not connected: nothing can have arrived. Connected: only what may be done twice.
    const mayRepeat = !backend.connected || (this.#client.idempotent && this.requestDone);
    if (mayRepeat && small) this.#save(memory, start, end);
    this.#send(backend, memory, start, end);
    // More body would have to be kept too; it waits until there is somebody to take it.
    if (!backend.connected && !this.requestDone) this.#client.hold();
  }

  /** More of the request's body. */
  body(memory: Uint8Array, start: number, end: number): void {
    this.#forgetSaved();
    this.#send(this.#backend!, memory, start, end);
  }

  /** Bytes of an upgraded connection, from the client. */
  tunnel(memory: Uint8Array, start: number, end: number): void {
    this.#touchTunnel();
    this.#send(this.#backend!, memory, start, end);
  }

  tunnelInputEnded(): void {
    this.#backend!.connection.end();
  }

  /** The client is gone or must not get more; whatever the node still says is of no use. */
  abort(): void {
    this.#release();
    this.#backend?.abandon();
    this.#backend = null;
  }

  // From the backend:

  backendConnected(): void {
    if (!this.#client.idempotent || !this.requestDone) this.#forgetSaved();
    this.#client.release();
  }

  backendDrained(): void {
    if (this.#backend?.connected === true) this.#client.release();
  }

  interim(memory: Uint8Array, start: number, head: ResponseHead): void {
    this.#client.interim(memory, start, head);
  }

  /** @returns where the rewritten head starts; it ends where it ended */
  respond(memory: Uint8Array, start: number, head: ResponseHead): number {
    this.#forgetSaved();
    return this.#client.respond(memory, start, head);
  }

  /** @returns false when no more should be delivered until the backend is resumed */
  deliver(memory: Uint8Array, start: number, end: number): boolean {
    if (this.#tunnel) this.#touchTunnel();
    return this.#client.deliver(memory, start, end);
  }

  /** The client has taken what there was. */
  resume(): void {
    this.#backend?.connection.resume();
  }

  responseDone(): void {
    this.#backend = null;
    this.#release();
    this.#client.exchangeEnded(outcomes.done);
  }

  responseCut(): void {
    this.#backend = null;
    this.#release();
    this.#client.cut(outcomes.responseCut);
  }

  beginTunnel(memory: Uint8Array, start: number, head: ResponseHead): number {
    this.#tunnel = true;
    this.#forgetSaved();
    return this.#client.beginTunnel(memory, start, head);
  }

  tunnelEnded(): void {
    this.#client.tunnelOutputEnded();
  }

  tunnelClosed(): void {
    this.#backend = null;
    this.#release();
    this.#client.cut(outcomes.tunnelEnded);
  }

  backendFailed(failure: BackendFailure): void {
    const upstream = this.#upstream!;
    this.#backend = null;
    if (this.#saysNodeIsGone(failure, upstream)) this.#relay.parts.cluster.failed(upstream.slot);
    const next = this.#nextUpstream(failure, upstream);
    this.#answered();
    if (next !== null && this.#saved !== null && this.#mayRetry(failure)) {
      const saved = this.#saved.subarray(0, this.#savedBytes);
      const backend = this.#attempt(next, next === upstream);
      this.#send(backend, saved, 0, saved.length);
      return;
    }
    this.#release();
    const { outcome, detail } = explain(failure);
    this.#client.fail(outcome, detail);
  }

  /** Where to try again: a stale connection says nothing of its node, a refused one does. */
  #nextUpstream(failure: BackendFailure, upstream: Upstream): Upstream | null {
    if (failure.kind === 'closed' && failure.stale) return upstream;
    if (!this.#saysNodeIsGone(failure, upstream)) return null;
    const next = this.#alternatives.take();
    if (next === null) return this.#chooseAgain();
    if (next.slot !== SELF_SLOT) return this.#relay.upstream(next);
    // We are the next candidate ourselves, and serve by our own means if those are of this kind.
    return this.#relay.application;
  }

  /**
   * A node answers everything, if only with a 502, so one that took a fresh connection and closes
   * it without a word is dying: the kernel accepts for a killed process until it has been taken
   * apart. An application may do that for a request it dislikes, and must not be asked everywhere.
   */
  #saysNodeIsGone(failure: BackendFailure, upstream: Upstream): boolean {
    if (failure.kind === 'closed') return !failure.stale && !upstream.isApplication;
    return failure.kind === 'connect' || failure.kind === 'lost';
  }

  /** Not for the application: what falls to this node was decided, or is nobody else's to take. */
  #chooseAgain(): Upstream | null {
    const upstream = this.#upstream;
    if (this.#saved === null || upstream?.isApplication === true) return null;
    const saved = this.#saved.subarray(0, this.#savedBytes);
    this.#client.note.chosenAgain();
    // It carries our own Backhand-Proxied by now, which here must not count as another node's word.
    return this.#relay.chooseAgain(saved, { address: this.#client.peer.address, trusted: false });
  }

  /**
   * What was on a machine that has vanished may go elsewhere once whatever the budget says: it is
   * no more than was on it, and a busy one takes more along than any budget should save up.
   */
  #mayRetry(failure: BackendFailure): boolean {
    const vanished =
      failure.kind === 'lost' || (failure.kind === 'connect' && failure.timedOut === true);
    const isFree = vanished && !this.#wasMoved;
    this.#wasMoved = true;
    const granted = isFree || this.#relay.retries.withdraw(this.#relay.reactor.monotonicMs);
    this.#relay.counters.add(granted ? At.retries : At.retriesRefused, 1);
    return granted;
  }

  /** @param fresh not on a pooled connection: one of them has just been found stale */
  #attempt(upstream: Upstream, fresh: boolean): Backend {
    this.#upstream = upstream;
    this.#sentMs = this.#relay.reactor.monotonicMs;
    this.#relay.parts.cluster.sent(upstream.slot);
    this.#client.note.sent(upstream.name, this.#sentMs);
    const repeatable = this.#client.idempotent && this.requestDone;
    let backend = fresh ? null : upstream.take(!repeatable);
    if (backend === null) backend = new Backend(this.#relay, upstream, this);
    else {
      this.#relay.counters.add(At.backendReuses, 1);
      backend.use(this);
    }
    this.#backend = backend;
    return backend;
  }

  #send(backend: Backend, memory: Uint8Array, start: number, end: number): void {
    if (backend.connection.write(memory, start, end)) return;
    if (!this.requestDone || this.#tunnel) this.#client.hold();
  }

  #touchTunnel(): void {
    this.#client.touchTunnel();
  }

  #save(memory: Uint8Array, start: number, end: number): void {
    this.#saved = this.#relay.savedRequests.take();
    this.#savedBytes = end - start;
    this.#relay.buffers.of(memory).copy(this.#saved, 0, start, end);
  }

  #forgetSaved(): void {
    if (this.#saved === null) return;
    this.#relay.savedRequests.give(this.#saved);
    this.#saved = null;
  }

  #answered(): void {
    const upstream = this.#upstream;
    this.#upstream = null;
    if (upstream === null) return;
    const turnaroundMs = this.#relay.reactor.monotonicMs - this.#sentMs;
    this.#relay.parts.cluster.answered(upstream.slot, turnaroundMs);
  }

  #release(): void {
    this.#forgetSaved();
    this.#answered();
    this.#tunnel = false;
  }
}

function explain(failure: BackendFailure): { outcome: Outcome; detail: string } {
  switch (failure.kind) {
    case 'connect':
      return failure.timedOut
        ? { outcome: outcomes.connectTimeout, detail: 'no node answered in time' }
        : { outcome: outcomes.refused, detail: failure.error ?? 'closed' };
    case 'closed':
      return { outcome: outcomes.backendClosed, detail: 'closed before an answer' };
    case 'lost':
      return { outcome: outcomes.backendLost, detail: 'its machine is gone' };
    case 'timeout':
      return { outcome: outcomes.responseTimeout, detail: 'no answer in time' };
    case 'badResponse':
      return { outcome: outcomes.badResponse, detail: failure.reason };
  }
}
