/** HMAC-SHA256 with the cluster's secret, in the form that `core/announce` asks for. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Signer } from '../core/announce/announcement.ts';

/** @returns null without a secret: announcements then go unsigned */
export function hmacSigner(secret: string | null): Signer | null {
  if (secret === null) return null;
  const sign = (bytes: Uint8Array) => createHmac('sha256', secret).update(bytes).digest();
  return {
    sign,
    // `timingSafeEqual` throws where lengths differ; the length is no secret.
    verify: (bytes, signature) =>
      signature.length === 32 && timingSafeEqual(sign(bytes), signature),
  };
}
