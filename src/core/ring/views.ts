/**
 * The view we are in, the one before it, and the way to the next.
 *
 *     none ---------------- install ---------------+
 *                                                  v
 *     in a view -- freeze --> blocked -- install, what we lacked has come --> in the next view
 *         ^                      |
 *         +--- drop: none -------+
 *
 * What a newcomer gets wrong: the view before is kept until all are known to be in this one. A
 * slower member may still have to fetch from us what it lacks of it.
 */
import { assert } from '../util/assert.ts';
import type { Agreement } from './agreement.ts';
import { MESSAGE_BYTES_MAX, type Member, type View } from './group.ts';
import { type Delivery, Order } from './order.ts';
import type { Ack, Attempt, Fetch, Fragment, Install } from './packet.ts';
import { NO_ATTEMPT, sameAttempt } from './packet.ts';
import type { Addressee, Post } from './post.ts';
import type { Standing } from './proposal.ts';
import { FETCH_MAX, Recovery } from './recovery.ts';

/**
 * Messages that wait for the window or for the next view, and their bytes; then they are refused.
 */
const WAITING_MAX = 1_024;
const WAITING_BYTES_MAX = 1_048_576;

export type ViewsOptions = {
  readonly self: Member;
  readonly repeatMs: number;
  readonly find: (bootId: number) => Addressee | undefined;
  /** Who is in a view that goes before this new one, if that is known already. */
  readonly beside: (attempt: Attempt, members: readonly Member[], nowMs: number) => string | null;
};

export class Views {
  /** The one we are in, even when it is about to change. */
  view: View | null = null;
  installedMs = Number.NEGATIVE_INFINITY;
  recovery: Recovery | null = null;
  readonly #options: ViewsOptions;
  readonly #post: Post;
  #order: Order | null = null;
  #previous: Order | null = null;
  /** Sent while there is no view, or while it is about to change. */
  #held: Uint8Array[] = [];
  #refusing = false;
  #epochLast = 0;

  constructor(options: ViewsOptions, post: Post) {
    this.#options = options;
    this.#post = post;
  }

  /** Of the view we are in, on the wire. */
  get attempt(): Attempt {
    return this.#order?.view ?? NO_ATTEMPT;
  }

  get frozen(): boolean {
    return this.#order?.frozen ?? false;
  }

  get dueMs(): number {
    return this.#order?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  send(bytes: Uint8Array, nowMs: number): void {
    if (bytes.length > MESSAGE_BYTES_MAX) {
      this.#post.report(`a message of ${bytes.length} bytes was refused: too long`);
      return;
    }
    const open = this.#order !== null && !this.#order.frozen ? this.#order : null;
    const waiting = open?.waiting ?? this.#held;
    const size = waiting.reduce((sum, { length }) => sum + length, bytes.length);
    const full = waiting.length >= WAITING_MAX || size > WAITING_BYTES_MAX;
    if (full && !this.#refusing) {
      this.#post.report(`messages are refused: ${waiting.length} wait already`);
    }
    this.#refusing = full;
    if (full) return;
    const message = new Uint8Array(bytes);
    if (open === null) this.#held.push(message);
    else open.send(message, nowMs);
  }

  /** Stops the present view, if there is one. */
  freeze(): Standing {
    const order = this.#order;
    this.recovery = null;
    if (order === null) return { oldView: NO_ATTEMPT, received: [] };
    if (!order.frozen) {
      order.freeze();
      this.#post.deliver({ kind: 'blocked' });
    }
    return { oldView: order.view, received: order.received() };
  }

  recover(install: Install, nowMs: number): void {
    const { find } = this.#options;
    this.recovery = new Recovery(install, { order: this.#order, find, post: this.#post }, nowMs);
  }

  /** The members go on without us, and we know: what we held for them is not ours any more. */
  drop(): void {
    this.recovery = null;
    this.#previous = null;
    this.#order = null;
    if (this.view === null) return;
    this.view = null;
    this.#held = [];
    this.#post.deliver({ kind: 'stalled' });
  }

  /** @returns false when it is of another view */
  take(from: number, packet: Fragment | Ack, nowMs: number): boolean {
    const order = this.#order;
    if (order === null || !sameAttempt(order.view, packet.view)) return false;
    const index = order.indexOf(from);
    if (index === -1) return false;
    if (packet.kind === 'ack') return order.takeAck(index, packet, nowMs);
    order.take(index, packet);
    return true;
  }

  /** @returns false when we do not hold that view (any more) */
  takeFetch(from: Addressee, { view, stream, after, upTo }: Fetch): boolean {
    const order = [this.#order, this.#previous].find(
      (candidate) => candidate !== null && sameAttempt(candidate.view, view),
    );
    if (!order || order.indexOf(from.member.bootId) === -1) return false;
    const end = Math.min(upTo, after + FETCH_MAX);
    for (let sequence = after + 1; sequence <= end; sequence++) {
      const part = order.part(stream, sequence);
      if (part === undefined) break;
      this.#post.transmit(from, { kind: 'fragment', view, stream, sequence, ...part });
    }
    return true;
  }

  /** Goes as far as it can be gone now. */
  advance(agreement: Agreement, nowMs: number): void {
    if (this.recovery !== null) {
      this.recovery.advance(nowMs, this.#options.repeatMs);
      if (this.recovery.complete) {
        const { install } = this.recovery;
        const { accepted } = agreement;
        assert(accepted.epoch === install.epoch, 'the view to install is the one we agreed to');
        this.#install(install, accepted, nowMs);
        agreement.installed();
      }
    }
    const order = this.#order;
    if (order === null) return;
    for (let due = order.next(); due !== null; due = order.next()) this.#deliver(due);
    if (order.settled) this.#previous = null;
  }

  flush(nowMs: number): void {
    this.#order?.flush(nowMs);
  }

  #install({ members, targets, together }: Install, attempt: Attempt, nowMs: number): void {
    const { self, repeatMs, find, beside } = this.#options;
    const old = this.#order;
    assert(attempt.epoch > this.#epochLast, 'the views of a member come in growing order');
    this.#epochLast = attempt.epoch;
    for (const delivery of old?.rest(targets) ?? []) this.#deliver(delivery);
    const selfIndex = members.findIndex(({ bootId }) => bootId === self.bootId);
    assert(selfIndex !== -1, 'a member is in every view it installs');
    this.#previous = old;
    this.recovery = null;
    const order = new Order({ view: attempt, members, selfIndex, repeatMs, find }, this.#post);
    this.#order = order;
    const id = { epoch: attempt.epoch, proposer: members[0]!.name };
    this.view = { id, members, selfIndex, together };
    this.installedMs = nowMs;
    const names = members.map(({ name }) => name).join(' ');
    this.#post.report(`view ${id.epoch} of ${id.proposer}: ${names}`);
    const other = beside(attempt, members, nowMs);
    this.#post.deliver({ kind: 'view', view: this.view, beside: other });
    const held = this.#held;
    this.#held = [];
    for (const message of held) order.send(message, nowMs);
  }

  #deliver({ senderIndex, bytes }: Delivery): void {
    this.#post.deliver({ kind: 'message', senderIndex, bytes });
  }
}
