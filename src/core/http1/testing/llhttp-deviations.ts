/**
 * For tests and for `docs/reference/http1-deviations.md`: where we read a message otherwise than
 * llhttp (Node's parser) reads it in its own test suite, and why.
 *
 * What a newcomer gets wrong: most of these are not differences of opinion. llhttp can be told to
 * be lenient, piece by piece; we cannot, and the cases of its lenient modes are where that shows.
 */

export type Reason = { readonly title: string; readonly why: string };

export type Deviation = {
  /** As `llhttp-fixture.ts` names it. */
  readonly name: string;
  /** How the conversation ends here: a code, or a word of `Ending`. */
  readonly here: string;
};

type Group = Reason & { readonly cases: readonly Deviation[] };

const each = (here: string, ...names: readonly string[]): Deviation[] =>
  names.map((name) => ({ name, here }));

export const deviations: readonly Group[] = [
  {
    title: 'Line ends are CRLF',
    why:
      'RFC 9112 2.2 allows to take a bare LF for a line end. Where one program does and the next ' +
      'does not, one message becomes two. llhttp does it in lenient modes only.',
    cases: [
      ...each(
        'REQUEST_BAD_LINE_END',
        'request/content-length.md: Missing CRLF-CRLF before body (lenient)',
        'request/invalid.md: Headers separated by dummy characters (lenient)',
        'request/invalid.md: Only LFs present (lenient)',
        'request/lenient-headers.md: Empty headers separated by CR (lenient)',
        'request/sample.md: No LF after CR (lenient)',
      ),
      ...each(
        'RESPONSE_BAD_LINE_END',
        'response/invalid.md: Bare CR after response line (lenient)',
        'response/invalid.md: Only LFs present and no body (lenient)',
        'response/invalid.md: Only LFs present (lenient)',
        'response/sample.md: No carriage ret (lenient)',
      ),
    ],
  },
  {
    title: 'Field lines are not folded',
    why:
      'RFC 9112 5.2 abolished folding and lets a server refuse it. A line that begins with white ' +
      'space is a field of its own to some programs. llhttp unfolds in its lenient mode.',
    cases: [
      ...each(
        'REQUEST_FOLDED_LINE',
        'request/connection.md: Multiple tokens with folding',
        'request/connection.md: Multiple tokens with folding, LWS, and CRLF',
        'request/invalid.md: Spaces before headers (lenient)',
        'request/sample.md: Line folding in header value with CRLF',
        'request/sample.md: X-SSL-Nonsense',
      ),
      ...each(
        'RESPONSE_FOLDED_LINE',
        'response/transfer-encoding.md: Invalid OBS fold after chunked value',
      ),
    ],
  },
  {
    title: 'Names touch their colon, values hold no controls',
    why:
      'RFC 9112 5.1 demands 400 for white space before the colon; RFC 9110 5.5 calls control ' +
      'characters in values invalid and dangerous. llhttp lets both pass in lenient modes.',
    cases: [
      ...each(
        'REQUEST_SPACE_BEFORE_COLON',
        'request/connection.md: Invalid whitespace token with `Connection` header field (lenient)',
        'request/content-length.md: Invalid whitespace token with `Content-Length` header field (lenient)',
      ),
      ...each(
        'REQUEST_BAD_FIELD_VALUE',
        'request/lenient-header-value-relaxed.md: Control char in header value (relaxed)',
        'request/lenient-headers.md: Header value (lenient)',
        'request/lenient-headers.md: Second request header value (lenient)',
      ),
    ],
  },
  {
    title: 'Only one thing says where a body ends',
    why:
      'A message with a length and a coding, or with a coding we do not know the end of, is refused ' +
      'whatever order they come in (RFC 9112 6.3). For responses llhttp falls back to reading until ' +
      'the connection closes; an origin that frames so badly is not relayed.',
    cases: [
      ...each(
        'REQUEST_LENGTH_AND_CHUNKED',
        'request/content-length.md: No error on simultaneous `Content-Length` and `Transfer-Encoding: identity` (lenient)',
      ),
      ...each(
        'RESPONSE_BAD_TRANSFER_ENCODING',
        'response/transfer-encoding.md: `chunked` before other transfer-encoding',
        'response/transfer-encoding.md: `chunkedchunked` transfer-encoding does not enable chunked enconding',
      ),
      ...each(
        'RESPONSE_TWO_TRANSFER_ENCODINGS',
        'response/transfer-encoding.md: multiple transfer-encoding where chunked is not the last one',
      ),
    ],
  },
  {
    title: 'Chunks are cut to the letter',
    why:
      'Chunked bodies are passed on as they came, so nothing in them can be mended on the way (RFC ' +
      '9112 7.1). A field that frames, routes or describes the body may not come in its trailers ' +
      '(RFC 9110 6.5.1); the case sends Content-Type there.',
    cases: [
      ...each(
        'CHUNKED_BAD_LINE_END',
        'request/transfer-encoding.md: Chunk header not terminated by CRLF (lenient)',
      ),
      ...each(
        'CHUNKED_BAD_DATA_END',
        'request/transfer-encoding.md: Chunk data not terminated by CRLF (lenient)',
      ),
      ...each(
        'CHUNKED_BAD_EXTENSION',
        'request/transfer-encoding.md: Space after chunk header (lenient)',
      ),
      ...each('CHUNKED_FORBIDDEN_TRAILER', 'request/transfer-encoding.md: Trailing headers'),
    ],
  },
  {
    title: 'Targets are what RFC 9112 3.2 allows',
    why:
      'A fragment ("#") is never sent, user information before a host serves to deceive (RFC 9110 ' +
      '4.2.4), and "*" is for OPTIONS alone. llhttp leaves the target to its user. Several cases ' +
      'about codings also carry a fragment, and are refused for that first.',
    cases: [
      ...each(
        'REQUEST_BAD_TARGET_BYTE',
        'request/uri.md: Fragment in URI',
        'request/transfer-encoding.md: POST with `Transfer-Encoding` and `Content-Length` (lenient)',
        'request/transfer-encoding.md: POST with `chunked` before other transfer-coding (lenient)',
        'request/transfer-encoding.md: POST with `chunked` and duplicate transfer-encoding (lenient)',
        'request/transfer-encoding.md: POST with `chunked` as last transfer-encoding',
        'request/transfer-encoding.md: POST with `chunked` as last transfer-encoding (multiple headers)',
      ),
      ...each(
        'REQUEST_BAD_TARGET',
        'request/uri.md: `host:port` and basic auth',
        'request/method.md: M-SEARCH request',
      ),
    ],
  },
  {
    title: 'Methods are not ours to know',
    why:
      'llhttp has a list of methods and refuses all others. RFC 9110 9.1 leaves the set open, so a ' +
      'relay passes on any token and lets the server behind it answer 501.',
    cases: each(
      'idle',
      'request/invalid.md: HTTP protocol and ANNOUNCE method',
      'request/invalid.md: Invalid method',
    ),
  },
  {
    title: 'Only HTTP/1.0 and HTTP/1.1',
    why:
      'llhttp also reads RTSP, ICE, HTTP/0.9 and, when lenient, versions that do not exist. We relay ' +
      'none of them.',
    cases: [
      ...each(
        'REQUEST_BAD_VERSION',
        'request/method.md: SOURCE request with ICE',
        'request/method.md: OPTIONS request with RTSP',
        'request/method.md: ANNOUNCE request with RTSP',
        'request/sample.md: No HTTP version',
      ),
      ...each(
        'REQUEST_VERSION_NOT_SUPPORTED',
        'request/lenient-version.md: Invalid HTTP version (lenient)',
      ),
      ...each(
        'RESPONSE_BAD_VERSION',
        'response/lenient-version.md: Invalid HTTP version (lenient)',
        'response/sample.md: RTSP response',
        'response/sample.md: ICE response',
        'response/sample.md: HTTP version 0.9',
      ),
    ],
  },
  {
    title: 'No empty line in front of a response',
    why:
      'RFC 9112 2.2 has a server skip an empty line before a request; 9.2 only allows a client to do ' +
      'so between responses. Bytes that an origin sends behind the end of its answer are a sign that ' +
      'the two of us count differently, and the connection is not used again.',
    cases: each(
      'RESPONSE_BAD_VERSION',
      'response/connection.md: HTTP 304 with Content-Length',
      'response/connection.md: HTTP 100 first, then 400',
      'response/pipelining.md: Should parse multiple events',
      'response/sample.md: Response starting with CRLF',
    ),
  },
  {
    title: 'The last message is the last',
    why:
      'What follows a message that closes its connection is never read (RFC 9112 9.6). llhttp goes on ' +
      'when it is told to keep the connection alive whatever the messages say.',
    cases: each(
      'closed',
      'request/connection.md: Resetting flags when keep-alive is off (1.0, lenient)',
      'request/connection.md: CRLF between requests, explicit `close` (lenient)',
      'response/connection.md: HTTP/1.1 with keep-alive disabled, content-length (lenient)',
      'response/connection.md: HTTP/1.1 with keep-alive disabled and 204 status (lenient)',
    ),
  },
  {
    title: 'What needs the whole head is judged at its end',
    why:
      'llhttp refuses these at the offending line. We wait for the blank line, which these cases do ' +
      'not send, and then refuse with REQUEST_BAD_CONTENT_LENGTH and REQUEST_TWO_CONTENT_LENGTHS. ' +
      'Nothing is passed on before that, so nobody can tell the difference.',
    cases: each(
      'middle',
      'request/content-length.md: Error on `Content-Length` overflow',
      'request/content-length.md: Error on duplicate `Content-Length`',
    ),
  },
  {
    title: 'A body is what the head says',
    why:
      "The first case tells llhttp, by its user's answer, to skip a body that was announced; a relay " +
      'has nobody to be told that by. In the second, llhttp hands the announced body of a CONNECT ' +
      'over as the first bytes of the tunnel; here it is read as a body before the tunnel begins.',
    cases: [
      ...each('middle', 'request/content-length.md: Content-Length reset when no body is received'),
      ...each('tunnel', 'request/method.md: CONNECT with body'),
    ],
  },
];

