/**
 * The envelope of every datagram between nodes: who sent it, its number, and that it is true.
 *
 *     0        4   5   6        12            18                    n-32
 *     | "FHR1" |flg| 0 | bootId | sequence    | payload ...         | HMAC-SHA256 |
 *
 * Integers are big-endian; `bootId` and `sequence` have 48 bits. The HMAC covers all before it.
 * Without a secret there is none, and only the order of numbers is checked.
 *
 * What a newcomer gets wrong: a replayed datagram is recognised by its number, not by a clock, so
 * the clocks of the nodes do not matter. That works because a sender draws a new bootId at each
 * start and we remember the numbers of every boot we have heard (`BOOTS_MAX`). What was recorded
 * before *we* started names no boot of ours, and the ring takes nothing for itself from it.
 */
import { timingSafeEqual } from 'node:crypto';
import { makeSign, type Sign } from '../../io/mac.ts';

const MAGIC = 0x46485231;
const HEADER_BYTES = 18;
const MAC_BYTES = 32;
const SIGNED = 1;

/** A datagram network reorders by a few, a loaded receiver by some hundreds. */
const WINDOW = 1_024;

/** Boots remembered; 64 nodes restarted once a minute fill this in an hour. */
const BOOTS_MAX = 4_096;

export const SEAL_REFUSALS = [
  'short',
  'foreign',
  'unsigned',
  'bad-signature',
  'own',
  'replayed',
] as const;
export type SealRefusal = (typeof SEAL_REFUSALS)[number];

export type Unsealed =
  | { readonly kind: 'ok'; readonly bootId: number; readonly payload: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: SealRefusal };

/** 48 bits are two fields: 16 and 32. */
const HALF = 2 ** 32;

export class Seal {
  readonly #bootId: number;
  /** Of each secret: the first signs, all are believed; none: nothing is signed. */
  #signs: readonly Sign[] = [];
  #sequence = 0;
  readonly #heard = new Map<number, Window>();

  constructor(secrets: readonly string[], bootId: number) {
    this.secrets = secrets;
    this.#bootId = bootId;
  }

  set secrets(secrets: readonly string[]) {
    this.#signs = secrets.map(makeSign);
  }

  /** No Buffers here, nor below: `io/udp-socket.ts` says why. */
  seal(payload: Uint8Array): Uint8Array {
    const [sign] = this.#signs;
    const end = HEADER_BYTES + payload.length;
    const bytes = new Uint8Array(end + (sign === undefined ? 0 : MAC_BYTES));
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MAGIC);
    bytes[4] = sign === undefined ? 0 : SIGNED;
    setUint48(view, 6, this.#bootId);
    setUint48(view, 12, ++this.#sequence);
    bytes.set(payload, HEADER_BYTES);
    if (sign !== undefined) bytes.set(sign(bytes.subarray(0, end)), end);
    return bytes;
  }

  /** @returns the payload as a part of `datagram`, or why it counts for nothing */
  open(datagram: Uint8Array): Unsealed {
    const { length } = datagram;
    if (length < HEADER_BYTES) return refused('short');
    const view = new DataView(datagram.buffer, datagram.byteOffset, length);
    if (view.getUint32(0) !== MAGIC) return refused('foreign');
    const isSigned = (datagram[4]! & SIGNED) !== 0;
    const end = length - (isSigned ? MAC_BYTES : 0);
    if (end < HEADER_BYTES) return refused('short');
    if (this.#signs.length > 0) {
      if (!isSigned) return refused('unsigned');
      if (!this.#isTrue(datagram.subarray(0, end), datagram.subarray(end))) {
        return refused('bad-signature');
      }
    }
    const bootId = getUint48(view, 6);
    // A broadcast comes back to its sender.
    if (bootId === this.#bootId) return refused('own');
    if (!this.#windowOf(bootId).take(getUint48(view, 12))) return refused('replayed');
    return { kind: 'ok', bootId, payload: datagram.subarray(HEADER_BYTES, end) };
  }

  #isTrue(bytes: Uint8Array, mac: Uint8Array): boolean {
    for (const sign of this.#signs) if (timingSafeEqual(sign(bytes), mac)) return true;
    return false;
  }

  #windowOf(bootId: number): Window {
    const known = this.#heard.get(bootId);
    if (known !== undefined) return known;
    if (this.#heard.size >= BOOTS_MAX) {
      const [oldest] = this.#heard.keys();
      this.#heard.delete(oldest!);
    }
    const window = new Window();
    this.#heard.set(bootId, window);
    return window;
  }
}

/** Which of the last `WINDOW` numbers were seen: a ring of bits (RFC 6479). */
class Window {
  #highest = 0;
  readonly #seen = new Uint8Array(WINDOW);

  /** @returns whether the number is new; it then is no more */
  take(sequence: number): boolean {
    if (sequence <= this.#highest - WINDOW) return false;
    const place = sequence % WINDOW;
    if (sequence > this.#highest) {
      const first = Math.max(this.#highest + 1, sequence - WINDOW + 1);
      for (let skipped = first; skipped < sequence; skipped++) this.#seen[skipped % WINDOW] = 0;
      this.#highest = sequence;
    } else if (this.#seen[place] === 1) return false;
    this.#seen[place] = 1;
    return true;
  }
}

function setUint48(view: DataView, at: number, value: number): void {
  view.setUint16(at, Math.floor(value / HALF));
  view.setUint32(at + 2, value % HALF);
}

function getUint48(view: DataView, at: number): number {
  return view.getUint16(at) * HALF + view.getUint32(at + 2);
}

function refused(reason: SealRefusal): Unsealed {
  return { kind: 'refused', reason };
}
