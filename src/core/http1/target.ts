/**
 * The request target: which of the four forms it has, and where its authority and path lie
 * (RFC 9112 3.2). The scan has already made sure that its bytes are visible ASCII without "#".
 *
 * What a newcomer gets wrong: the form follows from the method as much as from the text. "*" is for
 * OPTIONS alone, host:port for CONNECT alone, and a URL is as good as a path for all others.
 */
import { asciiBytes, spells } from './bytes.ts';
import { hostEndOf, isHostAndPort } from './host.ts';
import { MethodId } from './method-id.ts';
import type { RequestHead } from './request-head.ts';

export const TargetForm = { origin: 0, absolute: 1, authority: 2, asterisk: 3 } as const;
export type TargetForm = (typeof TargetForm)[keyof typeof TargetForm];

const SLASH = 0x2f;
const STAR = 0x2a;
const QUESTION = 0x3f;

const HTTP = asciiBytes('http://');
const HTTPS = asciiBytes('https://');

/**
 * Sets `targetForm` and `pathStart`, and for a URL or host:port also `hostStart` and `hostEnd`.
 *
 * @returns false when the target is none of what its method allows
 */
export function readTarget(bytes: Uint8Array, start: number, head: RequestHead): boolean {
  const from = start + head.targetStart;
  const to = start + head.targetEnd;
  if (head.methodId === MethodId.connect) return readAuthorityForm(bytes, start, head);
  if (bytes[from] === SLASH) {
    head.targetForm = TargetForm.origin;
    head.pathStart = head.targetStart;
    return true;
  }
  if (bytes[from] === STAR && to - from === 1) {
    head.targetForm = TargetForm.asterisk;
    head.pathStart = head.targetEnd;
    return head.methodId === MethodId.options;
  }
  return readAbsoluteForm(bytes, start, head);
}

/** RFC 9110 9.3.6: a CONNECT without host or without port is to be refused. */
function readAuthorityForm(bytes: Uint8Array, start: number, head: RequestHead): boolean {
  const from = start + head.targetStart;
  const to = start + head.targetEnd;
  const hostEnd = hostEndOf(bytes, from, to);
  head.targetForm = TargetForm.authority;
  head.hostStart = head.targetStart;
  head.hostEnd = head.targetEnd;
  head.pathStart = head.targetEnd;
  return hostEnd > from && hostEnd + 1 < to && isHostAndPort(bytes, from, to);
}

/** Other schemes are not accepted: what we stand for are http and https sites only. */
function readAbsoluteForm(bytes: Uint8Array, start: number, head: RequestHead): boolean {
  const from = start + head.targetStart;
  const to = start + head.targetEnd;
  let authority = -1;
  if (spells(bytes, from, Math.min(to, from + HTTP.length), HTTP)) authority = from + HTTP.length;
  if (spells(bytes, from, Math.min(to, from + HTTPS.length), HTTPS)) {
    authority = from + HTTPS.length;
  }
  if (authority === -1) return false;
  let authorityEnd = authority;
  while (authorityEnd < to && bytes[authorityEnd] !== SLASH && bytes[authorityEnd] !== QUESTION) {
    authorityEnd++;
  }
  head.targetForm = TargetForm.absolute;
  head.hostStart = authority - start;
  head.hostEnd = authorityEnd - start;
  head.pathStart = authorityEnd - start;
  // RFC 9110 4.2.1: an http URL with an empty host must be rejected.
  return (
    hostEndOf(bytes, authority, authorityEnd) > authority &&
    isHostAndPort(bytes, authority, authorityEnd)
  );
}
