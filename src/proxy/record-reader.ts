/**
 * One worker's request records as another thread reads them, while the worker goes on writing.
 *
 * `take` gives each record once, in the order the requests ended; `newest` looks back without
 * moving on. What a newcomer gets wrong: a record is copied first and only then found to be whole.
 * One the worker has overtaken meanwhile is not torn but lost, and is counted as such.
 */
import { OUTCOMES } from '../core/relay/outcome.ts';
import { readKeptHead } from '../core/report/kept-head.ts';
import {
  AT_CLAIMED,
  AT_COMPLETED,
  AT_NAMES,
  AT_QUEUE,
  AT_SLOTS,
  AT_WANTED,
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
  IN_STATUS,
  IN_TOTAL_MS,
  IN_TRIES,
  IN_WAY,
  IN_ZONE,
  MARGIN,
  NAME_LENGTH,
  NAME_TEXT,
  NAME_VERSION,
  NAME_WORDS,
  NAMES,
  SLOT_WORDS,
  SLOTS,
  WAYS,
} from '../core/report/record-layout.ts';
import type { KeptRequest, RequestRecord } from '../core/report/request-record.ts';

export class RecordReader {
  /** Records that were overwritten before `take` came to them. */
  lost = 0;
  readonly #words: Int32Array;
  readonly #who: { readonly node: string; readonly worker: number };
  readonly #copy = new Int32Array(SLOT_WORDS);
  readonly #doubles = new Float64Array(this.#copy.buffer);
  readonly #bytes = Buffer.from(this.#copy.buffer);
  readonly #names: ({ version: number; text: string } | undefined)[] = [];
  /** Place in the queue of the next record for `take`. */
  #next: number;

  /** @param who for the ids */
  constructor(memory: SharedArrayBuffer, who: { readonly node: string; readonly worker: number }) {
    this.#words = new Int32Array(memory);
    this.#who = who;
    this.#next = Atomics.load(this.#words, AT_COMPLETED);
  }

