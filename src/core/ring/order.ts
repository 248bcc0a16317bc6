/**
 * The messages of one view, in one order, without a sequencer and without a token.
 *
 * Each member sends a stream of its own and stamps messages with Lamport's clock ("Time, Clocks,
 * and the Ordering of Events in a Distributed System", 1978). Messages are delivered by (time,
 * sender). One is due when nothing earlier can come any more: when of every other member we hold,
 * without a gap, all that it had sent when its clock had already passed the message's time.
 *
 * So a message costs one way for itself and one for the acknowledgements, and no member is special:
 * none can fail in a way that loses the order. (Totem and Spread pass a token: fewer datagrams when
 * busy, half a round more to wait when idle, and a lost token stops all.)
 *
 * What a newcomer gets wrong: the sender delivers its own messages by the same rule as everybody
 * else, never at once. That is what makes self-delivery and once-only hold without further care.
 */
import { assert } from '../util/assert.ts';
import type { Member } from './group.ts';
import type { Ack, Attempt, Fragment, Target } from './packet.ts';
import type { Addressee, Post } from './post.ts';
import { type Part, Stream } from './stream.ts';

/** Fragments of our own that not all have: 128 of 1,100 bytes stay below a socket's 212 KB. */
const WINDOW = 128;
/** Fragments sent again to one member at once. */
const RESEND_MAX = 32;
/**
 * Between two rounds of acknowledgements, for each member of the view. In a round everybody writes
 * to everybody: at each news, a merge of twelve took 1,700 datagrams instead of 300, and on busy
 * machines most of its time. The price is a delay of up to this, once for each message.
 */
const ROUND_MS = 1 / 3;

export type OrderOptions = {
  readonly view: Attempt;
  readonly members: readonly Member[];
  readonly selfIndex: number;
  readonly repeatMs: number;
  /** Where a member is now; undefined when it is not known any more. */
  readonly find: (bootId: number) => Addressee | undefined;
};

export type Delivery = { readonly senderIndex: number; readonly bytes: Uint8Array };

/** What is known of another member's progress. */
type Progress = {
  /** Has acknowledged anything in this view, so it has installed it. */
  heard: boolean;
  /** By stream: what it holds without a gap. */
  readonly received: number[];
  /** Its last claim: up to `clock` it has sent `sent`. */
  clock: number;
  sent: number;
  resentMs: number;
  /** Wants to hear from us by itself. */
  asked: boolean;
};

export class Order {
  readonly view: Attempt;
  readonly members: readonly Member[];
  readonly #options: OrderOptions;
  readonly #post: Post;
  readonly #indices: ReadonlyMap<number, number>;
  readonly #streams: Stream[];
  readonly #progress: Progress[];
  /** Of our own fragments, by sequence: when they were first sent. */
  readonly #sentMs = new Map<number, number>();
  /** For the window to open. */
  readonly waiting: Uint8Array[] = [];
  #clock = 0;
  #frozen = false;
  /** Something new came: all shall know. */
  #news = true;
  #dirty = true;
  /** Everybody has heard that we are in this view. */
  #begun = false;
  #repeatAtMs = Number.POSITIVE_INFINITY;
  /** What is new waits until then, to be acknowledged in one round. */
  #roundFromMs = Number.NEGATIVE_INFINITY;
  #lastTime = 0;
  #lastIndex = -1;

