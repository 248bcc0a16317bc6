/**
 * The answers a client gets from this process itself: the body of `Answer` (answer.ts).
 *
 * What a newcomer gets wrong: a request may still be arriving when we answer it. Such an answer is
 * the connection's last (RFC 9112 9.3): the rest of the request is read and thrown away.
 */
import type { Outcome } from '../core/relay/outcome.ts';
import { type Answer, answerHead, bytesOf, errorBody } from './answer.ts';
import type { Client } from './client.ts';

/** How long a client should wait before it asks again when nobody could serve it. */
const RETRY_AFTER_S = 2;

const TEXT = 'Content-Type: text/plain; charset=utf-8\r\n';
const NO_BODY = new Uint8Array(0);

export class OwnAnswer implements Answer {
  onDrain: () => void = nothing;
  onAbort: () => void = nothing;
  readonly #client: Client;
  #status = 0;
  #open = false;

  constructor(client: Client) {
    this.#client = client;
  }

  get headOnly(): boolean {
    return this.#client.methodIsHead;
  }

  /** Before `serve`: forgets the last answer. */
  start(): void {
    this.onDrain = nothing;
    this.onAbort = nothing;
    this.#open = true;
  }

  send(status: number, fields: string, body: Uint8Array): void {
    this.begin(status, fields, body.length);
    this.write(body, 0, body.length);
    this.end();
  }

  begin(status: number, fields: string, length: number): void {
    this.#status = status;
    if (!this.#open) return;
    const head = answerHead({
      status,
      fields,
      nowMs: this.#client.nowMs,
      // 304 stands for an answer of another length than its own (RFC 9110 15.4.5).
      length: status === 304 || status === 204 ? null : length,
      connection: this.#client.lastWord(),
    });
    this.#client.writeOwnHead(bytesOf(head));
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.#open || this.headOnly || start === end) return true;
    return this.#client.writeOwn(
      start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end),
    );
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#client.ownEnded(this.#status);
  }

  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#client.ownCut(this.#status);
  }

  /** From the client: it is gone. */
  aborted(): void {
    if (!this.#open) return;
    this.#open = false;
    this.onAbort();
  }

  /** What an outcome tells the client that is still waiting for its answer. */
  outcome(outcome: Outcome, detail: string): void {
    const proxyStatus =
      outcome.proxyStatus === null
        ? ''
        : `Proxy-Status: ${this.#client.nodeName}; error=${outcome.proxyStatus}\r\n`;
    const retry = outcome.status === 503 ? `Retry-After: ${RETRY_AFTER_S}\r\n` : '';
    this.problem(outcome.status, `${detail}\n[${outcome.code}]`, proxyStatus + retry);
  }

  problem(status: number, text: string, fields = ''): void {
    this.send(status, `${TEXT}${fields}`, errorBody(status, text));
  }

  redirect(location: string): void {
    this.send(302, `Location: ${location}\r\n`, NO_BODY);
  }
}

function nothing(): void {}
