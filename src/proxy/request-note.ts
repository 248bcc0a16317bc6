/**
 * What is noted of the request under way, for its record (core/report/request-record.ts).
 *
 *     begin ─► (sent ─► ...) ─► (firstByte) ─► end: the record can be read
 *
 * Each client has one of these and uses it again for each request. It writes straight into the slot
 * of shared memory that the request has; only where thousands are under way at once it is private
 * memory first. What a newcomer gets wrong: while nobody wants records every call is one comparison
 * and nothing else, and a request that began so has no record.
 */
import { FieldId } from '../core/http1/field-id.ts';
import type { RequestHead } from '../core/http1/request-head.ts';
import { type Outcome, outcomeIndex } from '../core/relay/outcome.ts';
import {
  CLIENT_BYTES,
  Flag,
  HEAD_BYTES,
  IN_AT_MS,
  IN_BYTES_OUT,
  IN_CHOSEN,
  IN_CLIENT,
  IN_CLIENT_BYTES,
  IN_FIRST_BYTE_MS,
  IN_FLAGS,
  IN_HEAD,
  IN_HEAD_BYTES,
  IN_NUMBER,
  IN_OUTCOME,
  IN_SEED,
  IN_SENT_MS,
  IN_SERVER,
  IN_STARTED_MS,
  IN_STATUS,
  IN_TOTAL_MS,
  IN_TRIES,
  IN_WAY,
  IN_ZONE,
  SLOT_WORDS,
} from '../core/report/record-layout.ts';
import { type Decision, Way } from './decision.ts';
import type { RecordWriter, Slots } from './record-writer.ts';

/** Of a first line that was refused; it may be anything. */
const REFUSED_BYTES_MAX = 256;

const LF = 10;

export type When = { readonly nowMs: number; readonly monotonicMs: number };

export class RequestNote {
  readonly #writer: RecordWriter;
  /** Where the slot is; null: nothing is noted of this request. */
  #slots: Slots | null = null;
  #slot = 0;

  constructor(writer: RecordWriter) {
    this.#writer = writer;
  }

  /** @param clientAddress of the other end of the connection */
  begin({ nowMs, monotonicMs }: When, clientAddress: string): void {
    if (!this.#writer.next()) {
      this.#slots = null;
      return;
    }
    const { slots, slot } = this.#writer;
    this.#slots = slots;
    this.#slot = slot;
    const { words, doubles } = slots!;
    const at = slot * SLOT_WORDS + slots!.wordsAt;
    words[at + IN_NUMBER] = this.#writer.number;
    words[at + IN_ZONE] = 0;
    words[at + IN_SERVER] = 0;
    words[at + IN_CHOSEN] = 0;
    words[at + IN_WAY] = Way.refuse;
    words[at + IN_FLAGS] = 0;
    words[at + IN_STATUS] = 0;
    words[at + IN_TRIES] = 0;
    words[at + IN_SEED] = 0;
    words[at + IN_HEAD_BYTES] = 0;
    const double = at / 2;
    doubles[double + IN_AT_MS] = nowMs;
    doubles[double + IN_BYTES_OUT] = 0;
    doubles[double + IN_SENT_MS] = -1;
    doubles[double + IN_FIRST_BYTE_MS] = -1;
    doubles[double + IN_STARTED_MS] = monotonicMs;
    this.#client(slots!, at, clientAddress);
  }

  /** Before the head is rewritten. */
  decided(decision: Decision, seed: number): void {
    const slots = this.#slots;
    if (slots === null) return;
    const at = this.#slot * SLOT_WORDS + slots.wordsAt;
    slots.words[at + IN_WAY] = decision.way;
    slots.words[at + IN_ZONE] = this.#writer.nameOf(decision.zoneName);
    slots.words[at + IN_CHOSEN] = this.#writer.nameOf(decision.server?.name ?? '');
    slots.words[at + IN_SEED] = seed;
    if (!decision.relayed) return;
    slots.words[at + IN_FLAGS]! |= Flag.relayed;
    this.#client(slots, at, decision.clientAddress);
  }

  /** The head as it came, but for what is nobody else's business. */
  head(memory: Uint8Array, start: number, head: RequestHead): void {
    const slots = this.#slots;
    if (slots === null) return;
    const { fields, headBytes } = head;
    let whole = headBytes <= HEAD_BYTES;
    for (let i = 0; i < fields.count && whole; i++) whole = !isCredential(fields.id[i]!);
    const at = this.#slot * SLOT_WORDS + slots.wordsAt;
    if (whole) {
      const to = this.#slot * 4 * SLOT_WORDS + 4 * slots.wordsAt + IN_HEAD;
      this.#writer.buffers.of(memory).copy(slots.bytes, to, start, start + headBytes);
      slots.words[at + IN_HEAD_BYTES] = headBytes;
    } else this.#headInParts(slots, at, { memory, start, head });
  }

