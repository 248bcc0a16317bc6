/**
 * The request as candidacy functions may look at it, made of bytes only where they do look.
 *
 * One object for each worker: it is pointed at a head, asked during one chain, and pointed at the
 * next. What a newcomer gets wrong: it shows the receive buffer, so it says nothing once `onData`
 * has returned.
 */
import type { Asking } from '../core/candidacy/candidates.ts';
import { Draws } from '../core/candidacy/draws.ts';
import { FIELD_NAMES, FieldId } from '../core/http1/field-id.ts';
import type { RequestHead } from '../core/http1/request-head.ts';
import { TargetForm } from '../core/http1/target.ts';
import { BufferView } from './buffer-view.ts';

/**
 * What `toString('latin1', ...)` calls after looking at its arguments. Every Buffer has had it
 * since Node 0.10, though the documentation is silent. One string is made for each request.
 */
type Latin1 = Buffer & { latin1Slice(start: number, end: number): string };

const NO_TEXT = Buffer.alloc(0) as Latin1;
const NO_VALUES: readonly string[] = [];

/** Names to ids, for the fields that the parser has recognised already. */
const idOf = new Map(FIELD_NAMES.map((name, id) => [name, id]));

export class RequestAsking implements Asking {
  nowMs = 0;
  clientAddress = '';
  /** Path and query, also of a URL; set with the head, since the zone needs it in any case. */
  target = '';
  /** Begun anew for each request, so that its record can say what was drawn. */
  readonly draws: Draws;
  readonly random: () => number;
  #head: RequestHead | null = null;
  /** Only Buffer turns Latin-1 into strings without a decoder. */
  readonly #buffers = new BufferView();
  #text: Latin1 = NO_TEXT;
  #start = 0;

  constructor(random: () => number) {
    this.draws = new Draws(random);
    this.random = () => this.draws.next();
  }

  /** @param bytes where the head lies; the receive buffer unless it is a copy kept for a retry */
  point(head: RequestHead, start: number, bytes: Uint8Array): void {
    this.#text = this.#buffers.of(bytes) as Latin1;
    this.#head = head;
    this.#start = start;
    this.draws.begin();
    if (head.targetForm === TargetForm.absolute) {
      const target = this.#slice(head.pathStart, head.targetEnd);
      this.target = target.startsWith('/') ? target : `/${target}`;
    } else this.target = this.#slice(head.targetStart, head.targetEnd);
  }

  get method(): string {
    const { methodStart, methodEnd } = this.#head!;
    return this.#slice(methodStart, methodEnd);
  }

  get host(): string {
    const { hostStart, hostEnd } = this.#head!;
    return this.#slice(hostStart, hostEnd);
  }

  readonly field = (name: string): string | null => {
    const index = this.#next(name, 0);
    return index < 0 ? null : this.#value(index);
  };

  readonly fields = (name: string): readonly string[] => {
    let index = this.#next(name, 0);
    if (index < 0) return NO_VALUES;
    const values: string[] = [];
    for (; index >= 0; index = this.#next(name, index + 1)) values.push(this.#value(index));
    return values;
  };

  #next(name: string, from: number): number {
    const { fields } = this.#head!;
    const id = idOf.get(name);
    if (id !== undefined) return fields.indexOf(id as FieldId, from);
    for (let i = from; i < fields.count; i++) {
      if (fields.id[i] !== FieldId.other) continue;
      const { nameStart, nameEnd } = fields;
      if (this.#slice(nameStart[i]!, nameEnd[i]!).toLowerCase() === name) return i;
    }
    return -1;
  }

  #value(index: number): string {
    const { valueStart, valueEnd } = this.#head!.fields;
    return this.#slice(valueStart[index]!, valueEnd[index]!);
  }

  #slice(from: number, to: number): string {
    return this.#text.latin1Slice(this.#start + from, this.#start + to);
  }
}
