/** Where a body ends, for each framing and however it is cut. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '../http1/bytes.ts';
import { Framing } from '../http1/head.ts';
import { Body } from './body.ts';

const NEXT = 'GET / HTTP/1.1';
const CHUNKED = '3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: 1\r\n\r\n';

type Row = readonly [what: string, framing: Framing, length: number, text: string];

const rows: readonly Row[] = [
  ['there is none', Framing.none, 0, ''],
  ['its length is 0', Framing.length, 0, ''],
  ['it has a length', Framing.length, 5, 'abcde'],
  ['it is chunked', Framing.chunked, 0, CHUNKED],
];

for (const [what, framing, length, text] of rows) {
  test(`take() stops where the body ends when ${what}`, () => {
    const bytes = asciiBytes(text + NEXT);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const body = new Body();
      body.begin(framing, length);
      let at = body.take(bytes, 0, cut);
      at = body.take(bytes, at, bytes.length);
      equal(at, text.length);
      equal(body.done, true);
      equal(body.bad, false);
      equal(body.bytes, text.length);
    }
  });
}

test('take() takes all and is never done when the body ends with the connection', () => {
  const body = new Body();
  body.begin(Framing.untilClose, 0);
  equal(body.take(asciiBytes(NEXT), 0, NEXT.length), NEXT.length);
  equal(body.done, false);
});

test('take() is bad and takes no more when a chunk is broken', () => {
  const bytes = asciiBytes('3\r\nabc\r\nxyz\r\n');
  const body = new Body();
  body.begin(Framing.chunked, 0);
  const at = body.take(bytes, 0, bytes.length);
  equal(body.bad, true);
  equal(body.done, false);
  equal(body.take(bytes, at, bytes.length), at);
});

test('begin() forgets the body before when it was broken', () => {
  const body = new Body();
  body.begin(Framing.chunked, 0);
  body.take(asciiBytes('xyz'), 0, 3);
  body.begin(Framing.chunked, 0);
  const bytes = asciiBytes(CHUNKED);
  equal(body.take(bytes, 0, bytes.length), bytes.length);
  deepEqual([body.done, body.bad], [true, false]);
});

test('takeData() leaves the data alone when a chunked body is cut anywhere', () => {
  const whole = asciiBytes(CHUNKED + NEXT);
  for (let cut = 0; cut <= whole.length; cut++) {
    const bytes = Uint8Array.from(whole);
    const body = new Body();
    body.begin(Framing.chunked, 0);
    const first = body.takeData(bytes, 0, cut);
    let data = Buffer.from(bytes.subarray(0, first.dataEnd)).toString();
    const second = body.takeData(bytes, first.to, bytes.length);
    data += Buffer.from(bytes.subarray(first.to, second.dataEnd)).toString();
    equal(data, 'abc0123456789');
    equal(second.to, CHUNKED.length);
    equal(body.done, true);
  }
});
