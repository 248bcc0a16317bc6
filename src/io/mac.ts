/** HMAC-SHA256 for a thread that signs thousands of small datagrams a second. */
import { createHmac } from 'node:crypto';

/** @returns 32 bytes, which the next call may overwrite */
export type Sign = (bytes: Uint8Array) => Uint8Array;

type Fast = typeof import('../sys/hmac.ts');

/** Null: no Linux, or a Node that keeps its OpenSSL to itself. */
let fast: Fast | null = null;
try {
  fast = await import('../sys/hmac.ts');
} catch {
  // The other way is slower and says the same.
}

export function makeSign(secret: string): Sign {
  const slow: Sign = (bytes) => createHmac('sha256', secret).update(bytes).digest();
  if (fast === null) return slow;
  const key = new fast.HmacKey(new TextEncoder().encode(secret));
  return (bytes) => key.sign(bytes) ?? slow(bytes);
}