  constructor(options: OrderOptions, post: Post) {
    this.#options = options;
    this.#post = post;
    this.view = options.view;
    this.members = options.members;
    this.#indices = new Map(options.members.map(({ bootId }, index) => [bootId, index]));
    this.#streams = options.members.map(() => new Stream());
    this.#progress = options.members.map(() => ({
      heard: false,
      received: options.members.map(() => 0),
      clock: 0,
      sent: 0,
      resentMs: Number.NEGATIVE_INFINITY,
      asked: false,
    }));
  }

  /** @returns -1 for somebody who is not in this view */
  indexOf(bootId: number): number {
    return this.#indices.get(bootId) ?? -1;
  }

  /** Everybody is known to be in this view: nobody needs the view before it any more. */
  get settled(): boolean {
    return this.#progress.every(({ heard }, index) => heard || this.#isSelf(index));
  }

  send(message: Uint8Array, nowMs: number): void {
    assert(!this.#frozen, 'nothing new is sent once the members are about to change');
    this.waiting.push(message);
    this.#pump(nowMs);
  }

  take(from: number, packet: Fragment): void {
    const stream = this.#streams[packet.stream];
    if (stream === undefined || this.#isSelf(packet.stream)) return;
    if (stream.put(packet.sequence, packet)) {
      this.#news = true;
      if (!this.#frozen) this.#clock = Math.max(this.#clock, packet.time);
      this.#claim(packet.stream);
    } else {
      // It does not know yet that we have it.
      this.#progress[from]!.asked = true;
    }
    this.#dirty = true;
  }

  /** @returns false when it cannot be true */
  takeAck(from: number, packet: Ack, nowMs: number): boolean {
    const { selfIndex } = this.#options;
    const has = packet.received[selfIndex] ?? Number.POSITIVE_INFINITY;
    if (packet.received.length !== this.members.length || has > this.#own.count) return false;
    const progress = this.#progress[from]!;
    const first = !progress.heard;
    progress.heard = true;
    progress.asked ||= packet.asks;
    packet.received.forEach((count, i) => {
      if (count > progress.received[i]!) progress.received[i] = count;
    });
    if (packet.sent > progress.received[from]!) progress.received[from] = packet.sent;
    if (packet.clock >= progress.clock) {
      progress.clock = packet.clock;
      progress.sent = packet.sent;
    }
    if (this.#frozen) return true;
    this.#clock = Math.max(this.#clock, packet.clock);
    this.#claim(from);
    this.#dirty = true;
    if (packet.misses && (first || nowMs - progress.resentMs >= this.#options.repeatMs / 2)) {
      this.#resend(from, nowMs, 0);
    }
    return true;
  }

  /** The next message that is due. */
  next(): Delivery | null {
    if (this.#frozen) return null;
    const senderIndex = this.#earliest(() => true);
    if (senderIndex === -1) return null;
    const { time } = this.#streams[senderIndex]!.next!;
    const due = this.#streams.every(
      ({ horizon }, i) => i === senderIndex || this.#isSelf(i) || horizon >= time,
    );
    return due ? this.#deliver(senderIndex) : null;
  }

  /**
   * The members are about to change: from here on nothing is delivered but up to what is agreed.
   * What was sent in this view belongs to it, so all that waits becomes part of our stream now; the
   * others fetch it.
   */
  freeze(): void {
    if (this.#frozen) return;
    for (const message of this.waiting) this.#own.append(++this.#clock, message);
    this.waiting.length = 0;
    this.#frozen = true;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  received(): number[] {
    return this.#streams.map(({ count }) => count);
  }

  part(stream: number, sequence: number): Part | undefined {
    return this.#streams[stream]?.get(sequence);
  }

  /**
   * The rest of the view, in its order: every whole message up to the targets. All who come from
   * this view together have the same targets, so they deliver the same; an incomplete message at
   * the end of a stream is dropped by all of them.
   */
  *rest(targets: readonly Target[]): Generator<Delivery> {
    assert(this.#frozen, 'the members were about to change');
    const within = (i: number): boolean => this.#streams[i]!.next!.last <= targets[i]!.count;
    for (;;) {
      const senderIndex = this.#earliest(within);
      if (senderIndex === -1) return;
      yield this.#deliver(senderIndex);
    }
  }

  /** When `flush` has something to do. */
  get dueMs(): number {
    if (this.#frozen) return Number.POSITIVE_INFINITY;
    return this.#dirty ? this.#roundFromMs : this.#repeatAtMs;
  }

  /** Acknowledges what came since the last time, all in one, and repeats what is not answered. */
  flush(nowMs: number): void {
    if (nowMs < this.dueMs) return;
    this.#dirty = false;
    this.#free();
    this.#pump(nowMs);
    const repeats = nowMs >= this.#repeatAtMs;
    let open = false;
    if (this.#news) this.#roundFromMs = nowMs + ROUND_MS * this.members.length;
    this.#progress.forEach((progress, index) => {
      if (this.#isSelf(index)) return;
      const behind = !this.#isLevel(progress, index);
      open ||= behind;
      if (repeats && behind) this.#resend(index, nowMs, this.#options.repeatMs);
      if (this.#news || progress.asked || (repeats && behind)) {
        this.#acknowledge(index, repeats && behind);
      }
      progress.asked = false;
    });
    this.#news = false;
    this.#begun = true;
    if (!open) this.#repeatAtMs = Number.POSITIVE_INFINITY;
    else if (repeats || this.#repeatAtMs === Number.POSITIVE_INFINITY) {
      this.#repeatAtMs = nowMs + this.#options.repeatMs;
    }
  }

  #isSelf(index: number): boolean {
    return index === this.#options.selfIndex;
  }

  get #own(): Stream {
    return this.#streams[this.#options.selfIndex]!;
  }

  #pump(nowMs: number): void {
    const others = this.#progress.filter((_, index) => !this.#isSelf(index));
    const { selfIndex } = this.#options;
    const acked = Math.min(this.#own.count, ...others.map(({ received }) => received[selfIndex]!));
    while (this.waiting.length > 0 && this.#own.count - acked < WINDOW) {
      const first = this.#own.count + 1;
      this.#own.append(++this.#clock, this.waiting.shift()!);
      for (let sequence = first; sequence <= this.#own.count; sequence++) {
        this.#sentMs.set(sequence, nowMs);
        this.members.forEach((_, index) => {
          if (!this.#isSelf(index)) this.#transmit(index, sequence);
        });
      }
      this.#dirty = true;
    }
  }

  #transmit(to: number, sequence: number): void {
    const addressee = this.#options.find(this.members[to]!.bootId);
    if (addressee === undefined) return;
    const part = this.#own.get(sequence);
    assert(part !== undefined, 'what not all have is still here');
    const { view } = this;
    const stream = this.#options.selfIndex;
    this.#post.transmit(addressee, { kind: 'fragment', view, stream, sequence, ...part });
  }

  #resend(to: number, nowMs: number, ageMsMin: number): void {
    const progress = this.#progress[to]!;
    progress.resentMs = nowMs;
    const has = progress.received[this.#options.selfIndex]!;
    const end = Math.min(this.#own.count, has + RESEND_MAX);
    for (let sequence = has + 1; sequence <= end; sequence++) {
      if (nowMs - this.#sentMs.get(sequence)! >= ageMsMin) this.#transmit(to, sequence);
    }
  }

  #acknowledge(to: number, asks: boolean): void {
    const addressee = this.#options.find(this.members[to]!.bootId);
    if (addressee === undefined) return;
    this.#post.transmit(addressee, {
      kind: 'ack',
      view: this.view,
      asks,
      misses: !this.#begun || this.#misses(to),
      clock: this.#clock,
      sent: this.#own.count,
      received: this.received(),
    });
  }

  #misses(index: number): boolean {
    const stream = this.#streams[index]!;
    return stream.hasGap || this.#progress[index]!.sent > stream.count;
  }

  /** It has all that we have, we have all that it has, and both of us know. */
  #isLevel({ heard, received }: Progress, index: number): boolean {
    if (!heard || this.#misses(index)) return false;
    return this.#streams.every(({ count }, i) => received[i]! >= count);
  }

  /** Frees what all have. A member that installs late has it all, or fetches it from us. */
  #free(): void {
    this.#streams.forEach((stream, i) => {
      let all = stream.count;
      this.#progress.forEach(({ received }, index) => {
        if (!this.#isSelf(index)) all = Math.min(all, received[i]!);
      });
      stream.free(all);
      if (this.#isSelf(i)) {
        for (const sequence of this.#sentMs.keys()) {
          if (sequence > all) break;
          this.#sentMs.delete(sequence);
        }
      }
    });
  }

  /** A claim made before all that it covers had come counts once it has. */
  #claim(index: number): void {
    const { clock, sent } = this.#progress[index]!;
    this.#streams[index]!.claim(clock, sent);
  }

  /** The sender of the message that is next by (time, sender), or -1. */
  #earliest(counts: (index: number) => boolean): number {
    let earliest = -1;
    let time = Number.POSITIVE_INFINITY;
    this.#streams.forEach(({ next }, index) => {
      if (next === undefined || next.time >= time || !counts(index)) return;
      earliest = index;
      time = next.time;
    });
    return earliest;
  }

  #deliver(senderIndex: number): Delivery {
    const stream = this.#streams[senderIndex]!;
    const { time } = stream.next!;
    const later =
      time > this.#lastTime || (time === this.#lastTime && senderIndex > this.#lastIndex);
    assert(later, 'messages are delivered in the order of (time, sender)');
    this.#lastTime = time;
    this.#lastIndex = senderIndex;
    return { senderIndex, bytes: stream.deliver() };
  }
}
