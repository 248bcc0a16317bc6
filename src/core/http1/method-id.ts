/**
 * Methods that change how a message is read or relayed, as small numbers. All others are `other` and
 * pass through: whether a method exists is for the server behind us to say.
 *
 * What a newcomer gets wrong: methods are case-sensitive (RFC 9110 9.1), so "get" is `other`.
 */
import { asciiBytes } from './bytes.ts';

export const MethodId = {
  other: 0,
  get: 1,
  head: 2,
  post: 3,
  put: 4,
  delete: 5,
  connect: 6,
  options: 7,
  trace: 8,
  patch: 9,
} as const;
export type MethodId = (typeof MethodId)[keyof typeof MethodId];

/** Tried in this order, which is that of their frequency. */
const known: readonly (readonly [MethodId, Uint8Array])[] = [
  [MethodId.get, asciiBytes('GET')],
  [MethodId.post, asciiBytes('POST')],
  [MethodId.head, asciiBytes('HEAD')],
  [MethodId.put, asciiBytes('PUT')],
  [MethodId.options, asciiBytes('OPTIONS')],
  [MethodId.delete, asciiBytes('DELETE')],
  [MethodId.patch, asciiBytes('PATCH')],
  [MethodId.connect, asciiBytes('CONNECT')],
  [MethodId.trace, asciiBytes('TRACE')],
];

export function methodIdOf(bytes: Uint8Array, from: number, to: number): MethodId {
  for (const [id, name] of known) {
    if (name.length !== to - from) continue;
    let same = 0;
    while (same < name.length && bytes[from + same] === name[same]) same++;
    if (same === name.length) return id;
  }
  return MethodId.other;
}
