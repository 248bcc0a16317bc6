/**
 * What a node's 502 says of its reason, in Proxy-Status (RFC 9209).
 *
 *     Proxy-Status: b1; error=connection_refused
 *
 * What a newcomer gets wrong: a 502 alone says nothing of whether the application got the request.
 * Only this reason does: there was nobody to get it.
 */
import { FieldId } from '../core/http1/field-id.ts';
import type { ResponseHead } from '../core/http1/response-head.ts';

const NAME = 'proxy-status';
const REFUSED = 'error=connection_refused';

/** Slow, as it makes strings: for answers that are failures already. */
export function saysConnectionRefused(
  memory: Uint8Array,
  start: number,
  head: ResponseHead,
): boolean {
  const { count, id, nameStart, nameEnd, valueStart, valueEnd } = head.fields;
  const text = (from: number, to: number): string =>
    Buffer.from(memory.buffer, memory.byteOffset + start + from, to - from).toString('latin1');
  for (let i = 0; i < count; i++) {
    if (id[i] !== FieldId.other || nameEnd[i]! - nameStart[i]! !== NAME.length) continue;
    if (text(nameStart[i]!, nameEnd[i]!).toLowerCase() !== NAME) continue;
    const words = text(valueStart[i]!, valueEnd[i]!).split(/[;,]/);
    if (words.some((word) => word.trim() === REFUSED)) return true;
  }
  return false;
}
