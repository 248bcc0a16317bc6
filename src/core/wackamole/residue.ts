/**
 * What the original has in its one buffer behind the end of a message that is too short.
 *
 * Its BALANCE may count more moves than it brings: none was left to make, and the counter went on.
 * Every original then reads on in what earlier messages left in its buffer, and believes it. As all
 * got the same messages, they believe the same, and so must we, or an address would be held twice.
 *
 * What a newcomer gets wrong: this is no part of the protocol, and nothing is ever written here
 * that was not received. What lies behind the longest BALANCE is not kept.
 */
import { type Move, movesIn, SLOTS_MAX } from './messages.ts';

const KEPT_BYTES = 4 + 8 * SLOTS_MAX;

export class Residue {
  readonly #bytes = new Uint8Array(KEPT_BYTES);

  /** Of every message, before it is acted on. */
  receive(bytes: Uint8Array): void {
    this.#bytes.set(bytes.subarray(0, KEPT_BYTES));
  }

  /** Of a membership: nothing in it reads as a move, but it covers what was there. */
  cover(length: number): void {
    this.#bytes.fill(0, 0, Math.min(length, KEPT_BYTES));
  }

  /** The moves that a BALANCE counts and does not bring. */
  moves(brought: number, missing: number): Move[] {
    return movesIn(this.#bytes, { from: brought, to: brought + missing });
  }
}
