/**
 * One client's connection: requests in, answers out, one exchange at a time.
 *
 *     idle ──► (head in part) ──► relaying ──► idle ──► ...
 *                            │       └────► tunnel
 *                            └──► answering (by ourselves) ──► idle
 *     any of them ──► lingering ──► closed
 *
 * Every request is counted once when it begins and ends with one outcome (core/relay/outcome.ts).
 * What a newcomer gets wrong: a client may send its next request ahead. That is left unread, and
 * the connection held, until the answer before it has gone.
 */
import { Framing, Parse } from '../core/http1/head.ts';
import { IDEMPOTENT, MethodId } from '../core/http1/method-id.ts';
import { parseRequestHead, type RequestHead } from '../core/http1/request-head.ts';
import type { ResponseHead } from '../core/http1/response-head.ts';
import { Body } from '../core/relay/body.ts';
import { type Outcome, outcomes } from '../core/relay/outcome.ts';
import { type Provenance, rewriteRequestHead } from '../core/relay/request-out.ts';
import { ClientConnection, rewriteResponseHead } from '../core/relay/response-out.ts';
import type { Connection, ConnectionHandler, SocketError, Timer } from '../io/reactor.ts';
import { At } from './counters.ts';
import { Way } from './decision.ts';
import { Exchange } from './exchange.ts';
import { OwnAnswer } from './own-answer.ts';
import type { LocalService } from './parts.ts';
import type { KnownPeer, Relay } from './relay.ts';
import type { RequestAsking } from './request-asking.ts';
import { RequestNote } from './request-note.ts';
import { SELF_SLOT, type Upstream } from './upstream.ts';

const Phase = { idle: 0, relaying: 1, answering: 2, tunnel: 3, lingering: 4, closed: 5 } as const;

/** Reasons why nothing is read from the client; it is read from while there is none. */
const Hold = { backend: 1, pipeline: 2, backlog: 4 } as const;

/** After our last word: long enough for the client to read it and to stop (RFC 9112 9.6). */
const LINGER_MS = 2_000;

/** Whoever has just connected is about to ask: a request may be on its way this long. */
const NEW_MS = 200;

export class Client implements ConnectionHandler {
  readonly connection: Connection;
  /** Another one when a reload has changed who is trusted. */
  peer: KnownPeer;
  readonly note: RequestNote;
  /** Of the request under way: */
  methodIsHead = false;
  versionMinor = 1;
  /** It asked for another protocol, which a 101 would grant. */
  upgrading = false;
  idempotent = false;

  readonly #relay: Relay;
  readonly #timer: Timer;
  readonly #body = new Body();
  readonly #exchange: Exchange;
  #own: OwnAnswer | null = null;
  #phase: number = Phase.idle;
  #holds = 0;
  /** Holds the progress of a head that has arrived in part. */
  #head: RequestHead | null = null;
  #keepAlive = true;
  #inputEnded = false;
  /** Of the last request; 0: there was none. */
  #startedMs = 0;
  readonly #acceptedMs: number;
  #status = 0;
  #forAdmin = false;
  /** What our own answer will count as; `done` unless said otherwise. */
  #end: Outcome = outcomes.done;
  /** A service of this process works on the request, so it counts as in flight here. */
  #servedHere = false;

  constructor(relay: Relay, connection: Connection) {
    this.#relay = relay;
    this.connection = connection;
    connection.handler = this;
    this.peer = relay.peer(connection.remoteAddress);
    this.note = new RequestNote(relay.parts.records);
    this.#exchange = new Exchange(relay, this);
    this.#timer = relay.reactor.timer(() => this.#onTimer());
    this.#timer.set(relay.limits.headTimeoutMs);
    this.#acceptedMs = relay.reactor.monotonicMs;
  }

  /** The whole request has been read. */
  get requestDone(): boolean {
    return this.#body.done;
  }

  get nowMs(): number {
    return this.#relay.reactor.nowMs;
  }

  get nodeName(): string {
    return this.#relay.options.nodeName;
  }

