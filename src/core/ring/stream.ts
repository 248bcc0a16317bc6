/**
 * What one member sends in one view, as one holds it: fragments 1, 2, 3 ..., and the messages they
 * make. Held until it is known that all have them, because whoever has a fragment may be asked for
 * it.
 *
 *     freed | delivered, kept for others | whole, waiting for their turn | gap | later ones
 *           ^ #freed                                                    ^ count
 *
 * What a newcomer gets wrong: `count` is what is there without a gap. Fragments beyond a gap are
 * kept but count for nothing, neither in acknowledgements nor for the order.
 */
import { assert } from '../util/assert.ts';
import { MESSAGE_BYTES_MAX } from './group.ts';

/**
 * With all headers, the largest group name and a seal of 40 bytes this fits 1,280 bytes, which
 * every IPv6 link carries whole (RFC 8200 5); one lost piece of a larger datagram loses all of it.
 */
export const FRAGMENT_BYTES_MAX = 1_100;

/** Beyond the gap-free part: a peer's window, and the longest message on top of it. */
const AHEAD_MAX = 512;
/** All of a stream: a queue of `WAITING_BYTES_MAX` in fragments, and as much being delivered. */
const HELD_MAX = 4_096;

export type Part = {
  /** The message's Lamport time, the same in all its fragments. */
  readonly time: number;
  readonly last: boolean;
  readonly bytes: Uint8Array;
};

/** A whole message: fragments `first` to `last`. */
export type Ready = { readonly time: number; readonly first: number; readonly last: number };

export class Stream {
  /** Fragments 1 to `count` are there. */
  count = 0;
  /** Nothing that is missing here has a time up to this. */
  horizon = 0;
  #wholeLast = true;
  #timeLast = 0;
  /** Whole and gap-free, not delivered. */
  readonly #ready: Ready[] = [];
  /** By sequence; from `#freed` + 1 up to `count` without a gap. */
  readonly #parts = new Map<number, Part>();
  #freed = 0;
  #delivered = 0;
  #openFirst = 1;
  #openBytes = 0;

  /** Cuts a message of ours and appends it. */
  append(time: number, message: Uint8Array): void {
    for (let at = 0; at === 0 || at < message.length; at += FRAGMENT_BYTES_MAX) {
      const bytes = message.slice(at, at + FRAGMENT_BYTES_MAX);
      const last = at + FRAGMENT_BYTES_MAX >= message.length;
      this.#parts.set(this.count + 1, { time, last, bytes });
      assert(this.#advance(), 'what we send ourselves is in order');
    }
  }

  /** @returns whether it was wanted: not there yet, and not too far ahead */
  put(sequence: number, part: Part): boolean {
    if (sequence <= this.count || sequence > this.count + AHEAD_MAX) return false;
    if (sequence > this.#freed + HELD_MAX || this.#parts.has(sequence)) return false;
    this.#parts.set(sequence, part);
    while (this.#advance());
    return true;
  }

  /** The owner says that what it sends after `sent` fragments is later than `clock`. */
  claim(clock: number, sent: number): void {
    if (sent <= this.count && this.#wholeLast) this.horizon = Math.max(this.horizon, clock);
  }

  get(sequence: number): Part | undefined {
    return this.#parts.get(sequence);
  }

  /** Something later is there, so something is missing. */
  get hasGap(): boolean {
    return this.#parts.size > this.count - this.#freed;
  }

  get next(): Ready | undefined {
    return this.#ready[0];
  }

  /** The next message, whole. It stays here for those who lack it. */
  deliver(): Uint8Array {
    const message = this.#ready.shift();
    assert(message !== undefined, 'there is a message to deliver');
    this.#delivered = message.last;
    return this.#join(message);
  }

  /** All have these. What is not delivered yet stays. */
  free(upTo: number): void {
    const end = Math.min(upTo, this.#delivered);
    while (this.#freed < end) this.#parts.delete(++this.#freed);
  }

  /** Takes in the fragment after the last one. A stream with nonsense in it stops here for good. */
  #advance(): boolean {
    const part = this.#parts.get(this.count + 1);
    if (part === undefined) return false;
    const begins = this.#wholeLast;
    const inOrder = begins ? part.time > this.horizon : part.time === this.#timeLast;
    const size = part.bytes.length + (begins ? 0 : this.#openBytes);
    if (!inOrder || size > MESSAGE_BYTES_MAX) {
      this.#parts.delete(this.count + 1);
      return false;
    }
    this.count++;
    this.#openBytes = size;
    this.#timeLast = part.time;
    this.#wholeLast = part.last;
    if (part.last) {
      this.horizon = part.time;
      this.#ready.push({ time: part.time, first: this.#openFirst, last: this.count });
      this.#openFirst = this.count + 1;
    }
    return true;
  }

  #join({ first, last }: Ready): Uint8Array {
    let size = 0;
    for (let i = first; i <= last; i++) size += this.#parts.get(i)!.bytes.length;
    const message = new Uint8Array(size);
    for (let i = first, at = 0; i <= last; i++) {
      const { bytes } = this.#parts.get(i)!;
      message.set(bytes, at);
      at += bytes.length;
    }
    return message;
  }
}
