/**
 * The trailer section of a chunked body, up to and including the blank line (RFC 9112 7.1.2).
 *
 * What a newcomer gets wrong: trailers may be merged into the head by whoever reads them, so a
 * field that frames, routes or authorises must not come in here after everyone has decided by the
 * head (RFC 9110 6.5.1). As the bytes pass through as they are, such a field is an error and not
 * skipped.
 */
import { BYTE_CLASS, CR, LF, TOKEN, VALUE } from './bytes.ts';
import { FIELD_NAME_BYTES_MAX, FIELD_NAMES, FieldId, fieldIdOf } from './field-id.ts';

/** Bytes of all trailer lines: they come after the head's limit was kept, and need one as well. */
export const TRAILER_BYTES_MAX = 8_192;

export type TrailerFault =
  | 'CHUNKED_BAD_TRAILER'
  | 'CHUNKED_FORBIDDEN_TRAILER'
  | 'CHUNKED_TRAILERS_TOO_LARGE';

const State = { lineStart: 0, name: 1, value: 2, lineFeed: 3, endFeed: 4, done: 5 } as const;

const COLON = 0x3a;

const forbidden = new Uint8Array(FIELD_NAMES.length);
for (const id of [
  FieldId.host,
  FieldId.connection,
  FieldId.contentLength,
  FieldId.transferEncoding,
  FieldId.keepAlive,
  FieldId.proxyConnection,
  FieldId.te,
  FieldId.trailer,
  FieldId.upgrade,
  FieldId.expect,
  FieldId.via,
  FieldId.xForwardedFor,
  FieldId.xForwardedProto,
  FieldId.xForwardedHost,
  FieldId.forwarded,
  FieldId.backhandProxied,
  FieldId.cookie,
  FieldId.setCookie,
  FieldId.authorization,
  FieldId.proxyAuthenticate,
  FieldId.proxyAuthorization,
  FieldId.contentType,
  FieldId.contentEncoding,
  FieldId.contentRange,
  FieldId.range,
  FieldId.ifRange,
  FieldId.ifNoneMatch,
  FieldId.ifModifiedSince,
  FieldId.http2Settings,
  FieldId.maxForwards,
  FieldId.location,
]) {
  forbidden[id] = 1;
}

export class TrailerScan {
  fault: TrailerFault | null = null;

  #state: number = State.lineStart;
  #bytesRead = 0;
  /** The name so far, as it may come in pieces; longer ones than we know need not be kept. */
  readonly #name = new Uint8Array(FIELD_NAME_BYTES_MAX);
  #nameBytes = 0;

  get done(): boolean {
    return this.#state === State.done;
  }

  reset(): void {
    this.fault = null;
    this.#state = State.lineStart;
    this.#bytesRead = 0;
    this.#nameBytes = 0;
  }

  /** Reads [start, end) as far as the section goes, and returns the offset behind what it read. */
  push(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state !== State.done) {
      this.fault =
        this.#bytesRead === TRAILER_BYTES_MAX
          ? 'CHUNKED_TRAILERS_TOO_LARGE'
          : this.#read(bytes[at]!);
      if (this.fault !== null) return at;
      this.#bytesRead++;
      at++;
    }
    return at;
  }

  #read(byte: number): TrailerFault | null {
    switch (this.#state) {
      case State.lineStart:
        if (byte === CR) {
          this.#state = State.endFeed;
          return null;
        }
        this.#nameBytes = 0;
        this.#state = State.name;
        return this.#readName(byte);
      case State.name:
        return this.#readName(byte);
      case State.value:
        if (byte === CR) this.#state = State.lineFeed;
        else if ((BYTE_CLASS[byte]! & VALUE) === 0) return 'CHUNKED_BAD_TRAILER';
        return null;
      default:
        if (byte !== LF) return 'CHUNKED_BAD_TRAILER';
        this.#state = this.#state === State.endFeed ? State.done : State.lineStart;
        return null;
    }
  }

  #readName(byte: number): TrailerFault | null {
    if ((BYTE_CLASS[byte]! & TOKEN) !== 0) {
      if (this.#nameBytes < FIELD_NAME_BYTES_MAX) this.#name[this.#nameBytes] = byte;
      this.#nameBytes++;
      return null;
    }
    if (byte !== COLON || this.#nameBytes === 0) return 'CHUNKED_BAD_TRAILER';
    this.#state = State.value;
    if (this.#nameBytes > FIELD_NAME_BYTES_MAX) return null;
    const id = fieldIdOf(this.#name, 0, this.#nameBytes);
    return forbidden[id] === 1 ? 'CHUNKED_FORBIDDEN_TRAILER' : null;
  }
}
