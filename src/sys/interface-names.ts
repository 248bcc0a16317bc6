/**
 * Names of interfaces and their indices, in this thread's network namespace.
 *
 * What a newcomer gets wrong: `/sys/class/net` shows the namespace of whoever mounted it.
 *
 * Source: if_nametoindex(3), if_indextoname(3).
 */
import { pin, symbols } from './libc.ts';

const libc = symbols({
  if_nametoindex: { arguments: ['uint64'], return: 'uint32' },
  if_indextoname: { arguments: ['uint32', 'uint64'], return: 'uint64' },
});

/** `IF_NAMESIZE`, the final zero included. */
const NAME_BYTES = 16;
const scratch = pin(NAME_BYTES);

/** @returns null when there is no such interface */
export function interfaceIndex(name: string): number | null {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length >= NAME_BYTES) return null;
  scratch.bytes.fill(0);
  scratch.bytes.set(bytes);
  const index = libc.if_nametoindex(scratch.address);
  return index === 0 ? null : index;
}

/** @returns null when there is none with this index */
export function interfaceName(index: number): string | null {
  if (libc.if_indextoname(index, scratch.address) === 0n) return null;
  return new TextDecoder().decode(scratch.bytes.subarray(0, scratch.bytes.indexOf(0)));
}
