/**
 * Answers that this process makes itself: errors, redirects, the status page, files.
 *
 * What a newcomer gets wrong: an answer may not outlive its client. `onAbort` says that it is gone;
 * what is written after that goes nowhere.
 */
import { STATUS_CODES } from 'node:http';

/** A request as a local service sees it. Everything is read out of it before `serve` returns. */
export type LocalRequest = {
  readonly method: string;
  /** Decoded and without dot segments; begins with "/". */
  readonly path: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly host: string;
  readonly clientAddress: string;
  readonly field: (name: string) => string | null;
};

/** How a service answers. Fields are whole lines, each with its CRLF. */
export type Answer = {
  /** Head and body in one piece. For HEAD the body is measured and left out. */
  send(status: number, fields: string, body: Uint8Array): void;
  /** A head for a body of `length` bytes, which follows by `write`; then `end`. */
  begin(status: number, fields: string, length: number): void;
  /** @returns false when no more should be written until `onDrain`. */
  write(bytes: Uint8Array, start: number, end: number): boolean;
  end(): void;
  /** The body cannot be completed: the client must see that it is cut. */
  abort(): void;
  onDrain: () => void;
  onAbort: () => void;
  /** HEAD: the client wants no body. */
  readonly headOnly: boolean;
};

const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The Date field's value, made once a second (RFC 9110 6.6.1 wants one in every answer). */
let dateSecond = -1;
let dateText = '';

export function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1_000).toUTCString();
  }
  return dateText;
}

export type AnswerHead = {
  readonly status: number;
  readonly nowMs: number;
  readonly fields: string;
  /** Null: no body can follow, as for 304 (RFC 9110 15.4.5). */
  readonly length: number | null;
  /** `Connection: close`, `Connection: keep-alive`, or nothing. */
  readonly connection: 'close' | 'keep-alive' | null;
};

export function answerHead({ status, nowMs, fields, length, connection }: AnswerHead): string {
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nDate: ${httpDate(nowMs)}\r\n` +
    `Server: forehand\r\n${fields}${length === null ? '' : `Content-Length: ${length}\r\n`}` +
    `${connection === null ? '' : `Connection: ${connection}\r\n`}\r\n`
  );
}

/** A small page that says what went wrong in the reader's words. Plain text: curl users read it. */
export function errorBody(status: number, text: string): Uint8Array {
  return bytesOf(`${status} ${STATUS_CODES[status] ?? ''}\n${text}\n`);
}
