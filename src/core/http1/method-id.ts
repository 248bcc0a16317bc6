/**
 * Methods that change how a message is read or relayed, as small numbers. All others are `other`
 * and pass through: whether a method exists is for the server behind us to say.
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

/** By id: RFC 9110 9.2.2; other methods may be anything, so they count as not. */
export const IDEMPOTENT: readonly boolean[] = Object.values(MethodId).map((id) =>
  [
    MethodId.get,
    MethodId.head,
    MethodId.put,
    MethodId.delete,
    MethodId.options,
    MethodId.trace,
  ].some((idempotent) => idempotent === id),
);

const names: readonly Uint8Array[] = [
  '',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
].map(asciiBytes);

export function methodIdOf(bytes: Uint8Array, from: number, to: number): MethodId {
  const id = candidateOf(bytes[from]!, bytes[from + 1]!);
  const name = names[id]!;
  if (name.length !== to - from) return MethodId.other;
  for (let index = 0; index < name.length; index++) {
    if (bytes[from + index] !== name[index]) return MethodId.other;
  }
  return id;
}

/** The one method that can begin so; the second byte is asked for where two begin alike. */
function candidateOf(first: number, second: number): MethodId {
  switch (first) {
    case 0x47:
      return MethodId.get;
    case 0x48:
      return MethodId.head;
    case 0x50:
      if (second === 0x4f) return MethodId.post;
      return second === 0x55 ? MethodId.put : MethodId.patch;
    case 0x44:
      return MethodId.delete;
    case 0x43:
      return MethodId.connect;
    case 0x4f:
      return MethodId.options;
    case 0x54:
      return MethodId.trace;
    default:
      return MethodId.other;
  }
}
