/**
 * One chunk's extensions, `*( ";" name [ "=" ( token / quoted-string ) ] )`, byte by byte (RFC 9112
 * 7.1.1). Nobody acts on them; they are read because everything that hides in them is hidden from
 * the next reader as well.
 *
 * What a newcomer gets wrong: RFC 9112 lets a recipient accept white space around ";" and "=", to
 * be removed before use (RFC 9110 5.6.3), and forbids to send it. The body passes through here as
 * it came, nothing is removed, so whoever lets it in also sends it: it is an error.
 */
import { BYTE_CLASS, QUOTED, TOKEN, VALUE } from './bytes.ts';

const State = {
  nameStart: 0,
  name: 1,
  valueStart: 2,
  value: 3,
  quoted: 4,
  escape: 5,
  quotedEnd: 6,
} as const;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class ChunkExtension {
  #state: number = State.nameStart;

  /** Begins behind the first ";". */
  begin(): void {
    this.#state = State.nameStart;
  }

  /** Whether the chunk's line may end here. */
  get whole(): boolean {
    const state = this.#state;
    return state === State.name || state === State.value || state === State.quotedEnd;
  }

  /** False when the byte does not belong here. */
  read(byte: number): boolean {
    const token = (BYTE_CLASS[byte]! & TOKEN) !== 0;
    switch (this.#state) {
      case State.nameStart:
        this.#state = State.name;
        return token;
      case State.name:
        if (byte === EQUALS) this.#state = State.valueStart;
        else if (byte === SEMICOLON) this.#state = State.nameStart;
        else return token;
        return true;
      case State.valueStart:
        this.#state = byte === QUOTE ? State.quoted : State.value;
        return byte === QUOTE || token;
      case State.quoted:
        if (byte === QUOTE) this.#state = State.quotedEnd;
        else if (byte === BACKSLASH) this.#state = State.escape;
        else return (BYTE_CLASS[byte]! & QUOTED) !== 0;
        return true;
      case State.escape:
        this.#state = State.quoted;
        return (BYTE_CLASS[byte]! & VALUE) !== 0;
      default:
        if (byte === SEMICOLON) this.#state = State.nameStart;
        else return this.#state === State.value && token;
        return true;
    }
  }
}