  /**
   * The answer under way is the last one; a connection without a request ends now.
   *
   * @param isPatient a request that is on its way here may still come
   */
  drain(isPatient: boolean): void {
    this.#keepAlive = false;
    if (this.#phase !== Phase.idle || this.#head !== null) return;
    const mayCome = isPatient && (this.#startedMs === 0 || !this.connection.quiet);
    if (mayCome || this.#isNew) this.#timer.set(LINGER_MS);
    else this.#finish();
  }

  get #isNew(): boolean {
    return this.#startedMs === 0 && this.#relay.reactor.monotonicMs - this.#acceptedMs < NEW_MS;
  }

  /** A request is under way; an upgraded connection is none, as it may be open for hours. */
  get busy(): boolean {
    if (this.#phase === Phase.idle) return this.#head !== null || this.#isNew;
    return this.#phase === Phase.relaying || this.#phase === Phase.answering;
  }

  /** The worker stops now, whatever is under way. */
  shutDown(): void {
    if (this.#phase >= Phase.relaying && this.#phase <= Phase.tunnel)
      this.#abort(outcomes.shutdown);
    else this.connection.destroy();
  }

  // From the connection:

  onConnect(): void {}

  onData(_: Connection, memory: Uint8Array, start: number, end: number): number {
    switch (this.#phase) {
      case Phase.idle:
        return this.#readRequests(memory, start, end);
      case Phase.tunnel:
        this.#exchange.tunnel(memory, start, end);
        return end;
      case Phase.lingering:
        return end;
      default:
        return this.#readBody(memory, start, end);
    }
  }

  onEnd(): void {
    this.#inputEnded = true;
    if (this.#phase === Phase.idle) {
      if (this.#head !== null) this.#countRefused(outcomes.clientGoneRequest);
      this.#finish();
    } else if (this.#phase === Phase.tunnel) this.#exchange.tunnelInputEnded();
    else if (this.#phase === Phase.lingering) this.connection.finish();
    // A client that has said all may still listen; one that has not can never get an answer.
    else if (!this.requestDone) this.#abort(outcomes.clientGoneRequest);
  }

  onDrain(): void {
    if (this.#phase === Phase.lingering) this.#timer.set(LINGER_MS);
    else if (this.#phase === Phase.answering) this.#own!.onDrain();
    else this.#exchange.resume();
    if ((this.#holds & Hold.backlog) === 0) return;
    this.#timer.set(this.#relay.limits.keepAliveTimeoutMs);
    this.#unhold(Hold.backlog);
  }

  onClose(_: Connection, error: SocketError | null): void {
    if (this.#phase === Phase.idle && this.#head !== null && error !== null) {
      this.#countRefused(outcomes.clientGoneRequest);
    } else if (this.#phase === Phase.tunnel) this.#abort(outcomes.tunnelEnded);
    else if (this.#phase === Phase.relaying || this.#phase === Phase.answering) {
      this.#abort(this.requestDone ? outcomes.clientGoneResponse : outcomes.clientGoneRequest);
    }
    this.#phase = Phase.closed;
    this.#timer.clear();
    if (this.#head !== null) this.#relay.requestHeads.give(this.#head);
    this.#head = null;
    this.#relay.clientClosed(this);
  }

  // Reading requests:

  #readRequests(memory: Uint8Array, start: number, end: number): number {
    const { requestHeads, limits, counters } = this.#relay;
    counters.add(At.bytesFromClients, end - start);
    let at = start;
    while (at < end && this.#phase === Phase.idle) {
      const fresh = this.#head === null;
      const head = this.#head ?? requestHeads.take();
      if (fresh) head.reset();
      const parse = parseRequestHead(memory, at, end, head);
      if (parse === Parse.partial) {
        this.#head = head;
        if (fresh) this.#timer.set(limits.headTimeoutMs);
        counters.add(At.bytesFromClients, at - end);
        return at;
      }
      this.#head = null;
      at =
        parse === Parse.complete
          ? this.#serve(memory, at, end, head)
          : this.#refuse(memory, at, end, head);
      requestHeads.give(head);
    }
    if (at < end) {
      counters.add(At.bytesFromClients, at - end);
      if (this.#phase < Phase.lingering) this.#hold(Hold.pipeline);
    }
    return at;
  }

  /** @returns up to where the bytes belong to this request */
  #serve(memory: Uint8Array, start: number, end: number, head: RequestHead): number {
    const relay = this.#relay;
    relay.counters.add(At.requests, 1);
    relay.counters.add(At.requestsInFlight, 1);
    relay.retries.deposit();
    this.#begin();
    this.methodIsHead = head.methodId === MethodId.head;
    this.idempotent = IDEMPOTENT[head.methodId]!;
    this.versionMinor = head.versionMinor;
    this.upgrading = head.upgrade;
    this.#keepAlive &&= head.keepAlive && !relay.stopping;
    this.#body.begin(head.framing, head.contentLength);
    const bodyEnd = this.#body.take(memory, start + head.headBytes, end);
    const { asking, decision } = relay;
    asking.point(head, start, memory);
    decision.make(relay, asking, head, this.peer);
    this.note.decided(decision, asking.draws.seed);
    this.note.head(memory, start, head);
    this.#forAdmin = decision.way === Way.admin;
    if (this.#forAdmin) relay.counters.add(At.requestsInFlight, -1);
    if (this.#body.bad) {
      this.#end = outcomes.badRequestBody;
      this.#answerOwn().outcome(outcomes.badRequestBody, 'The chunked coding is broken.');
      return end;
    }
    if (head.methodId === MethodId.connect) {
      // What follows is meant for somebody else, so it must not be read as a request.
      this.#keepAlive = false;
      this.#answerOwn().problem(501, 'This server opens no tunnels.');
      return bodyEnd;
    }
    if (decision.way === Way.node) {
      const upstream = relay.upstream(decision.server!);
      const provenance = this.peer.provenances.of('node', memory, start, head);
      this.#relayTo(upstream, provenance, { memory, start, end: bodyEnd, head });
    } else if (decision.way === Way.admin) {
      const provenance = this.peer.provenances.of('application', memory, start, head);
      this.#relayTo(relay.admin!, provenance, { memory, start, end: bodyEnd, head });
    } else if (decision.way === Way.local && relay.application !== null) {
      const provenance = decision.relayed
        ? this.peer.provenances.relayed
        : this.peer.provenances.of('application', memory, start, head);
      this.#relayTo(relay.application, provenance, { memory, start, end: bodyEnd, head });
    } else this.#serveHere(decision.way, asking);
    return bodyEnd;
  }

  #relayTo(
    upstream: Upstream,
    provenance: Provenance,
    part: { memory: Uint8Array; start: number; end: number; head: RequestHead },
  ): void {
    const { memory, start, end, head } = part;
    const { decision, counters } = this.#relay;
    counters.add(decision.way === Way.node ? At.deliveredProxy : At.deliveredLocal, 1);
    this.#phase = Phase.relaying;
    const from = rewriteRequestHead(memory, start, head, { provenance, headroom: start });
    this.#exchange.begin(upstream, decision.alternatives, { memory, start: from, end });
    if (!this.requestDone) this.#timer.set(this.#relay.limits.keepAliveTimeoutMs);
  }

  #serveHere(way: Way, asking: RequestAsking): void {
    const { decision, parts, counters } = this.#relay;
    switch (way) {
      case Way.refuse:
        this.#answerOwn().problem(decision.status, `The path is refused: ${decision.reason}.`);
        return;
      case Way.nobody:
        this.#end = outcomes.noCandidate;
        this.#answerOwn().outcome(
          outcomes.noCandidate,
          `The candidacy functions of ${decision.zoneName} left no server.`,
        );
        return;
      case Way.redirect:
        counters.add(At.deliveredRedirect, 1);
        this.#answerOwn().redirect(decision.location);
        return;
      default:
        counters.add(At.deliveredLocal, 1);
        this.#serveBy(way === Way.status ? parts.status : parts.files, asking);
    }
  }

  #serveBy(service: LocalService | null, asking: RequestAsking): void {
    const answer = this.#answerOwn();
    if (service === null) {
      answer.problem(404, 'This node has nothing to serve: no application and no document root.');
      return;
    }
    const { decision } = this.#relay;
    const { method, target, host, field } = asking;
    const { path, clientAddress } = decision;
    this.#relay.parts.cluster.sent(SELF_SLOT);
    this.#servedHere = true;
    service.serve({ method, path, target, host, clientAddress, field }, answer);
  }

  #answerOwn(): OwnAnswer {
    this.#phase = Phase.answering;
    this.#own ??= new OwnAnswer(this);
    this.#own.start();
    return this.#own;
  }

  #refuse(memory: Uint8Array, start: number, end: number, head: RequestHead): number {
    const error = head.error!;
    this.#relay.counters.add(At.requests, 1);
    this.#relay.counters.add(At.requestsInFlight, 1);
    this.#begin();
    this.note.refused(memory, start, end);
    this.#keepAlive = false;
    this.#forAdmin = false;
    this.methodIsHead = false;
    this.versionMinor = 1;
    this.#end = outcomes.badRequest;
    this.#answerOwn().problem(error.status, `${error.message}\n[${error.code}]`);
    return end;
  }

  #readBody(memory: Uint8Array, start: number, end: number): number {
    if (this.requestDone) {
      this.#hold(Hold.pipeline);
      return start;
    }
    const to = this.#body.take(memory, start, end);
    this.#relay.counters.add(At.bytesFromClients, to - start);
    if (this.#phase === Phase.relaying) this.#exchange.body(memory, start, to);
    if (this.#body.bad) {
      this.#spoil();
      return end;
    }
    if (!this.requestDone) this.#timer.set(this.#relay.limits.keepAliveTimeoutMs);
    if (to < end) this.#hold(Hold.pipeline);
    return to;
  }

  /** The body turned out to be broken when part of it was on its way already. */
  #spoil(): void {
    this.#keepAlive = false;
    if (this.#phase !== Phase.relaying) return;
    this.#exchange.abort();
    if (this.#status !== 0) this.cut(outcomes.badRequestBody);
    else this.fail(outcomes.badRequestBody, 'The chunked coding is broken.');
  }

  // From the exchange:

  hold(): void {
    this.#hold(Hold.backend);
  }

  release(): void {
    this.#unhold(Hold.backend);
  }

  /** A 1xx head: passed on as it is to who understands it (RFC 9110 15.2). */
  interim(memory: Uint8Array, start: number, head: ResponseHead): void {
    if (this.versionMinor === 0) return;
    const options = { connection: ClientConnection.silent, unchunk: false };
    const from = rewriteResponseHead(memory, start, head, options);
    this.note.bytesOut(from - start - head.headBytes);
    this.deliver(memory, from, start + head.headBytes);
  }

  /** @returns where the rewritten head starts; it ends where it ended */
  respond(memory: Uint8Array, start: number, head: ResponseHead): number {
    this.#status = head.status;
    this.firstByte();
    const unchunk = this.versionMinor === 0 && head.framing === Framing.chunked;
    if (unchunk || head.framing === Framing.untilClose || !this.requestDone)
      this.#keepAlive = false;
    const connection = this.#keepAlive
      ? this.versionMinor === 0
        ? ClientConnection.keepAlive
        : ClientConnection.silent
      : ClientConnection.close;
    const from = rewriteResponseHead(memory, start, head, { connection, unchunk });
    this.note.bytesOut(from - start - head.headBytes);
    return from;
  }

  deliver(memory: Uint8Array, start: number, end: number): boolean {
    this.#relay.counters.add(At.bytesToClients, end - start);
    this.note.bytesOut(end - start);
    if (this.connection.write(memory, start, end)) return true;
    // From now on it is the client that must show life.
    this.#timer.set(this.#relay.limits.keepAliveTimeoutMs);
    return false;
  }

  beginTunnel(memory: Uint8Array, start: number, head: ResponseHead): number {
    this.#phase = Phase.tunnel;
    this.#status = 101;
    this.firstByte();
    this.touchTunnel();
    this.#unhold(Hold.pipeline | Hold.backend);
    const options = { connection: ClientConnection.upgrade, unchunk: false };
    const from = rewriteResponseHead(memory, start, head, options);
    this.note.bytesOut(from - start - head.headBytes);
    return from;
  }

  touchTunnel(): void {
    this.#timer.set(this.#relay.limits.tunnelTimeoutMs);
  }

  /** The node will say nothing more; the client may. */
  tunnelOutputEnded(): void {
    this.connection.end();
  }

  exchangeEnded(outcome: Outcome): void {
    this.#count(outcome);
    this.#next();
  }

  /** Nothing has been answered yet, so the client is told what happened. */
  fail(outcome: Outcome, detail: string): void {
    this.#end = outcome;
    this.#answerOwn().outcome(outcome, detail);
  }

  /** The answer cannot be completed; closing early is the only way left to say so. */
  cut(outcome: Outcome): void {
    this.#count(outcome);
    this.#phase = Phase.lingering;
    this.connection.destroy();
  }

  /** The final answer begins. */
  firstByte(): void {
    this.note.firstByte(this.#relay.reactor.monotonicMs);
  }

  // From our own answers:

  writeOwnHead(bytes: Uint8Array): void {
    this.firstByte();
    this.note.bytesOut(-bytes.length);
    this.writeOwn(bytes);
  }

  /** What the answer's head must say of the connection. */
  lastWord(): 'close' | 'keep-alive' | null {
    if (!this.requestDone || this.#body.bad) this.#keepAlive = false;
    if (!this.#keepAlive) return 'close';
    return this.versionMinor === 0 ? 'keep-alive' : null;
  }

  writeOwn(bytes: Uint8Array): boolean {
    return this.deliver(bytes, 0, bytes.length);
  }

  ownEnded(status: number): void {
    this.#status = status;
    this.#count(this.#end);
    this.#end = outcomes.done;
    this.#next();
  }

  ownCut(status: number): void {
    this.#status = status;
    this.#end = outcomes.done;
    this.cut(outcomes.responseCut);
  }

  // Ends:

  /** Ready for the next request, or not. */
  #next(): void {
    this.#phase = Phase.idle;
    if (!this.requestDone || this.#body.bad) this.#linger();
    else if (!this.#keepAlive || this.#inputEnded) this.#finish();
    else {
      this.#timer.set(this.#relay.limits.keepAliveTimeoutMs);
      // A client that does not read its answers gets no more of them made.
      if (this.connection.backlogBytes > 0) this.#hold(Hold.backlog);
      this.#unhold(Hold.pipeline | Hold.backend);
    }
  }

  /** Closes without losing what the client has not read yet. */
  #finish(): void {
    if (this.connection.unreadBytes > 0 && !this.#inputEnded) {
      this.#linger();
      return;
    }
    this.#phase = Phase.lingering;
    this.#timer.set(this.#relay.limits.keepAliveTimeoutMs);
    this.connection.finish();
  }

  /** The client may still be sending: an immediate close would make it lose our answer. */
  #linger(): void {
    this.#phase = Phase.lingering;
    const slow = this.connection.backlogBytes > 0;
    this.#timer.set(slow ? this.#relay.limits.keepAliveTimeoutMs : LINGER_MS);
    this.#unhold(Hold.backend | Hold.pipeline | Hold.backlog);
    this.connection.end();
  }

  #abort(outcome: Outcome): void {
    if (this.#phase === Phase.answering) this.#own!.aborted();
    else this.#exchange.abort();
    this.#end = outcomes.done;
    this.#count(outcome);
    this.#phase = Phase.lingering;
    this.connection.destroy();
  }

  #onTimer(): void {
    switch (this.#phase) {
      case Phase.idle:
        if (this.#head === null) this.#finish();
        else this.#refuseSlow();
        return;
      case Phase.tunnel:
        this.#abort(outcomes.tunnelTimeout);
        return;
      case Phase.relaying:
      case Phase.answering:
        if (!this.requestDone && (this.#holds & Hold.backend) === 0) {
          this.#abort(outcomes.clientGoneRequest);
        } else if (this.connection.backlogBytes > 0) this.#abort(outcomes.clientGoneResponse);
        return;
      default:
        this.connection.destroy();
    }
  }

  #refuseSlow(): void {
    const head = this.#head!;
    this.#head = null;
    this.#relay.requestHeads.give(head);
    this.#relay.counters.add(At.requests, 1);
    this.#relay.counters.add(At.requestsInFlight, 1);
    this.#keepAlive = false;
    this.#begin();
    this.#end = outcomes.requestTimeout;
    this.#answerOwn().outcome(outcomes.requestTimeout, 'The request did not arrive in time.');
  }

  /** A request that ended before it was one. */
  #countRefused(outcome: Outcome): void {
    const { counters, reactor } = this.#relay;
    counters.add(At.requests, 1);
    counters.ended(outcome);
    this.#begin();
    this.note.end(outcome, 0, reactor.monotonicMs);
  }

  #begin(): void {
    const { reactor } = this.#relay;
    this.#startedMs = reactor.monotonicMs;
    this.#status = 0;
    this.note.begin(reactor, this.peer.address);
  }

  #count(outcome: Outcome): void {
    const { counters, reactor, parts } = this.#relay;
    if (this.#servedHere) parts.cluster.answered(SELF_SLOT, reactor.monotonicMs - this.#startedMs);
    this.#servedHere = false;
    counters.ended(outcome);
    this.note.end(outcome, this.#status, reactor.monotonicMs);
    // Whoever watches live has an answer of hours, which says nothing of the site.
    if (this.#forAdmin) return;
    counters.add(At.requestsInFlight, -1);
    if (this.#status === 0) return;
    counters.answered(this.#status, reactor.monotonicMs - this.#startedMs);
  }

  #hold(reason: number): void {
    this.#holds |= reason;
    this.connection.pause();
  }

  #unhold(reasons: number): void {
    this.#holds &= ~reasons;
    if (this.#holds === 0) this.connection.resume();
  }
}
