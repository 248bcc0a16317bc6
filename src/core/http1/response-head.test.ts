/** Responses read whole: what each says, or the code it is refused with. Every refusal is a 502. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { responseErrors } from './head-error.ts';
import { ResponseHead } from './response-head.ts';
import { readResponse } from './testing/cases.ts';
import { acceptedResponses, refusedResponses } from './testing/response-cases.ts';

for (const { name, text, to, seen } of acceptedResponses) {
  test(`parseResponseHead() reads a response: ${name}`, () => {
    const outcome = readResponse(text, [], to);
    ok(typeof outcome !== 'string', `${outcome}`);
    for (const [key, value] of Object.entries(seen)) {
      deepEqual(outcome[key as keyof typeof outcome], value, key);
    }
    equal(outcome.headBytes, text.length);
  });
}

test('parseResponseHead() refuses each malformed response with its code', () => {
  for (const [text, code] of refusedResponses) {
    equal(readResponse(text.replace('‸', '')), code, JSON.stringify(text));
  }
});

test('parseResponseHead() refuses malformed fields even where no body follows', () => {
  equal(
    readResponse('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', [], 'HEAD'),
    'RESPONSE_BAD_CONTENT_LENGTH',
  );
});

test('parseResponseHead() refuses a head of bytesMax bytes that is not complete', () => {
  const text = 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n';
  for (let bytesMax = 1; bytesMax < text.length; bytesMax++) {
    const outcome = readResponse(text, [], 'GET', new ResponseHead(bytesMax));
    equal(outcome, 'RESPONSE_HEAD_TOO_LARGE', `${bytesMax}`);
  }
  ok(typeof readResponse(text, [], 'GET', new ResponseHead(text.length)) !== 'string');
});

test('every code for responses is met by a refused response or the limit, and is a 502', () => {
  const met = new Set<string>(refusedResponses.map(([, code]) => code));
  const errors = Object.values(responseErrors);
  deepEqual(new Set([...met, 'RESPONSE_HEAD_TOO_LARGE']), new Set(errors.map(({ code }) => code)));
  for (const { status } of errors) equal(status, 502);
});

test('reset() leaves nothing of any earlier response', () => {
  const head = new ResponseHead();
  const texts = [
    ...acceptedResponses.map(({ text }) => text),
    ...refusedResponses.map(([text]) => text.replace('‸', '')),
  ];
  for (const [index, text] of texts.entries()) {
    const plain = acceptedResponses[index % acceptedResponses.length]!;
    head.reset();
    readResponse(text, [], 'GET', head);
    head.reset();
    deepEqual(readResponse(plain.text, [], plain.to, head), readResponse(plain.text, [], plain.to));
  }
});
