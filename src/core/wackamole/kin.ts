/**
 * What nodes of ours say to each other in a group of the original's, beside its own messages.
 *
 *     version │ kind │ gid 3 × 4 bytes, network order │ HELLO: the node's name in UTF-8
 *
 *     HELLO   after each membership, before the STATE: I am one of yours, and called so
 *     GO ON   those who have said nothing are waited for no longer
 *
 * What a newcomer gets wrong: the original ignores types that it does not know, so nothing that it
 * must know of may be said here. What follows from these messages is undone as soon as the members
 * that follow the original have come to a decision of their own (`provision.ts`).
 */
import type { Gid } from './messages.ts';

/** Spread's type: far from the original's, which count from 1. */
export const KIN_TYPE = 4_640;

const VERSION = 1;
const KINDS = ['hello', 'goOn'] as const;
const HEAD_BYTES = 14;
const NAME_BYTES_MAX = 255;

export type KinMessage =
  | { readonly kind: 'hello'; readonly gid: Gid; readonly name: string }
  | { readonly kind: 'goOn'; readonly gid: Gid };

export function encodeKin(message: KinMessage): Uint8Array {
  const name = new Uint8Array(NAME_BYTES_MAX);
  // As much of it as fits, without cutting a character in two.
  const { written } = new TextEncoder().encodeInto(
    message.kind === 'hello' ? message.name : '',
    name,
  );
  const bytes = new Uint8Array(HEAD_BYTES + written);
  bytes[0] = VERSION;
  bytes[1] = KINDS.indexOf(message.kind);
  const view = new DataView(bytes.buffer);
  message.gid.forEach((word, index) => {
    view.setInt32(2 + 4 * index, word);
  });
  bytes.set(name.subarray(0, written), HEAD_BYTES);
  return bytes;
}

/** @returns null for what no node of ours says */
export function decodeKin(bytes: Uint8Array): KinMessage | null {
  if (bytes.length < HEAD_BYTES || bytes.length > HEAD_BYTES + NAME_BYTES_MAX) return null;
  const kind = KINDS[bytes[1]!];
  if (bytes[0] !== VERSION || kind === undefined) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const gid: Gid = [view.getInt32(2), view.getInt32(6), view.getInt32(10)];
  if (kind === 'goOn') return bytes.length === HEAD_BYTES ? { kind, gid } : null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEAD_BYTES));
    const forged = text === '' || /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u.test(text);
    return forged ? null : { kind, gid, name: text };
  } catch {
    return null;
  }
}
