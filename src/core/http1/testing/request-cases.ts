/**
 * For tests: requests, and what becomes of each. `request-head.test.ts` reads them whole and
 * `trickle.test.ts` in every pair of pieces.
 *
 * What a newcomer gets wrong: `‸` in a refused request is not sent. It stands behind the byte at
 * which the refusal must come, however the bytes arrive; without one, it comes at the last byte.
 */

import { CONNECTION_OPTIONS_MAX } from '../connection.ts';
import { FIELDS_MAX } from '../head.ts';
import type { RequestSeen } from './cases.ts';

export type AcceptedRequest = {
  readonly name: string;
  readonly text: string;
  /** What is remarkable; the rest follows from the text. */
  readonly seen: Partial<RequestSeen>;
};

const H = 'Host: a\r\n';

/** A request with these field lines, and nothing remarkable otherwise. */
function withFields(...lines: readonly string[]): string {
  return `GET / HTTP/1.1\r\n${H}${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

const many = (count: number, line: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => line(index));

export const acceptedRequests: readonly AcceptedRequest[] = [
  {
    name: 'plain',
    text: `GET /index.html?a=b HTTP/1.1\r\nHost: www.example.com:80\r\n\r\n`,
    seen: {
      method: 'GET',
      target: '/index.html?a=b',
      path: '/index.html?a=b',
      host: 'www.example.com:80',
      versionMinor: 1,
      framing: 'none',
      keepAlive: true,
      upgrade: false,
      expectContinue: false,
      dropped: [],
    },
  },
  {
    name: 'empty lines in front',
    text: `\r\n\r\nGET / HTTP/1.1\r\n${H}\r\n`,
    seen: { method: 'GET', headBytes: 31 },
  },
  {
    name: 'values lose their white space, and only that',
    text: withFields('A: \t b \t c\t ', 'B:', 'C: \t ', 'D:\xe9\xff', "!#$%&'*+-.^_`|~09azAZ: e"),
    seen: {
      fields: ['Host: a', 'A: b \t c', 'B: ', 'C: ', 'D: \xe9\xff', "!#$%&'*+-.^_`|~09azAZ: e"],
    },
  },
  {
    name: 'bytes behind the head are left alone',
    text: `${withFields()}\0\n\n next`,
    seen: { headBytes: 27 },
  },
  { name: 'unknown method', text: `M-SEARCH / HTTP/1.1\r\n${H}\r\n`, seen: { method: 'M-SEARCH' } },
  {
    name: 'lower case method is another method',
    text: `connect / HTTP/1.1\r\n${H}\r\n`,
    seen: { method: 'connect' },
  },
  {
    name: 'URL as target wins over Host',
    text: `GET http://b.example:81/x?y HTTP/1.1\r\n${H}\r\n`,
    seen: { host: 'b.example:81', path: '/x?y' },
  },
  {
    name: 'URL without path',
    text: `GET HTTPS://[::1] HTTP/1.1\r\n${H}\r\n`,
    seen: { host: '[::1]', path: '' },
  },
  {
    name: 'URL with only a query',
    text: `GET http://b?q=/ HTTP/1.1\r\n${H}\r\n`,
    seen: { host: 'b', path: '?q=/' },
  },
  { name: 'asterisk', text: `OPTIONS * HTTP/1.1\r\n${H}\r\n`, seen: { path: '', host: 'a' } },
  {
    name: 'OPTIONS of a path',
    text: `OPTIONS /x HTTP/1.1\r\n${H}\r\n`,
    seen: { path: '/x', host: 'a' },
  },
  {
    name: 'CONNECT',
    text: `CONNECT b.example:443 HTTP/1.1\r\n${H}\r\n`,
    seen: { host: 'b.example:443', path: '' },
  },
  {
    name: 'path with bytes no URI may hold, as browsers send them',
    text: `GET //x/{a|b}"<>\\^\` HTTP/1.1\r\n${H}\r\n`,
    seen: { path: '//x/{a|b}"<>\\^`' },
  },
  {
    name: 'empty Host',
    text: 'GET / HTTP/1.1\r\nHost: \r\n\r\n',
    seen: { host: '' },
  },
  {
    name: 'HTTP/1.0 needs no Host and closes',
    text: 'GET / HTTP/1.0\r\n\r\n',
    seen: { versionMinor: 0, keepAlive: false, host: '' },
  },
  {
    name: 'HTTP/1.0 with keep-alive',
    text: 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n',
    seen: { keepAlive: true, dropped: ['Connection'] },
  },
  {
    name: 'HTTP/1.0 knows neither Upgrade nor Expect',
    text: 'GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: x\r\nExpect: 100-continue\r\n\r\n',
    seen: { upgrade: false, expectContinue: false },
  },
  {
    name: 'close wins over keep-alive',
    text: withFields('Connection: keep-alive, CLOSE'),
    seen: { keepAlive: false },
  },
  {
    name: 'Proxy-Connection decides nothing',
    text: withFields('Proxy-Connection: close'),
    seen: { keepAlive: true, dropped: ['Proxy-Connection'] },
  },
  {
    name: 'length',
    text: withFields('content-LENGTH:\t0042 \t'),
    seen: { framing: 'length', contentLength: 42 },
  },
  {
    name: 'length of 15 digits',
    text: withFields('Content-Length: 999999999999999'),
    seen: { framing: 'length', contentLength: 999_999_999_999_999 },
  },
  {
    name: 'chunked',
    text: withFields('Transfer-Encoding:  Chunked  '),
    seen: { framing: 'chunked', contentLength: 0, dropped: [] },
  },
  {
    name: 'upgrade',
    text: withFields('Upgrade: websocket', 'Connection: keep-alive, Upgrade'),
    seen: { upgrade: true, dropped: ['Upgrade', 'Connection'] },
  },
  {
    name: 'Upgrade that Connection does not name',
    text: withFields('Upgrade: websocket'),
    seen: { upgrade: false, dropped: ['Upgrade'] },
  },
  {
    name: 'Connection that names upgrade without one',
    text: withFields('Connection: upgrade'),
    seen: { upgrade: false },
  },
  { name: 'expect', text: withFields('Expect: 100-Continue'), seen: { expectContinue: true } },
  {
    name: 'TE',
    text: withFields('TE: gzip;q=0.5 ,\ttrailers', 'Connection: te'),
    seen: { teTrailers: true, dropped: ['TE', 'Connection'] },
  },
  {
    name: 'TE without trailers',
    text: withFields('TE: trailersx', 'TE: '),
    seen: { teTrailers: false, dropped: ['TE', 'TE'] },
  },
  {
    name: 'fields of the hop',
    text: withFields(
      'Keep-Alive: timeout=5',
      'Trailer: A',
      'Proxy-Authorization: x',
      'Proxy-Authenticate: x',
      'HTTP2-Settings: x',
      'Authorization: x',
    ),
    seen: {
      dropped: ['Keep-Alive', 'Proxy-Authorization', 'Proxy-Authenticate', 'HTTP2-Settings'],
    },
  },
  {
    name: 'fields that Connection names, over several lines and with empty members',
    text: withFields(
      'X-One: 1',
      'connection: ,, x-ONE ,',
      'X-Two: 2',
      'X-Tw: 3',
      'Connection:\tx-two,Cookie , absent',
      'Cookie: c',
      'x-one: 4',
    ),
    seen: { dropped: ['X-One', 'connection', 'X-Two', 'Connection', 'Cookie', 'x-one'] },
  },
  {
    name: 'what proxies say of the client stays, though Connection names it',
    text: withFields(
      'Connection: x-forwarded-for, X-Forwarded-Proto, x-forwarded-host, forwarded, via',
      'Connection: backhand-proxied',
      'X-Forwarded-For: 1',
      'X-Forwarded-Proto: 2',
      'X-Forwarded-Host: 3',
      'Forwarded: 4',
      'Via: 5',
      'Backhand-Proxied: 6',
    ),
    seen: { dropped: ['Connection', 'Connection'] },
  },
  {
    name: 'as many fields as there may be',
    text: withFields(...many(FIELDS_MAX - 1, (index) => `F${index}: ${index}`)),
    seen: {},
  },
  {
    name: 'as many options as there may be',
    text: withFields(`Connection: ${many(CONNECTION_OPTIONS_MAX, (index) => `o${index}`)}`),
    seen: { dropped: ['Connection'] },
  },
];

