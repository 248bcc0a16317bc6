/**
 * Who may change something from the network: whoever knows the cluster's secret.
 *
 *     Forehand-Signature: t=1795373820123, n=kq3x9a, s=<HMAC-SHA256, hex>
 *
 * over the method, the path, t, n and the SHA-256 of the body in hex, a line each. What a
 * newcomer gets wrong: a signature is good once and for a short while. Its time must be near our
 * clock, and a nonce is taken once.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How far the clocks of two machines may be apart, with the way between them. */
export const WINDOW_MS = 30_000;

/** Nonces remembered: more signed requests in a window than any operator sends. */
const NONCES_MAX = 4_096;

export const SIGNATURE_FIELD = 'forehand-signature';

export type Signed = { readonly method: string; readonly path: string; readonly body: string };

export function sign(secret: string, request: Signed, nowMs: number): string {
  const nonce = randomBytes(9).toString('base64url');
  const time = Math.floor(nowMs);
  return `t=${time}, n=${nonce}, s=${hmacOf(secret, request, time, nonce)}`;
}

export class SignatureCheck {
  readonly #secret: string;
  /** By nonce: until when it is remembered. */
  readonly #nonces = new Map<string, number>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** @returns null when it is good, or what is wrong with it */
  problem(header: string, request: Signed, nowMs: number): string | null {
    const parts = /^t=(?<t>\d{1,15}), ?n=(?<n>[\w-]{1,64}), ?s=(?<s>[0-9a-f]{64})$/.exec(header);
    if (parts?.groups === undefined) return 'the signature is not of the form t=, n=, s=';
    const { t, n, s } = parts.groups as { t: string; n: string; s: string };
    const time = Number(t);
    const expected = Buffer.from(hmacOf(this.#secret, request, time, n), 'hex');
    if (!timingSafeEqual(expected, Buffer.from(s, 'hex'))) return 'it is not of our secret';
    if (Math.abs(nowMs - time) > WINDOW_MS) {
      const apartS = Math.round((nowMs - time) / 1_000);
      return `it was made ${apartS} s ago by our clock: set the clocks`;
    }
    if (this.#nonces.has(n)) return 'it has been used before';
    this.#remember(n, time + 2 * WINDOW_MS, nowMs);
    return null;
  }

  #remember(nonce: string, untilMs: number, nowMs: number): void {
    for (const [old, oldMs] of this.#nonces) {
      if (oldMs >= nowMs && this.#nonces.size < NONCES_MAX) break;
      this.#nonces.delete(old);
    }
    this.#nonces.set(nonce, untilMs);
  }
}

function hmacOf(secret: string, { method, path, body }: Signed, time: number, nonce: string) {
  const digest = createHash('sha256').update(body).digest('hex');
  const text = [method, path, time, nonce, digest].join('\n');
  return createHmac('sha256', secret).update(text).digest('hex');
}