/** The page for people. */
export function renderDeviations(theirs: ReadonlyMap<string, string>): string {
  const lines = [
    '# Where our HTTP/1.1 parser differs from llhttp',
    '',
    'llhttp is the parser of Node.js. Its own test suite (in `test/fixtures/llhttp/`) runs against our',
    'parser in every build, and every case that ends differently here than there stands on this page;',
    'all others end alike. The page is written by `UPDATE=1 node --test src/core/http1/llhttp.test.ts`',
    'from `src/core/http1/testing/llhttp-deviations.ts`, and a test fails when the two are out of step.',
    '',
    'One difference stands for all requests: RFC 9112 3.2 demands 400 for a request in HTTP/1.1 without',
    'Host, which llhttp leaves to its user. Its cases without Host are read here with one added.',
  ];
  for (const { title, why, cases } of deviations) {
    lines.push('', `## ${title}`, '', why, '', '| Case | llhttp | Here |', '|---|---|---|');
    for (const { name, here } of cases) {
      lines.push(`| ${name} | ${theirs.get(name) ?? ''} | ${hereInWords(here)} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const endings: { readonly [ending: string]: string } = {
  idle: 'reads it',
  middle: 'waits for more',
  tunnel: 'reads it, with a body before the tunnel',
  closed: 'stops after the last message',
};

function hereInWords(here: string): string {
  return endings[here] ?? `refuses: ${here}`;
}
