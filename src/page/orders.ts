/**
 * Telling a node something from the page: signed with the cluster's secret, as the admin API wants
 * it (src/node/admin/signature.ts).
 *
 * The secret is kept for this tab only and never sent. What a newcomer gets wrong: browsers give
 * `crypto.subtle` to secure contexts only, and a status page on a cluster's own network is none. So
 * a library computes the HMAC.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const KEPT = 'forehand-secret';

export function hasSecret(): boolean {
  return sessionStorage.getItem(KEPT) !== null;
}

export function keepSecret(secret: string): void {
  if (secret === '') sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, secret);
}

export function signatureOf(
  secret: string,
  request: { readonly method: string; readonly path: string; readonly body: string },
  nowMs: number,
  nonce: string,
): string {
  const digest = bytesToHex(sha256(utf8ToBytes(request.body)));
  const text = [request.method, request.path, nowMs, nonce, digest].join('\n');
  const signature = bytesToHex(hmac(sha256, utf8ToBytes(secret), utf8ToBytes(text)));
  return `t=${nowMs}, n=${nonce}, s=${signature}`;
}

/**
 * @param base as it will be sent, with its escapes: the path is signed
 * @param about nowMs is by the node's clock: a browser's may be minutes off, and would be refused
 * @returns what came of it, in the node's words
 */
export async function order(
  base: string,
  command: string,
  { body, nowMs }: { readonly body: Readonly<Record<string, string>>; readonly nowMs: number },
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const request = { method: 'POST', path: `${base}api/${command}`, body: JSON.stringify(body) };
  const secret = sessionStorage.getItem(KEPT) ?? '';
  const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(12)));
  const signature = signatureOf(secret, request, Math.floor(nowMs), nonce);
  try {
    const response = await fetch(request.path, {
      method: 'POST',
      body: request.body,
      headers: { 'forehand-signature': signature },
    });
    const { ok, text } = (await response.json()) as { ok?: boolean; text?: string };
    return { ok: ok === true, text: text ?? `the answer is ${response.status}` };
  } catch {
    return { ok: false, text: 'this node does not answer' };
  }
}
