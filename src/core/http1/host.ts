/**
 * `uri-host [ ":" port ]` (RFC 9110 7.2, RFC 3986 3.2.2), as in Host and in a URL's authority.
 *
 * What a newcomer gets wrong: almost any ASCII is a valid reg-name ("a,b" and "0.0.0.0=5000" are).
 * Valid does not mean that somebody answers to the name. User information ("user@") is not part of
 * it, and RFC 9110 4.2.4 wants its presence treated as an error: it serves to deceive.
 */
import { BYTE_CLASS, HEX_VALUE, HOST, isDigit } from './bytes.ts';

const COLON = 0x3a;
const DOT = 0x2e;
const PERCENT = 0x25;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;

/**
 * Longest host: a DNS name has at most 253 characters, and four times that leaves room for escapes.
 * It is a limit the relay relies on: it repeats the host in a field of its own, and has finite
 * room.
 */
export const HOST_BYTES_MAX = 1_024;

const PORT_MAX = 65_535;
/** Digits of a port; leading zeros beyond that serve nobody. */
const PORT_DIGITS_MAX = 5;

/** Where the host of bytes [from, to) ends (at ":" or at `to`), or -1 when it is not one. */
export function hostEndOf(bytes: Uint8Array, from: number, to: number): number {
  if (from < to && bytes[from] === BRACKET_OPEN) {
    let close = from + 1;
    while (close < to && bytes[close] !== BRACKET_CLOSE) close++;
    return close < to && isIpv6(bytes, from + 1, close) ? close + 1 : -1;
  }
  let at = from;
  while (at < to && bytes[at] !== COLON) {
    if ((BYTE_CLASS[bytes[at]!]! & HOST) !== 0) at++;
    else if (isEscape(bytes, at, to)) at += 3;
    else return -1;
  }
  return at;
}

/** Whether bytes [from, to) are a host with an optional port, either of which may be empty. */
export function isHostAndPort(bytes: Uint8Array, from: number, to: number): boolean {
  const hostEnd = hostEndOf(bytes, from, to);
  if (hostEnd === -1 || hostEnd - from > HOST_BYTES_MAX) return false;
  return hostEnd === to || (bytes[hostEnd] === COLON && isPort(bytes, hostEnd + 1, to));
}

/** *DIGIT up to 65535; empty means the scheme's own port. */
function isPort(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > PORT_DIGITS_MAX) return false;
  let port = 0;
  for (let at = from; at < to; at++) {
    if (!isDigit(bytes[at]!)) return false;
    port = port * 10 + bytes[at]! - 0x30;
  }
  return port <= PORT_MAX;
}

function isEscape(bytes: Uint8Array, at: number, to: number): boolean {
  return (
    bytes[at] === PERCENT &&
    at + 2 < to &&
    HEX_VALUE[bytes[at + 1]!] !== 255 &&
    HEX_VALUE[bytes[at + 2]!] !== 255
  );
}

/**
 * IPv6address of RFC 3986. IPvFuture and zone identifiers ("%25eth0") are not accepted: no address
 * of the former kind was ever assigned, and the latter mean something on the sender's machine only.
 */
function isIpv6(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  let groups = 0;
  let gap = false;
  while (at < to) {
    if (bytes[at] === COLON) {
      // Between groups stands one colon; two of them are the gap, which also may lead or end.
      if (bytes[at + 1] === COLON && at + 1 < to) {
        if (gap) return false;
        gap = true;
        at += 2;
        if (at === to) break;
      } else {
        if (groups === 0 || bytes[at - 1] === COLON) return false;
        at++;
      }
      if (at === to || bytes[at] === COLON) return false;
    } else if (groups > 0 && bytes[at - 1] !== COLON) {
      return false;
    }
    const groupStart = at;
    while (at < to && HEX_VALUE[bytes[at]!] !== 255) at++;
    if (at < to && bytes[at] === DOT) {
      if (!isIpv4(bytes, groupStart, to)) return false;
      groups += 2;
      break;
    }
    if (at === groupStart || at - groupStart > 4) return false;
    groups++;
  }
  return gap ? groups <= 7 : groups === 8;
}

function isIpv4(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && bytes[at++] !== DOT) return false;
    const partStart = at;
    let value = 0;
    while (at < to && isDigit(bytes[at]!)) value = value * 10 + bytes[at++]! - 0x30;
    const digits = at - partStart;
    if (digits === 0 || digits > 3 || value > 255) return false;
    if (digits > 1 && bytes[partStart] === 0x30) return false;
  }
  return at === to;
}
