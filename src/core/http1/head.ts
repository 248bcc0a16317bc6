/**
 * What request and response heads share: the field lines, and how the body behind them is framed.
 *
 *     parse(bytes, start, end, head) ──► partial ──► more bytes, same head, same call ──► complete
 *                                     └► bad: `head.error` says what to answer, then close
 *
 * A head object lives as long as its connection and is `reset` for each message; nothing is
 * allocated and no string is made. It also holds how far it has read, so that a head arriving byte
 * by byte is read once, and a byte that fits nowhere is refused when it comes.
 *
 * What a newcomer gets wrong: offsets are relative to the head's first byte (`start`), because the
 * bytes move between calls. Add `start` to use them, and pass all of the head's bytes each time.
 */
import type { FieldId } from './field-id.ts';
import type { HeadError, SharedFault } from './head-error.ts';
import { Words } from './value-end.ts';

export const Parse = { complete: 0, partial: 1, bad: 2 } as const;
export type Parse = (typeof Parse)[keyof typeof Parse];

/** What says where the body ends (RFC 9112 6.3). */
export const Framing = { none: 0, length: 1, chunked: 2, untilClose: 3 } as const;
export type Framing = (typeof Framing)[keyof typeof Framing];

/** Field lines of one head. Apache, HAProxy and Node's successors ask for 100 to 101 as well. */
export const FIELDS_MAX = 100;

/** Bytes of one head when nothing else is said; the relay passes its configured limit. */
export const HEAD_BYTES_MAX = 16_384;

/** The field lines in the order they came. Line `i` is bytes [nameStart[i], lineEnd[i]). */
export class Fields {
  count = 0;
  /** A `FieldId` for each line. */
  readonly id = new Uint8Array(FIELDS_MAX);
  readonly nameStart = new Int32Array(FIELDS_MAX);
  readonly nameEnd = new Int32Array(FIELDS_MAX);
  /** Without the white space around it; equal to `valueEnd` when the value is empty. */
  readonly valueStart = new Int32Array(FIELDS_MAX);
  readonly valueEnd = new Int32Array(FIELDS_MAX);
  /** Offset behind the line's CRLF, where the next line or the blank line begins. */
  readonly lineEnd = new Int32Array(FIELDS_MAX);

  /** What is scanned, by words. */
  readonly words = new Words();

  /** Progress of the scan: bytes read, and where in a line that is (`scan-fields.ts`). */
  offset = 0;
  state = 0;
  fault: SharedFault | null = null;

  reset(): void {
    this.count = 0;
    this.offset = 0;
    this.state = 0;
    this.fault = null;
  }

  /** The first line with this id at or after `from`, or -1. */
  indexOf(id: FieldId, from = 0): number {
    for (let index = from; index < this.count; index++) {
      if (this.id[index] === id) return index;
    }
    return -1;
  }
}

export class MessageHead {
  readonly fields = new Fields();
  /**
   * 1 for each field line that ends at this hop (RFC 9110 7.6.1): the relay leaves these out and
   * writes its own. Valid once complete.
   */
  readonly dropped = new Uint8Array(FIELDS_MAX);
  /** A head that is not complete within this many bytes is refused. */
  readonly bytesMax: number;

  /** 0 or 1: HTTP/1.0 or HTTP/1.1. */
  versionMinor = 1;
  framing: Framing = Framing.none;
  /** Bytes of body when `framing` is `length`, otherwise 0. */
  contentLength = 0;
  /** Whether the connection may carry another message after this one. */
  keepAlive = true;
  /** Has Upgrade, and Connection names it, and the version knows it. */
  upgrade = false;
  /** Set with `Parse.bad`, and stays until `reset`. */
  error: HeadError | null = null;
  /** Length of the whole head with its blank line, once complete. */
  headBytes = 0;

  /** What the fields said, before it is weighed: line numbers, or -1 for none. */
  lengthIndex = -1;
  codingIndex = -1;
  upgradeIndex = -1;
  connectionCount = 0;
  /** Options that Connection named. */
  optionClose = false;
  optionKeepAlive = false;
  optionUpgrade = false;
  optionCount = 0;

  constructor(bytesMax: number = HEAD_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  reset(): void {
    this.fields.reset();
    this.versionMinor = 1;
    this.framing = Framing.none;
    this.contentLength = 0;
    this.keepAlive = true;
    this.upgrade = false;
    this.error = null;
    this.headBytes = 0;
    this.lengthIndex = -1;
    this.codingIndex = -1;
    this.upgradeIndex = -1;
    this.connectionCount = 0;
    this.optionClose = false;
    this.optionKeepAlive = false;
    this.optionUpgrade = false;
    this.optionCount = 0;
  }
}
