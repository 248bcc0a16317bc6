/**
 * For tests: responses, and what becomes of each. `response-head.test.ts` reads them whole and
 * `trickle.test.ts` in every pair of pieces. `‸` as in `request-cases.ts`.
 */
import type { ResponseSeen, ResponseTo } from './cases.ts';

export type AcceptedResponse = {
  readonly name: string;
  readonly text: string;
  readonly to?: ResponseTo;
  readonly seen: Partial<ResponseSeen>;
};

/** A response with this first line and these field lines. */
function answer(line: string, ...fields: readonly string[]): string {
  return `HTTP/1.1 ${line}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
}

const LENGTH = 'Content-Length: 5';
const CHUNKED = 'Transfer-Encoding: chunked';

export const acceptedResponses: readonly AcceptedResponse[] = [
  {
    name: 'plain',
    text: answer('200 OK', LENGTH),
    seen: {
      status: 200,
      reason: 'OK',
      versionMinor: 1,
      framing: 'length',
      contentLength: 5,
      keepAlive: true,
      upgrade: false,
      fields: [LENGTH],
    },
  },
  { name: 'empty reason', text: answer('200 '), seen: { status: 200, reason: '' } },
  { name: 'no reason and no space', text: answer('200'), seen: { status: 200, reason: '' } },
  {
    name: 'reason of any text',
    text: answer('404  Nicht\tda: \xe4 '),
    seen: { reason: ' Nicht\tda: \xe4 ' },
  },
  { name: 'lowest status', text: answer('100 '), seen: { status: 100, framing: 'none' } },
  { name: 'highest status', text: answer('599 '), seen: { status: 599 } },
  { name: 'chunked', text: answer('200 OK', CHUNKED), seen: { framing: 'chunked' } },
  {
    name: 'neither length nor chunked',
    text: answer('200 OK'),
    seen: { framing: 'untilClose', keepAlive: false },
  },
  {
    name: 'neither, though it promises to keep the connection',
    text: answer('200 OK', 'Connection: keep-alive'),
    seen: { framing: 'untilClose', keepAlive: false },
  },
  {
    name: 'length of 0',
    text: answer('200 OK', 'Content-Length: 0'),
    seen: { framing: 'length', contentLength: 0, keepAlive: true },
  },
  ...(['GET', 'HEAD', 'CONNECT'] as const).flatMap((to) =>
    ['100 ', '103 ', '204 ', '304 '].map((line) => ({
      name: `${line}to ${to} has no body whatever it says`,
      text: answer(line, LENGTH),
      to,
      seen: { framing: 'none', contentLength: 0, keepAlive: true } as const,
    })),
  ),
  { name: '204 with chunked', text: answer('204 ', CHUNKED), seen: { framing: 'none' } },
  { name: '304 without framing', text: answer('304 '), seen: { keepAlive: true } },
  {
    name: 'answer to HEAD',
    text: answer('200 OK', LENGTH),
    to: 'HEAD',
    seen: { framing: 'none', contentLength: 0, keepAlive: true },
  },
  {
    name: 'answer to HEAD with chunked',
    text: answer('200 OK', CHUNKED),
    to: 'HEAD',
    seen: { framing: 'none' },
  },
  {
    name: 'answer to HEAD without framing',
    text: answer('500 '),
    to: 'HEAD',
    seen: { framing: 'none', keepAlive: true },
  },
  {
    name: 'CONNECT granted',
    text: answer('299 ', LENGTH),
    to: 'CONNECT',
    seen: { framing: 'none', contentLength: 0 },
  },
  {
    name: 'CONNECT not granted',
    text: answer('300 ', LENGTH),
    to: 'CONNECT',
    seen: { framing: 'length' },
  },
  {
    name: 'switching',
    text: answer('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', LENGTH),
    seen: { upgrade: true, framing: 'none', dropped: ['Upgrade', 'Connection'] },
  },
  {
    name: 'offer to upgrade',
    text: answer('426 ', 'Upgrade: h2c', 'Connection: upgrade', LENGTH),
    seen: { upgrade: true, framing: 'length' },
  },
  {
    name: 'close',
    text: answer('200 OK', LENGTH, 'Connection: Close'),
    seen: { keepAlive: false, dropped: ['Connection'] },
  },
  {
    name: 'HTTP/1.0',
    text: `HTTP/1.0 200 OK\r\n${LENGTH}\r\n\r\n`,
    seen: { versionMinor: 0, keepAlive: false, framing: 'length' },
  },
  {
    name: 'HTTP/1.0 with keep-alive',
    text: `HTTP/1.0 200 OK\r\n${LENGTH}\r\nConnection: keep-alive\r\n\r\n`,
    seen: { keepAlive: true },
  },
  {
    name: 'protected names in Connection are ignored, the others are not',
    text: answer('200 OK', CHUNKED, 'Connection: Transfer-Encoding, content-length, a', 'A: b'),
    seen: { framing: 'chunked', keepAlive: true, dropped: ['Connection', 'A'] },
  },
  {
    name: 'fields of the hop',
    text: answer('407 ', LENGTH, 'Proxy-Authenticate: x', 'Keep-Alive: x', 'Set-Cookie: a'),
    seen: { dropped: ['Proxy-Authenticate', 'Keep-Alive'] },
  },
];

export const refusedResponses: readonly (readonly [text: string, code: string])[] = [
  ['\r‸\nHTTP/1.1 200 OK\r\n\r\n', 'RESPONSE_BAD_VERSION'],
  ['\0‸', 'RESPONSE_BAD_VERSION'],
  ['HTTX‸/1.1 200 OK\r\n\r\n', 'RESPONSE_BAD_VERSION'],
  ['h‸ttp/1.1 200 OK\r\n\r\n', 'RESPONSE_BAD_VERSION'],
  ['HTTP/2‸ 200\r\n\r\n', 'RESPONSE_BAD_VERSION'],
  ['HTTP/0‸.9 200 OK\r\n\r\n', 'RESPONSE_BAD_VERSION'],
  ['HTTP/1.2‸ 200 OK\r\n\r\n', 'RESPONSE_BAD_VERSION'],
  ['HTTP/1.1\t‸200 OK\r\n\r\n', 'RESPONSE_BAD_VERSION'],
  ['HTTP/1.1  ‸200 OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 0‸99 OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 6‸00 OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 20 ‸OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 20\r‸\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 2000‸ OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 200\t‸OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 200O‸K\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 2x‸0 OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 -‸20 OK\r\n\r\n', 'RESPONSE_BAD_STATUS'],
  ['HTTP/1.1 200\n‸\r\n', 'RESPONSE_BAD_LINE_END'],
  ['HTTP/1.1 200 OK\n‸\r\n', 'RESPONSE_BAD_LINE_END'],
  ['HTTP/1.1 200 OK\r\r‸\n\r\n', 'RESPONSE_BAD_LINE_END'],
  ['HTTP/1.1 200\rO‸K\r\n\r\n', 'RESPONSE_BAD_LINE_END'],
  ['HTTP/1.1 200 O\0‸K\r\n\r\n', 'RESPONSE_BAD_REASON'],
  ['HTTP/1.1 200 O\x7f‸K\r\n\r\n', 'RESPONSE_BAD_REASON'],
  ['HTTP/1.1 200 OK\r\nA: b\n‸\r\n', 'RESPONSE_BAD_LINE_END'],
  ['HTTP/1.1 200 OK\r\nA: b\r\n ‸c\r\n\r\n', 'RESPONSE_FOLDED_LINE'],
  ['HTTP/1.1 200 OK\r\n:‸ b\r\n\r\n', 'RESPONSE_EMPTY_FIELD_NAME'],
  ['HTTP/1.1 200 OK\r\nA ‸: b\r\n\r\n', 'RESPONSE_SPACE_BEFORE_COLON'],
  ['HTTP/1.1 200 OK\r\nA(‸: b\r\n\r\n', 'RESPONSE_BAD_FIELD_NAME'],
  ['HTTP/1.1 200 OK\r\nA\r‸\n\r\n', 'RESPONSE_MISSING_COLON'],
  ['HTTP/1.1 200 OK\r\nA: \0‸\r\n\r\n', 'RESPONSE_BAD_FIELD_VALUE'],
  [`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(100)}A‸: b\r\n\r\n`, 'RESPONSE_TOO_MANY_FIELDS'],
  [answer('200 OK', 'Content-Length: 5,5'), 'RESPONSE_BAD_CONTENT_LENGTH'],
  [answer('304 ', 'Content-Length: x'), 'RESPONSE_BAD_CONTENT_LENGTH'],
  [answer('200 OK', LENGTH, LENGTH), 'RESPONSE_TWO_CONTENT_LENGTHS'],
  [answer('200 OK', LENGTH, CHUNKED), 'RESPONSE_LENGTH_AND_CHUNKED'],
  [answer('204 ', CHUNKED, LENGTH), 'RESPONSE_LENGTH_AND_CHUNKED'],
  [answer('200 OK', 'Transfer-Encoding: identity'), 'RESPONSE_BAD_TRANSFER_ENCODING'],
  [answer('200 OK', 'Transfer-Encoding: gzip, chunked'), 'RESPONSE_CODING_NOT_IMPLEMENTED'],
  [answer('200 OK', CHUNKED, CHUNKED), 'RESPONSE_TWO_TRANSFER_ENCODINGS'],
  [`HTTP/1.0 200 OK\r\n${CHUNKED}\r\n\r\n`, 'RESPONSE_CHUNKED_IN_OLD_VERSION'],
  [answer('200 OK', 'Connection: a b'), 'RESPONSE_BAD_CONNECTION'],
  [answer('200 OK', `Connection: ${'a,'.repeat(33)}`), 'RESPONSE_TOO_MANY_OPTIONS'],
  [answer('101 '), 'RESPONSE_BAD_UPGRADE'],
  [answer('101 ', 'Upgrade: h2c'), 'RESPONSE_BAD_UPGRADE'],
  [answer('101 ', 'Connection: upgrade'), 'RESPONSE_BAD_UPGRADE'],
  ['HTTP/1.0 101 \r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n', 'RESPONSE_BAD_UPGRADE'],
];
