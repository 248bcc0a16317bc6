/**
 * HMAC-SHA256 by the OpenSSL that is part of every Node, in memory of ours.
 *
 * `node:crypto` makes an object, a key, a context and a Buffer for each: 6 us, and a Buffer's
 * prototype is set under a lock that the compiling threads hold, too. This is one call of 2 us.
 *
 * What a newcomer gets wrong: that Node's own symbols can be found is custom, not promised. A
 * Node built without them makes this module fail to load, so `io/mac.ts` imports it dynamically.
 *
 * Source: HMAC(3ssl), EVP_sha256(3ssl).
 */
import { type Pinned, pin, symbols } from './libc.ts';

const ssl = symbols({
  EVP_sha256: { arguments: [], return: 'uint64' },
  HMAC: {
    arguments: ['uint64', 'uint64', 'int32', 'uint64', 'uint64', 'uint64', 'uint64'],
    return: 'uint64',
  },
});

const sha256 = ssl.EVP_sha256();

/** Grows to the longest that was signed. */
let text: Pinned = pin(2_048);

export class HmacKey {
  readonly #key: Pinned;
  readonly #size: number;
  readonly #mac = pin(32);

  constructor(secret: Uint8Array) {
    this.#size = secret.length;
    this.#key = pin(Math.max(1, secret.length));
    this.#key.bytes.set(secret);
  }

  /** @returns 32 bytes, overwritten by the next call; null when OpenSSL refuses */
  sign(bytes: Uint8Array): Uint8Array | null {
    if (bytes.length > text.bytes.length) text = pin(bytes.length);
    text.bytes.set(bytes);
    const size = BigInt(bytes.length);
    const { address } = this.#mac;
    const made = ssl.HMAC(sha256, this.#key.address, this.#size, text.address, size, address, 0n);
    return made === 0n ? null : this.#mac.bytes;
  }
}
