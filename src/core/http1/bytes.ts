/**
 * Which byte may stand where: the character classes of RFC 9110 and 9112 as one table of flags.
 *
 * What a newcomer gets wrong: obs-text (0x80 to 0xFF) is allowed in field values and nowhere else,
 * and it is carried on as it came. Nothing here decodes UTF-8.
 */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;

/** Flags of `BYTE_CLASS`. */
export const TOKEN = 1; // tchar, RFC 9110 5.6.2: methods, field names, connection options
export const VALUE = 2; // field-vchar, SP and HTAB, RFC 9110 5.5
export const TARGET = 4; // visible ASCII but "#": a fragment is never sent (RFC 9112 3.2)
export const HOST = 8; // unreserved and sub-delims, RFC 3986 3.2.2; "%" is checked apart
export const QUOTED = 16; // qdtext, RFC 9110 5.6.4

/** For each byte value the classes it belongs to. */
export const BYTE_CLASS: Uint8Array = buildClasses();

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (flag: number, characters: string): void => {
    for (const character of characters) classes[character.charCodeAt(0)]! |= flag;
  };
  const alphanumeric = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  mark(TOKEN, `!#$%&'*+-.^_\`|~${alphanumeric}`);
  mark(HOST, `-._~!$&'()*+,;=${alphanumeric}`);
  for (let byte = 0x20; byte < 0x100; byte++) {
    const text = byte !== 0x7f;
    if (text) classes[byte]! |= VALUE;
    if (text && byte !== 0x22 && byte !== 0x5c) classes[byte]! |= QUOTED;
    if (byte > 0x20 && byte < 0x7f && byte !== 0x23) classes[byte]! |= TARGET;
  }
  classes[HTAB]! |= VALUE | QUOTED;
  return classes;
}

/** The value of each hexadecimal digit's byte; 255 for every other byte. */
export const HEX_VALUE: Uint8Array = buildHexValues();

function buildHexValues(): Uint8Array {
  const values = new Uint8Array(256).fill(255);
  for (let digit = 0; digit < 16; digit++) {
    values[digit.toString(16).charCodeAt(0)] = digit;
    values[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
  }
  return values;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A to Z become a to z, every other byte stays: case-insensitivity as HTTP means it. */
export function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** The bytes of an ASCII word, for tables made once. */
export function asciiBytes(word: string): Uint8Array {
  return Uint8Array.from(word, (character) => character.charCodeAt(0));
}

/** Whether bytes [from, to) spell `word`, whatever their case. `word` is given in lower case. */
export function spells(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  if (to - from !== word.length) return false;
  for (let index = 0; index < word.length; index++) {
    if (lower(bytes[from + index]!) !== word[index]) return false;
  }
  return true;
}

/**
 * Bytes [from, to) as text, one character each (Latin-1). Allocates: for logs and decisions only.
 */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) text += String.fromCharCode(bytes[index]!);
  return text;
}
