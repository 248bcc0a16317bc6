/**
 * For tests: chunked bodies, and what becomes of each. `chunked.test.ts` reads them whole and
 * `trickle.test.ts` in every pair of pieces. `‸` stands behind the byte at which a refusal comes.
 */
import { type ChunkedError, EXTENSION_BYTES_MAX, EXTENSION_BYTES_TOTAL_MAX } from '../chunked.ts';
import { TRAILER_BYTES_MAX } from '../trailers.ts';

const extension = (bytes: number): string => `;${'e'.repeat(bytes - 1)}`;

/** One-byte chunks that use up all but one byte of what extensions may take. */
const tired = `1${extension(EXTENSION_BYTES_MAX)}\r\na\r\n`.repeat(
  EXTENSION_BYTES_TOTAL_MAX / EXTENSION_BYTES_MAX - 1,
);

/** Fills the trailer section's limit to the last byte, its blank line included. */
const trailerLine = `A: ${'b'.repeat(TRAILER_BYTES_MAX - 7)}\r\n`;

export const acceptedBodies: readonly (readonly [text: string, data: string])[] = [
  ['0\r\n\r\n', ''],
  ['000\r\n\r\n', ''],
  ['5\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n', 'hello, world'],
  ['000000000000A\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
  ['f\r\nfifteen bytes:)\r\n0\r\n\r\n', 'fifteen bytes:)'],
  ['2\r\n\r\n\r\n3\r\n0\r\n\r\n0\r\n\r\n', '\r\n0\r\n'],
  ['1;a\r\nx\r\n0;b\r\n\r\n', 'x'],
  ['1;a=b;c="d;\\""\r\nx\r\n0\r\n\r\n', 'x'],
  ['1;a="";b=c;d="\t \xe9\\\xe9"\r\nx\r\n0\r\n\r\n', 'x'],
  [`1${extension(EXTENSION_BYTES_MAX)}\r\nx\r\n0\r\n\r\n`, 'x'],
  [`${tired}0${extension(EXTENSION_BYTES_MAX)}\r\n\r\n`, 'a'.repeat(tired.split('\n').length >> 1)],
  ['0\r\nDigest: x\r\nempty:\r\nb:\t\xe9 \r\n\r\n', ''],
  ['0\r\nA-Field-Name-That-Begins-Like-Content-Length: 1\r\nHos: t\r\nHostt: s\r\n\r\n', ''],
  [`0\r\n${trailerLine}\r\n`, ''],
];

export const refusedBodies: readonly (readonly [text: string, error: ChunkedError])[] = [
  ['\r‸\n', 'CHUNKED_BAD_SIZE'],
  [' ‸5\r\nhello\r\n0\r\n\r\n', 'CHUNKED_BAD_SIZE'],
  ['-‸5\r\n', 'CHUNKED_BAD_SIZE'],
  ['+‸5\r\n', 'CHUNKED_BAD_SIZE'],
  ['g‸\r\n', 'CHUNKED_BAD_SIZE'],
  [';‸a\r\n', 'CHUNKED_BAD_SIZE'],
  ['0x‸5\r\n', 'CHUNKED_BAD_EXTENSION'],
  ['5 ‸\r\nhello', 'CHUNKED_BAD_EXTENSION'],
  ['5\t‸\r\nhello', 'CHUNKED_BAD_EXTENSION'],
  ['5,‸\r\nhello', 'CHUNKED_BAD_EXTENSION'],
  ['5\n‸hello', 'CHUNKED_BAD_LINE_END'],
  ['5\rh‸ello', 'CHUNKED_BAD_LINE_END'],
  ['5;a\n‸hello', 'CHUNKED_BAD_LINE_END'],
  ['5;a\rb‸', 'CHUNKED_BAD_LINE_END'],
  ['00000000000005‸\r\nhello', 'CHUNKED_SIZE_TOO_LARGE'],
  ['ffffffffffffff‸', 'CHUNKED_SIZE_TOO_LARGE'],
  ['5;\r‸\n', 'CHUNKED_BAD_EXTENSION'],
  ['5; ‸a\r\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;a ‸\r\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;a=\r‸\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;a= ‸b\r\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;=‸b\r\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;a=b=‸c\r\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;a;\r‸\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;a="b\r‸\n', 'CHUNKED_BAD_EXTENSION'],
  ['5;a="b\n‸"', 'CHUNKED_BAD_LINE_END'],
  ['5;a="\0‸"', 'CHUNKED_BAD_EXTENSION'],
  ['5;a="\\\0‸"', 'CHUNKED_BAD_EXTENSION'],
  ['5;a="b"c‸', 'CHUNKED_BAD_EXTENSION'],
  ['5;a="b"=‸', 'CHUNKED_BAD_EXTENSION'],
  ['5;a\0‸', 'CHUNKED_BAD_EXTENSION'],
  ['5;a\xe9‸', 'CHUNKED_BAD_EXTENSION'],
  [`1${extension(EXTENSION_BYTES_MAX + 1)}‸\r\n`, 'CHUNKED_EXTENSION_TOO_LARGE'],
  [
    `${tired}1${extension(EXTENSION_BYTES_MAX)}\r\na\r\n0;‸a\r\n\r\n`,
    'CHUNKED_EXTENSION_TOO_LARGE',
  ],
  ['5\r\nhellox‸\r\n', 'CHUNKED_BAD_DATA_END'],
  ['5\r\nhello\n‸', 'CHUNKED_BAD_DATA_END'],
  ['5\r\nhello\rx‸', 'CHUNKED_BAD_DATA_END'],
  ['5\r\nhello\r\r‸\n', 'CHUNKED_BAD_DATA_END'],
  ['0\r\n\n‸', 'CHUNKED_BAD_TRAILER'],
  ['0\r\n\rx‸', 'CHUNKED_BAD_TRAILER'],
  ['0\r\nA\r‸\n\r\n', 'CHUNKED_BAD_TRAILER'],
  ['0\r\nA ‸: b\r\n\r\n', 'CHUNKED_BAD_TRAILER'],
  ['0\r\n:‸ b\r\n\r\n', 'CHUNKED_BAD_TRAILER'],
  ['0\r\nA: b\n‸\r\n', 'CHUNKED_BAD_TRAILER'],
  ['0\r\nA: b\rc‸\r\n', 'CHUNKED_BAD_TRAILER'],
  ['0\r\nA: b\0‸\r\n', 'CHUNKED_BAD_TRAILER'],
  ['0\r\nA: b\r\n ‸c\r\n\r\n', 'CHUNKED_BAD_TRAILER'],
  ...[
    'Host',
    'content-LENGTH',
    'Transfer-Encoding',
    'Connection',
    'Trailer',
    'TE',
    'Upgrade',
    'Cookie',
    'Set-Cookie',
    'Authorization',
    'Proxy-Authorization',
    'Content-Type',
    'Content-Encoding',
    'Content-Range',
    'X-Forwarded-For',
    'Forwarded',
    'Backhand-Proxied',
    'Via',
    'Location',
  ].map((name) => [`0\r\nA: b\r\n${name}:‸ 1\r\n\r\n`, 'CHUNKED_FORBIDDEN_TRAILER'] as const),
  [`0\r\n${trailerLine}A:b‸\r\n\r\n`, 'CHUNKED_TRAILERS_TOO_LARGE'],
];