/** Each with its code. */
export const refusedRequests: readonly (readonly [text: string, code: string])[] = [
  // Line ends.
  [`\n‸GET / HTTP/1.1\r\n${H}\r\n`, 'REQUEST_BAD_LINE_END'],
  [`\rG‸ET / HTTP/1.1\r\n${H}\r\n`, 'REQUEST_BAD_LINE_END'],
  [`GET / HTTP/1.1\n‸${H}\r\n`, 'REQUEST_BAD_LINE_END'],
  [`GET / HTTP/1.1\rH‸ost: a\r\n\r\n`, 'REQUEST_BAD_LINE_END'],
  ['GET / HTTP/1.1\r\nHost: a\n‸\r\n', 'REQUEST_BAD_LINE_END'],
  ['GET / HTTP/1.1\r\nHost: a\rb‸\r\n\r\n', 'REQUEST_BAD_LINE_END'],
  [`GET / HTTP/1.1\r\n${H}\n‸`, 'REQUEST_BAD_LINE_END'],
  [`GET / HTTP/1.1\r\n${H}\r\r‸\n`, 'REQUEST_BAD_LINE_END'],
  ['GET / HTTP/1.1\r\nHost: a\r\r‸\n\r\n', 'REQUEST_BAD_LINE_END'],
  ['GET /\n‸', 'REQUEST_BAD_LINE_END'],
  // The request line.
  [`\r\n\r\n\r‸\nGET / HTTP/1.1\r\n${H}\r\n`, 'REQUEST_BAD_METHOD'],
  [` ‸GET / HTTP/1.1\r\n${H}\r\n`, 'REQUEST_BAD_METHOD'],
  ['\x16‸\x03\x01\x02', 'REQUEST_BAD_METHOD'],
  ['GET\t‸/ HTTP/1.1\r\n\r\n', 'REQUEST_BAD_METHOD'],
  ['G(‸T / HTTP/1.1\r\n\r\n', 'REQUEST_BAD_METHOD'],
  ['GET\r‸\n\r\n', 'REQUEST_BAD_METHOD'],
  ['GET\n‸', 'REQUEST_BAD_METHOD'],
  ['GET\0‸ / HTTP/1.1\r\n\r\n', 'REQUEST_BAD_METHOD'],
  ['GET  ‸/ HTTP/1.1\r\n\r\n', 'REQUEST_BAD_TARGET'],
  ['GET \r‸\n', 'REQUEST_BAD_VERSION'],
  ['GET /\t‸x HTTP/1.1\r\n\r\n', 'REQUEST_BAD_TARGET_BYTE'],
  ['GET /\0‸ HTTP/1.1\r\n\r\n', 'REQUEST_BAD_TARGET_BYTE'],
  ['GET /\x7f‸ HTTP/1.1\r\n\r\n', 'REQUEST_BAD_TARGET_BYTE'],
  ['GET /\xe9‸ HTTP/1.1\r\n\r\n', 'REQUEST_BAD_TARGET_BYTE'],
  ['GET /a#‸b HTTP/1.1\r\n\r\n', 'REQUEST_BAD_TARGET_BYTE'],
  ['GET /\r‸\n', 'REQUEST_BAD_VERSION'],
  ['GET / \r‸\n', 'REQUEST_BAD_VERSION'],
  ['GET /  ‸HTTP/1.1\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / x‸ HTTP/1.1\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / h‸ttp/1.1\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / HTTPS‸/1.1\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / HTTP/x‸.1\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / HTTP/1,‸1\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / HTTP/1.x‸\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / HTTP/1.11‸\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / HTTP/1.1 ‸\r\n\r\n', 'REQUEST_BAD_VERSION'],
  ['GET / HTTP/0‸.9\r\n\r\n', 'REQUEST_VERSION_NOT_SUPPORTED'],
  ['GET / HTTP/1.2‸\r\n\r\n', 'REQUEST_VERSION_NOT_SUPPORTED'],
  ['GET / HTTP/3‸.0\r\n\r\n', 'REQUEST_VERSION_NOT_SUPPORTED'],
  ['PRI * HTTP/2‸.0\r\n\r\nSM\r\n\r\n', 'REQUEST_VERSION_NOT_SUPPORTED'],
  // The target's form.
  ...[
    'GET *',
    'OPTIONS **',
    'GET x',
    'GET a:80',
    'GET ftp://a/',
    'GET http:/a',
    'GET http:///x',
    'GET http://:80/x',
    'GET http://u@a/x',
    'GET http://a:b/x',
    'GET http://a:99999/',
    'GET http://[::1/',
    'CONNECT /',
    'CONNECT a',
    'CONNECT a:',
    'CONNECT :443',
    'CONNECT a:443/',
    'CONNECT http://a:443',
    'CONNECT *',
  ].map((line) => [`${line} HTTP/1.1\r\n‸${H}\r\n`, 'REQUEST_BAD_TARGET'] as const),
  // Field lines.
  ['GET / HTTP/1.1\r\n ‸Host: a\r\n\r\n', 'REQUEST_FOLDED_LINE'],
  [`GET / HTTP/1.1\r\n${H}\t‸b\r\n\r\n`, 'REQUEST_FOLDED_LINE'],
  [`GET / HTTP/1.1\r\n${H} ‸\r\n\r\n`, 'REQUEST_FOLDED_LINE'],
  [`GET / HTTP/1.1\r\n${H}:‸ b\r\n\r\n`, 'REQUEST_EMPTY_FIELD_NAME'],
  ['GET / HTTP/1.1\r\nHost ‸: a\r\n\r\n', 'REQUEST_SPACE_BEFORE_COLON'],
  ['GET / HTTP/1.1\r\nHost\t‸: a\r\n\r\n', 'REQUEST_SPACE_BEFORE_COLON'],
  ['GET / HTTP/1.1\r\nHo ‸st: a\r\n\r\n', 'REQUEST_SPACE_BEFORE_COLON'],
  ['GET / HTTP/1.1\r\nHost\r‸\n\r\n', 'REQUEST_MISSING_COLON'],
  ['GET / HTTP/1.1\r\nHost\n‸\r\n', 'REQUEST_MISSING_COLON'],
  ...[
    '\0',
    '\x01',
    '\x0b',
    '\x7f',
    '\x80',
    '\xff',
    '"',
    '(',
    ',',
    '/',
    ';',
    '=',
    '@',
    '[',
    '{',
  ].flatMap((byte) => [
    [`GET / HTTP/1.1\r\nA${byte}‸b: c\r\n\r\n`, 'REQUEST_BAD_FIELD_NAME'] as const,
    [`GET / HTTP/1.1\r\n${byte}‸b: c\r\n\r\n`, 'REQUEST_BAD_FIELD_NAME'] as const,
  ]),
  ...['\0', '\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f'].flatMap((byte) => [
    [`GET / HTTP/1.1\r\nA: b${byte}‸c\r\n\r\n`, 'REQUEST_BAD_FIELD_VALUE'] as const,
    [`GET / HTTP/1.1\r\nA: ${byte}‸\r\n\r\n`, 'REQUEST_BAD_FIELD_VALUE'] as const,
  ]),
  [
    `GET / HTTP/1.1\r\n${many(FIELDS_MAX, (index) => `F${index}: x\r\n`).join('')}H‸: x\r\n\r\n`,
    'REQUEST_TOO_MANY_FIELDS',
  ],
  // Host.
  ['GET / HTTP/1.1\r\n\r\n', 'REQUEST_MISSING_HOST'],
  ['GET http://a/ HTTP/1.1\r\n\r\n', 'REQUEST_MISSING_HOST'],
  [withFields('Host: a'), 'REQUEST_TWO_HOSTS'],
  [withFields('HOST: b'), 'REQUEST_TWO_HOSTS'],
  ['GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n', 'REQUEST_TWO_HOSTS'],
  ['GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 'REQUEST_BAD_HOST'],
  ['GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 'REQUEST_BAD_HOST'],
  ['GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', 'REQUEST_BAD_HOST'],
  ['GET http://a/ HTTP/1.1\r\nHost: a/b\r\n\r\n', 'REQUEST_BAD_HOST'],
  ['GET / HTTP/1.0\r\nHost: a/b\r\n\r\n', 'REQUEST_BAD_HOST'],
  // Framing.
  ...['', '+5', '-5', '5 5', '5,5', '5, 5', '0x5', '5.0', '5e1', 'a', '\xb2'].map(
    (value) => [withFields(`Content-Length: ${value}`), 'REQUEST_BAD_CONTENT_LENGTH'] as const,
  ),
  [withFields('Content-Length: 1000000000000000'), 'REQUEST_BAD_CONTENT_LENGTH'],
  [withFields('Content-Length: 0000000000000005'), 'REQUEST_BAD_CONTENT_LENGTH'],
  [withFields('Transfer-Encoding: chunked\t'), 'REQUEST_BAD_TRANSFER_ENCODING'],
  [withFields('Transfer-Encoding:\tchunked'), 'REQUEST_BAD_TRANSFER_ENCODING'],
  [withFields('Transfer-Encoding: chunked\t '), 'REQUEST_BAD_TRANSFER_ENCODING'],
  [withFields('Content-Length: 5', 'Content-Length: 5'), 'REQUEST_TWO_CONTENT_LENGTHS'],
  [withFields('Content-Length: 5', 'content-length: 6'), 'REQUEST_TWO_CONTENT_LENGTHS'],
  [withFields('Content-Length: 5', 'Transfer-Encoding: chunked'), 'REQUEST_LENGTH_AND_CHUNKED'],
  [withFields('Transfer-Encoding: chunked', 'Content-Length: 5'), 'REQUEST_LENGTH_AND_CHUNKED'],
  [withFields('Transfer-Encoding: x', 'Content-Length: 5'), 'REQUEST_LENGTH_AND_CHUNKED'],
  ...[
    '',
    'gzip',
    'identity',
    'chunked, gzip',
    'chunked, chunked',
    'chunked, identity',
    'chunked;a=b',
    'chunked,',
    ',chunked',
    'xchunked',
    'chunkedx',
    '"chunked"',
    'chun ked',
    '\xa0chunked',
    'gzip;q="chunked"',
    'gzip;a=b, chunked',
    ', gzip, chunked',
  ].map(
    (value) =>
      [withFields(`Transfer-Encoding: ${value}`), 'REQUEST_BAD_TRANSFER_ENCODING'] as const,
  ),
  [withFields('Transfer-Encoding: gzip, chunked'), 'REQUEST_CODING_NOT_IMPLEMENTED'],
  [withFields('Transfer-Encoding: a,B ,\tChunked'), 'REQUEST_CODING_NOT_IMPLEMENTED'],
  [
    withFields('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
    'REQUEST_TWO_TRANSFER_ENCODINGS',
  ],
  [
    withFields('Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'),
    'REQUEST_TWO_TRANSFER_ENCODINGS',
  ],
  ['GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 'REQUEST_CHUNKED_IN_OLD_VERSION'],
  ['GET / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n', 'REQUEST_CHUNKED_IN_OLD_VERSION'],
  // Connection and Expect.
  ...['keep alive', 'close;x', '"close"', 'a=b', 'a, (b)', '\xe9'].map(
    (value) => [withFields(`Connection: ${value}`), 'REQUEST_BAD_CONNECTION'] as const,
  ),
  [
    withFields(`Connection: ${many(CONNECTION_OPTIONS_MAX, () => 'a')}`, 'Connection: close'),
    'REQUEST_TOO_MANY_OPTIONS',
  ],
  ...['Host', 'content-length', 'close, TRANSFER-ENCODING, x'].map(
    (value) => [withFields(`Connection: ${value}`), 'REQUEST_PROTECTED_OPTION'] as const,
  ),
  ...['', '200-ok', '100-continue, x', '100-continue;a'].map(
    (value) => [withFields(`Expect: ${value}`), 'REQUEST_UNKNOWN_EXPECTATION'] as const,
  ),
];