  /** The worker is to record one request in so many; 1: all, 0: none. */
  want(oneIn: number): void {
    Atomics.store(this.#words, AT_WANTED, oneIn);
  }

  /** How many have ended that were not taken yet, lost ones included. */
  get waiting(): number {
    return (Atomics.load(this.#words, AT_COMPLETED) - this.#next) | 0;
  }

  /**
   * The oldest that were not taken yet, at most `countMax`.
   *
   * @param wants by place in OUTCOMES; the others are passed over, which costs next to nothing
   */
  take(countMax: number, wants: ((outcome: number) => boolean) | null = null): KeptRequest[] {
    const taken: KeptRequest[] = [];
    const claimed = Atomics.load(this.#words, AT_CLAIMED);
    const gone = (claimed + MARGIN - this.#next) | 0;
    if (gone > 0 && this.waiting > 0) {
      const skipped = Math.min(gone, this.waiting);
      this.lost += skipped;
      this.#next = (this.#next + skipped) | 0;
    }
    while (this.waiting > 0 && taken.length < countMax) {
      const place = this.#next;
      this.#next = (place + 1) | 0;
      if (wants !== null && !wants(this.#peek(place, IN_OUTCOME))) continue;
      const kept = this.#read(place);
      if (kept === null) this.lost++;
      else taken.push(kept);
    }
    return taken;
  }

  /** Without reading them: they are counted as lost. */
  skip(): void {
    this.lost += this.waiting;
    this.#next = Atomics.load(this.#words, AT_COMPLETED);
  }

  /** Those that ended last, the newest first, as far back as they are still there. */
  *newest(): Generator<KeptRequest> {
    const completed = Atomics.load(this.#words, AT_COMPLETED);
    for (let back = 1; back <= SLOTS; back++) {
      const kept = this.#read((completed - back) | 0);
      if (kept === null) return;
      yield kept;
    }
  }

  /** @returns null when it is not there, any more */
  find(number: number): KeptRequest | null {
    const completed = Atomics.load(this.#words, AT_COMPLETED);
    for (let back = 1; back <= SLOTS; back++) {
      const place = (completed - back) | 0;
      if (this.#peek(place, IN_NUMBER) !== (number | 0)) continue;
      const kept = this.#read(place);
      // It may have been overwritten since the look, or be of a slot that is in use again.
      if (kept?.record.id === this.#idOf(number)) return kept;
    }
    return null;
  }

  /** One word of a record, which may be another one's by now. */
  #peek(place: number, word: number): number {
    const slot = Atomics.load(this.#words, AT_QUEUE + (place & (SLOTS - 1)));
    return Atomics.load(this.#words, AT_SLOTS + slot * SLOT_WORDS + word);
  }

  #idOf(number: number): string {
    return `${this.#who.worker}-${(number >>> 0).toString(36)}`;
  }

  #read(place: number): KeptRequest | null {
    const slot = Atomics.load(this.#words, AT_QUEUE + (place & (SLOTS - 1)));
    const from = AT_SLOTS + slot * SLOT_WORDS;
    const copy = this.#copy;
    for (let i = 0; i < IN_HEAD / 4; i++) copy[i] = Atomics.load(this.#words, from + i);
    const end = Math.ceil((IN_HEAD + this.#lengthOfHead()) / 4);
    for (let i = IN_HEAD / 4; i < end; i++) copy[i] = Atomics.load(this.#words, from + i);
    const ahead = (place - Atomics.load(this.#words, AT_CLAIMED)) | 0;
    // The queue begins with every slot before any of them had a request.
    if (ahead < MARGIN || this.#doubles[IN_AT_MS] === 0) return null;
    return this.#decode();
  }

  /** Of a copy that may be torn, so any number at all may stand there. */
  #lengthOfHead(): number {
    return Math.min(Math.max(0, this.#copy[IN_HEAD_BYTES]!), HEAD_BYTES);
  }

  #decode(): KeptRequest {
    const copy = this.#copy;
    const doubles = this.#doubles;
    const { node } = this.#who;
    const flags = copy[IN_FLAGS]!;
    const head = readKeptHead(this.#text(IN_HEAD, this.#lengthOfHead()));
    const refused = (flags & Flag.refused) !== 0;
    const field = (wanted: string): string | null =>
      head.fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
    const record: RequestRecord = {
      id: this.#idOf(copy[IN_NUMBER]!),
      node,
      atMs: doubles[IN_AT_MS]!,
      client: this.#text(4 * IN_CLIENT, copy[IN_CLIENT_BYTES]!),
      method: head.method,
      target: head.target,
      host: head.host,
      protocol: head.protocol,
      referer: field('referer'),
      userAgent: field('user-agent'),
      zone: this.#name(copy[IN_ZONE]!),
      way: WAYS[copy[IN_WAY]!] ?? 'refuse',
      relayed: (flags & Flag.relayed) !== 0,
      chosen: this.#name(copy[IN_CHOSEN]!),
      server: this.#name(copy[IN_SERVER]!),
      outcome: OUTCOMES[copy[IN_OUTCOME]!]!.code,
      status: copy[IN_STATUS]!,
      bytesOut: Math.max(0, doubles[IN_BYTES_OUT]!),
      tries: copy[IN_TRIES]!,
      sentMs: timeOrNull(doubles[IN_SENT_MS]!),
      firstByteMs: timeOrNull(doubles[IN_FIRST_BYTE_MS]!),
      totalMs: rounded(doubles[IN_TOTAL_MS]!),
    };
    return {
      record,
      fields: refused ? [] : head.fields,
      cut: (flags & Flag.cut) !== 0,
      credentials: (flags & Flag.credentials) !== 0,
      seed: copy[IN_SEED]! >>> 0,
      chosenAgain: (flags & Flag.chosenAgain) !== 0,
    };
  }

  /** Latin-1, which has a character for every byte. */
  #text(from: number, length: number): string {
    return this.#bytes.toString('latin1', from, from + length);
  }

  /** @param number as in a record: place of the name plus 1 */
  #name(number: number): string | null {
    if (number < 1 || number > NAMES) return null;
    const at = AT_NAMES + (number - 1) * NAME_WORDS;
    const version = Atomics.load(this.#words, at + NAME_VERSION);
    const known = this.#names[number];
    if (known !== undefined && known.version === version) return known.text;
    const words = Int32Array.from({ length: NAME_WORDS - NAME_TEXT }, (_, i) =>
      Atomics.load(this.#words, at + NAME_TEXT + i),
    );
    const length = Atomics.load(this.#words, at + NAME_LENGTH);
    const text = new TextDecoder().decode(new Uint8Array(words.buffer, 0, length));
    this.#names[number] = { version, text };
    return text;
  }
}

function timeOrNull(timeMs: number): number | null {
  return timeMs < 0 ? null : rounded(timeMs);
}

/** To microseconds: what is finer is noise, and long in JSON. */
function rounded(timeMs: number): number {
  return Math.round(timeMs * 1_000) / 1_000;
}
