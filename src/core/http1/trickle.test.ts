/**
 * Goal: how the network cuts a message into pieces changes nothing: not what is read from it, not
 * whether and why it is refused, and a byte that fits nowhere is refused when it comes.
 *
 * Method: every message of the tables is fed in every pair of pieces, and byte by byte. Each piece
 * lies in another buffer at another place (`cases.ts`).
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { readChunked, readRequest, readResponse, UNFINISHED } from './testing/cases.ts';
import { acceptedBodies, refusedBodies } from './testing/chunked-cases.ts';
import { acceptedRequests, refusedRequests } from './testing/request-cases.ts';
import { acceptedResponses, refusedResponses } from './testing/response-cases.ts';

type Read = (text: string, cuts?: readonly number[]) => unknown;

/** Long messages repeat themselves; their every cut would cost seconds and find nothing. */
const CUTS_MAX = 400;

const everyByte = (text: string) => Array.from({ length: text.length }, (_, index) => index + 1);

function readsAlikeInPieces(text: string, read: Read): number {
  const whole = read(text);
  deepEqual(read(text, everyByte(text)), whole, `byte by byte: ${JSON.stringify(text)}`);
  const stride = Math.ceil(text.length / CUTS_MAX);
  let cuts = 0;
  for (let cut = 1; cut < text.length; cut += stride) {
    deepEqual(read(text, [cut]), whole, `cut at ${cut}: ${JSON.stringify(text)}`);
    cuts++;
  }
  return cuts;
}

/** A marked message is fine up to the byte before the mark; another one up to its last byte. */
function refusesAtTheByte(marked: string, code: string, read: Read): void {
  const text = marked.replace('‸', '');
  const refusedAt = marked.includes('‸') ? marked.indexOf('‸') : text.length;
  const before = everyByte(text.slice(0, refusedAt - 1));
  equal(read(text.slice(0, refusedAt - 1), before), UNFINISHED, JSON.stringify(marked));
  equal(read(text.slice(0, refusedAt), before), code, JSON.stringify(marked));
}

test('a request reads alike in any pieces', () => {
  let cuts = 0;
  for (const { text } of acceptedRequests) cuts += readsAlikeInPieces(text, readRequest);
  for (const [text] of refusedRequests) {
    cuts += readsAlikeInPieces(text.replace('‸', ''), readRequest);
  }
  ok(cuts > 5_000, `only ${cuts} cuts`);
});

test('a response reads alike in any pieces', () => {
  let cuts = 0;
  for (const { text, to } of acceptedResponses) {
    cuts += readsAlikeInPieces(text, (pieces, at) => readResponse(pieces, at, to));
  }
  for (const [text] of refusedResponses) {
    cuts += readsAlikeInPieces(text.replace('‸', ''), (pieces, at) => readResponse(pieces, at));
  }
  ok(cuts > 3_000, `only ${cuts} cuts`);
});

test('a chunked body reads alike in any pieces', () => {
  let cuts = 0;
  for (const [text] of acceptedBodies) cuts += readsAlikeInPieces(text, readChunked);
  for (const [text] of refusedBodies)
    cuts += readsAlikeInPieces(text.replace('‸', ''), readChunked);
  ok(cuts > 1_000, `only ${cuts} cuts`);
});

test('a wrong byte in a request is refused when it comes', () => {
  for (const [marked, code] of refusedRequests) refusesAtTheByte(marked, code, readRequest);
});

test('a wrong byte in a response is refused when it comes', () => {
  for (const [marked, code] of refusedResponses) {
    refusesAtTheByte(marked, code, (text, cuts) => readResponse(text, cuts));
  }
});
