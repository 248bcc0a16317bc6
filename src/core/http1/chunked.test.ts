/** Chunked bodies read whole: their data, or the code they are refused with, and where. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNKED_ERRORS, ChunkedDecoder } from './chunked.ts';
import { latin1, readChunked } from './testing/cases.ts';
import { acceptedBodies, refusedBodies } from './testing/chunked-cases.ts';

test('nextData() gives the data of a body and stops at its end', () => {
  for (const [text, data] of acceptedBodies) {
    deepEqual(readChunked(text), { data, reach: text.length, ending: 'done' });
    deepEqual(readChunked(`${text}GET /`), { data, reach: text.length, ending: 'done' });
  }
});

test('push() finds the same end, and counts the data', () => {
  for (const [text, data] of acceptedBodies) {
    const decoder = new ChunkedDecoder();
    const bytes = latin1(`xx${text}0\r\n\r\n`);
    equal(decoder.push(bytes, 2, bytes.length), 2 + text.length);
    equal(decoder.done, true);
    equal(decoder.dataBytes, data.length);
    // Done is done: what follows is another message's.
    equal(decoder.push(bytes, 2 + text.length, bytes.length), 2 + text.length);
  }
});

test('push() says that the body goes on when its end is missing', () => {
  for (const [text] of acceptedBodies) {
    for (let end = 0; end < Math.min(text.length, 40); end++) {
      equal(readChunked(text.slice(0, end)).ending, end < text.length ? 'goes on' : 'done');
    }
  }
});

test('push() refuses each malformed body with its code, at the byte that is wrong', () => {
  for (const [marked, error] of refusedBodies) {
    const text = marked.replace('‸', '');
    const decoder = new ChunkedDecoder();
    const reach = decoder.push(latin1(text), 0, text.length);
    equal(decoder.error, error, JSON.stringify(marked));
    equal(reach, marked.indexOf('‸') - 1, JSON.stringify(marked));
    equal(decoder.done, false);
    // A refusal stands until reset.
    equal(decoder.push(latin1('0\r\n\r\n'), 0, 5), 0);
    equal(decoder.error, error);
  }
});

test('every code for chunked bodies is met by a refused body', () => {
  deepEqual(new Set(refusedBodies.map(([, error]) => error)), new Set(Object.keys(CHUNKED_ERRORS)));
});

test('reset() leaves nothing of any earlier body', () => {
  const decoder = new ChunkedDecoder();
  const texts = [...acceptedBodies, ...refusedBodies].map(([text]) => text.replace('‸', ''));
  for (const [index, text] of texts.entries()) {
    const [plain, data] = acceptedBodies[index % acceptedBodies.length]!;
    for (const end of [text.length, text.length - 1, 1]) {
      decoder.reset();
      decoder.push(latin1(text), 0, end);
      decoder.reset();
      deepEqual(readChunked(plain, [], decoder), { data, reach: plain.length, ending: 'done' });
      equal(decoder.dataBytes, data.length);
    }
  }
});

test('nextData() carries a chunk of more than 4 GiB exactly', () => {
  const decoder = new ChunkedDecoder();
  const size = latin1('fffffffffffff\r\n');
  equal(decoder.push(size, 0, size.length), size.length);
  const piece = new Uint8Array(65_536);
  for (let count = 0; count < 100; count++) equal(decoder.push(piece, 0, piece.length), 65_536);
  equal(decoder.dataBytes, 6_553_600);
  equal(decoder.error, null);
});
