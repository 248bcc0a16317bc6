/**
 * What we tell nodes and applications of where a request came from: our own field lines.
 *
 * They are the same for all requests of a connection that name the same host, so they are made once
 * and kept. What a newcomer gets wrong: a connection from another node carries many clients. Those
 * requests bring the lines about their client with them, and get only Via added.
 *
 * Sources: RFC 9110 7.6.3 (Via), mod_backhand's `Backhand-Proxied` (CNDS-2000-2, section 4).
 */
import type { RequestHead } from '../core/http1/request-head.ts';
import type { Provenance } from '../core/relay/request-out.ts';

/**
 * Who is told: another node must not balance the request again, an application is not concerned.
 */
export type Receiver = 'node' | 'application';

const NO_HOST = new Uint8Array(0);

export class Provenances {
  readonly #trusted: boolean;
  readonly #clientAddress: string;
  readonly #via: string;
  /** The host of the last request, as bytes, and the lines made for it. */
  #host: Uint8Array = NO_HOST;
  #node: Provenance | null = null;
  #application: Provenance | null = null;
  #relayed: Provenance | null = null;

  constructor(peer: { address: string; trusted: boolean }, nodeName: string) {
    this.#clientAddress = peer.address;
    this.#trusted = peer.trusted;
    this.#via = `Via: 1.1 ${nodeName}\r\n`;
  }

  /** For a request that another node has relayed to us. */
  get relayed(): Provenance {
    this.#relayed ??= { trusted: true, lines: latin1(this.#via) };
    return this.#relayed;
  }

  of(receiver: Receiver, memory: Uint8Array, start: number, head: RequestHead): Provenance {
    if (!this.#isHost(memory, start + head.hostStart, start + head.hostEnd)) {
      // Copied into Node's pool: an ArrayBuffer of its own would cost more than all the rest.
      this.#host = Buffer.from(memory.subarray(start + head.hostStart, start + head.hostEnd));
      this.#node = null;
      this.#application = null;
    }
    if (receiver === 'node') {
      this.#node ??= this.#make(`Backhand-Proxied: ${this.#clientAddress}\r\n`);
      return this.#node;
    }
    this.#application ??= this.#make('');
    return this.#application;
  }

  #isHost(memory: Uint8Array, from: number, to: number): boolean {
    const host = this.#host;
    if (host.length !== to - from) return false;
    for (let i = 0; i < host.length; i++) if (host[i] !== memory[from + i]) return false;
    return true;
  }

  #make(proxied: string): Provenance {
    const host = Buffer.from(this.#host).toString('latin1');
    const forwarded =
      `X-Forwarded-For: ${this.#clientAddress}\r\nX-Forwarded-Proto: http\r\n` +
      (host === '' ? '' : `X-Forwarded-Host: ${host}\r\n`);
    return { trusted: this.#trusted, lines: latin1(this.#via + forwarded + proxied) };
  }
}

/** One call into C++: a connection that carries a single request feels every microsecond of it. */
function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
