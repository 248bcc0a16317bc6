/**
 * The field lines of a head, up to and including the blank line: grammar only, no meaning.
 *
 *     lineStart ─► name ─► lead ─► value ─► lineFeed ─┐
 *       ▲  └─ CR ─► endFeed ─► complete               │
 *       └─────────────────────────────────────────────┘
 *
 * The states are tried in the order they follow each other, so a head that is all there runs
 * straight through without a dispatch; one that is not leaves its state behind and comes back.
 *
 * Source: RFC 9112 5. Not accepted, all known ways to smuggle a field past one of two parsers:
 * bare CR or LF, folded lines, white space before the colon, empty names, control characters.
 */
import { BYTE_CLASS, CR, HTAB, LF, SP, TOKEN } from './bytes.ts';
import { fieldIdOf } from './field-id.ts';
import { FIELDS_MAX, type Fields, Parse } from './head.ts';
import type { SharedFault } from './head-error.ts';
import { valueEnd } from './value-end.ts';

const State = { lineStart: 0, name: 1, lead: 2, value: 3, lineFeed: 4, endFeed: 5 } as const;

const COLON = 0x3a;

/** Goes on at `fields.offset`. On `bad`, `fields.fault` says why. */
export function scanFields(bytes: Uint8Array, start: number, end: number, fields: Fields): Parse {
  const { words } = fields;
  words.point(bytes);
  let state = fields.state;
  let at = start + fields.offset;
  for (;;) {
    if (state === State.lineStart) {
      if (at === end) break;
      const byte = bytes[at]!;
      if ((BYTE_CLASS[byte]! & TOKEN) !== 0) {
        if (fields.count === FIELDS_MAX) return refuse(fields, 'tooManyFields');
        fields.nameStart[fields.count] = at - start;
        state = State.name;
      } else if (byte === CR) {
        state = State.endFeed;
      } else {
        return refuse(fields, faultAtLineStart(byte));
      }
      at++;
    }
    if (state === State.name) {
      while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++;
      if (at === end) break;
      if (bytes[at] !== COLON) return refuse(fields, faultInName(bytes[at]!));
      fields.nameEnd[fields.count] = at - start;
      at++;
      state = State.lead;
    }
    if (state === State.lead) {
      while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++;
      if (at === end) break;
      fields.valueStart[fields.count] = at - start;
      state = State.value;
    }
    if (state === State.value) {
      at = valueEnd(bytes, words, at, end);
      if (at === end) break;
      if (bytes[at] !== CR) return refuse(fields, bytes[at] === LF ? 'badLineEnd' : 'badValueByte');
      at++;
      state = State.lineFeed;
    }
    if (at === end) break;
    if (bytes[at] !== LF) return refuse(fields, 'badLineEnd');
    at++;
    if (state === State.endFeed) {
      fields.offset = at - start;
      return Parse.complete;
    }
    closeLine(bytes, start, at, fields);
    state = State.lineStart;
  }
  fields.state = state;
  fields.offset = at - start;
  return Parse.partial;
}

/** The line [nameStart, lineEnd) is whole: its value loses its trailing white space. */
function closeLine(bytes: Uint8Array, start: number, lineEnd: number, fields: Fields): void {
  const index = fields.count;
  const valueStart = start + fields.valueStart[index]!;
  let valueEnd = lineEnd - 2;
  while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1]!)) valueEnd--;
  fields.valueEnd[index] = valueEnd - start;
  fields.lineEnd[index] = lineEnd - start;
  const nameStart = start + fields.nameStart[index]!;
  fields.id[index] = fieldIdOf(bytes, nameStart, start + fields.nameEnd[index]!);
  fields.count = index + 1;
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function faultAtLineStart(byte: number): SharedFault {
  if (byte === LF) return 'badLineEnd';
  if (isBlank(byte)) return 'foldedLine';
  return byte === COLON ? 'emptyName' : 'badNameByte';
}

function faultInName(byte: number): SharedFault {
  if (byte === CR || byte === LF) return 'missingColon';
  return isBlank(byte) ? 'spaceBeforeColon' : 'badNameByte';
}

function refuse(fields: Fields, fault: SharedFault): Parse {
  fields.fault = fault;
  return Parse.bad;
}