  /** The first line of what could not be understood. */
  refused(memory: Uint8Array, start: number, end: number): void {
    const slots = this.#slots;
    if (slots === null) return;
    const at = this.#slot * SLOT_WORDS + slots.wordsAt;
    const limit = Math.min(end, start + REFUSED_BYTES_MAX);
    let to = start;
    while (to < limit && memory[to] !== LF) to++;
    slots.words[at + IN_FLAGS]! |= Flag.refused;
    slots.words[at + IN_HEAD_BYTES] = 0;
    this.#append(slots, at, { memory, from: start, to });
  }

  /** A try: from now on it is this server that is waited for; '' is our own application. */
  sent(server: string, monotonicMs: number): void {
    const slots = this.#slots;
    if (slots === null) return;
    const at = this.#slot * SLOT_WORDS + slots.wordsAt;
    slots.words[at + IN_TRIES]! += 1;
    slots.words[at + IN_SERVER] = this.#writer.nameOf(server);
    slots.doubles[at / 2 + IN_SENT_MS] = monotonicMs - slots.doubles[at / 2 + IN_STARTED_MS]!;
  }

  chosenAgain(): void {
    const slots = this.#slots;
    if (slots === null) return;
    slots.words[this.#slot * SLOT_WORDS + slots.wordsAt + IN_FLAGS]! |= Flag.chosenAgain;
  }

  firstByte(monotonicMs: number): void {
    const slots = this.#slots;
    if (slots === null) return;
    const double = (this.#slot * SLOT_WORDS + slots.wordsAt) / 2;
    slots.doubles[double + IN_FIRST_BYTE_MS] = monotonicMs - slots.doubles[double + IN_STARTED_MS]!;
  }

  /** @param count less than zero for a head: only what follows it counts */
  bytesOut(count: number): void {
    const slots = this.#slots;
    if (slots === null) return;
    slots.doubles[(this.#slot * SLOT_WORDS + slots.wordsAt) / 2 + IN_BYTES_OUT]! += count;
  }

  end(outcome: Outcome, status: number, monotonicMs: number): void {
    const slots = this.#slots;
    if (slots === null) return;
    this.#slots = null;
    const at = this.#slot * SLOT_WORDS + slots.wordsAt;
    slots.words[at + IN_OUTCOME] = outcomeIndex(outcome);
    slots.words[at + IN_STATUS] = status;
    slots.doubles[at / 2 + IN_TOTAL_MS] = monotonicMs - slots.doubles[at / 2 + IN_STARTED_MS]!;
    this.#writer.complete(slots, this.#slot);
  }

  #client({ words, bytes }: Slots, at: number, address: string): void {
    const length = Math.min(address.length, CLIENT_BYTES);
    const to = 4 * (at + IN_CLIENT);
    for (let i = 0; i < length; i++) bytes[to + i] = address.charCodeAt(i);
    words[at + IN_CLIENT_BYTES] = length;
  }

  /**
   * Line by line, as one of them must be left out. The request line first, then what a chain looks
   * at, then whatever else has room; a line is kept whole or not at all.
   */
  #headInParts(slots: Slots, at: number, part: HeadPart): void {
    const { memory, start, head } = part;
    const { fields } = head;
    slots.words[at + IN_HEAD_BYTES] = 0;
    const lineEnd = start + (fields.count === 0 ? head.headBytes : fields.nameStart[0]!);
    const line = { memory, from: start, to: Math.min(lineEnd, start + HEAD_BYTES) };
    this.#append(slots, at, line);
    let flags = line.to < lineEnd ? Flag.cut : 0;
    for (const important of [true, false]) {
      for (let i = 0; i < fields.count; i++) {
        const id = fields.id[i]!;
        if ((id === FieldId.host || id === FieldId.cookie) !== important) continue;
        if (isCredential(id)) {
          flags |= Flag.credentials;
          continue;
        }
        const from = start + fields.nameStart[i]!;
        const fits = this.#append(slots, at, { memory, from, to: start + fields.lineEnd[i]! });
        if (!fits) flags |= Flag.cut;
      }
    }
    slots.words[at + IN_FLAGS]! |= flags;
  }

  #append(slots: Slots, at: number, { memory, from, to }: Bytes): boolean {
    const before = slots.words[at + IN_HEAD_BYTES]!;
    if (before + to - from > HEAD_BYTES) return false;
    this.#writer.buffers.of(memory).copy(slots.bytes, 4 * at + IN_HEAD + before, from, to);
    slots.words[at + IN_HEAD_BYTES] = before + to - from;
    return true;
  }
}

type HeadPart = {
  readonly memory: Uint8Array;
  readonly start: number;
  readonly head: RequestHead;
};

type Bytes = { readonly memory: Uint8Array; readonly from: number; readonly to: number };

function isCredential(id: number): boolean {
  return id === FieldId.authorization || id === FieldId.proxyAuthorization;
}
