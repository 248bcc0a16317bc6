/**
 * Everything that can be wrong with a head: the code, the status to answer, and a plain sentence.
 *
 * A head that fits none of the grammar's readings has no meaning two programs would agree on, so it
 * is refused and its connection closed, never repaired. What a client sent wrong is told to the
 * client; what a node sent wrong is ours to answer for, and always 502.
 */

function request<const Code extends `REQUEST_${string}`>(
  code: Code,
  status: 400 | 414 | 417 | 431 | 501 | 505,
  message: string,
) {
  return { code, status, message } as const;
}

function response<const Code extends `RESPONSE_${string}`>(code: Code, message: string) {
  return { code, status: 502, message } as const;
}

/** What the scan of field lines and their common meaning find, in either direction. */
export type SharedFault = keyof typeof requestErrors & keyof typeof responseErrors;
export type RequestFault = keyof typeof requestErrors;
export type ResponseFault = keyof typeof responseErrors;

export type HeadError =
  | (typeof requestErrors)[RequestFault]
  | (typeof responseErrors)[ResponseFault];

export const requestErrors = {
  badLineEnd: request(
    'REQUEST_BAD_LINE_END',
    400,
    'A line ends in CR or LF alone; only the two together end a line.',
  ),
  headTooLarge: request(
    'REQUEST_HEAD_TOO_LARGE',
    431,
    'The request line and the fields together are longer than the limit.',
  ),
  tooManyFields: request(
    'REQUEST_TOO_MANY_FIELDS',
    431,
    'The request has more field lines than the limit.',
  ),
  foldedLine: request(
    'REQUEST_FOLDED_LINE',
    400,
    'A line begins with white space: folded field lines were abolished with RFC 7230.',
  ),
  emptyName: request('REQUEST_EMPTY_FIELD_NAME', 400, 'A field line begins with its colon.'),
  spaceBeforeColon: request(
    'REQUEST_SPACE_BEFORE_COLON',
    400,
    'White space stands between a field name and its colon.',
  ),
  badNameByte: request(
    'REQUEST_BAD_FIELD_NAME',
    400,
    'A field name holds a byte that no name may hold.',
  ),
  missingColon: request('REQUEST_MISSING_COLON', 400, 'A field line ends before its colon.'),
  badValueByte: request(
    'REQUEST_BAD_FIELD_VALUE',
    400,
    'A field value holds a control character, such as NUL.',
  ),
  badContentLength: request(
    'REQUEST_BAD_CONTENT_LENGTH',
    400,
    'Content-Length is not one number of 1 to 15 digits.',
  ),
  twoContentLengths: request(
    'REQUEST_TWO_CONTENT_LENGTHS',
    400,
    'There are several Content-Length lines, be they equal or not.',
  ),
  lengthAndChunked: request(
    'REQUEST_LENGTH_AND_CHUNKED',
    400,
    'Content-Length and Transfer-Encoding both claim to say where the body ends.',
  ),
  badTransferEncoding: request(
    'REQUEST_BAD_TRANSFER_ENCODING',
    400,
    'Transfer-Encoding is not exactly "chunked", and does not end in one "chunked" either.',
  ),
  codingNotImplemented: request(
    'REQUEST_CODING_NOT_IMPLEMENTED',
    501,
    'Transfer-Encoding names a coding besides "chunked", and we speak no other.',
  ),
  twoTransferEncodings: request(
    'REQUEST_TWO_TRANSFER_ENCODINGS',
    400,
    'There are several Transfer-Encoding lines.',
  ),
  chunkedInOldVersion: request(
    'REQUEST_CHUNKED_IN_OLD_VERSION',
    400,
    'A request in HTTP/1.0 has a Transfer-Encoding, which that version does not know.',
  ),
  badConnection: request(
    'REQUEST_BAD_CONNECTION',
    400,
    'Connection is not a list of names, so we cannot tell which fields to keep to ourselves.',
  ),
  tooManyOptions: request(
    'REQUEST_TOO_MANY_OPTIONS',
    400,
    'Connection names more options than the limit.',
  ),
  protectedOption: request(
    'REQUEST_PROTECTED_OPTION',
    400,
    'Connection names Host, Content-Length or Transfer-Encoding, without which a request means ' +
      'something else.',
  ),
  badVersion: request('REQUEST_BAD_VERSION', 400, 'The request line does not end in HTTP/1.1.'),
  versionNotSupported: request(
    'REQUEST_VERSION_NOT_SUPPORTED',
    505,
    'The request is in a version of HTTP other than 1.0 and 1.1.',
  ),
  badMethod: request(
    'REQUEST_BAD_METHOD',
    400,
    'The request does not begin with a method and one space; TLS sent to a plain port looks so.',
  ),
  badTargetByte: request(
    'REQUEST_BAD_TARGET_BYTE',
    400,
    'The request target holds a byte that it may not: a control, non-ASCII or "#".',
  ),
  badTarget: request(
    'REQUEST_BAD_TARGET',
    400,
    'The request target is neither a path nor an http URL, nor what else its method allows.',
  ),
  targetTooLong: request(
    'REQUEST_TARGET_TOO_LONG',
    414,
    'The request line alone is longer than the limit for the head.',
  ),
  missingHost: request('REQUEST_MISSING_HOST', 400, 'A request in HTTP/1.1 has no Host.'),
  twoHosts: request('REQUEST_TWO_HOSTS', 400, 'There are several Host lines.'),
  badHost: request('REQUEST_BAD_HOST', 400, 'Host is not a name or address with an optional port.'),
  unknownExpectation: request(
    'REQUEST_UNKNOWN_EXPECTATION',
    417,
    'Expect asks for something other than 100-continue.',
  ),
} as const;

export const responseErrors = {
  badLineEnd: response(
    'RESPONSE_BAD_LINE_END',
    'A line of the answer ends in CR or LF alone; only the two together end a line.',
  ),
  headTooLarge: response(
    'RESPONSE_HEAD_TOO_LARGE',
    'The status line and the fields together are longer than the limit.',
  ),
  tooManyFields: response(
    'RESPONSE_TOO_MANY_FIELDS',
    'The answer has more field lines than the limit.',
  ),
  foldedLine: response(
    'RESPONSE_FOLDED_LINE',
    'A line of the answer begins with white space: folding was abolished with RFC 7230.',
  ),
  emptyName: response('RESPONSE_EMPTY_FIELD_NAME', 'A field line begins with its colon.'),
  spaceBeforeColon: response(
    'RESPONSE_SPACE_BEFORE_COLON',
    'White space stands between a field name and its colon.',
  ),
  badNameByte: response(
    'RESPONSE_BAD_FIELD_NAME',
    'A field name holds a byte that no name may hold.',
  ),
  missingColon: response('RESPONSE_MISSING_COLON', 'A field line ends before its colon.'),
  badValueByte: response(
    'RESPONSE_BAD_FIELD_VALUE',
    'A field value holds a control character, such as NUL.',
  ),
  badContentLength: response(
    'RESPONSE_BAD_CONTENT_LENGTH',
    'Content-Length is not one number of 1 to 15 digits.',
  ),
  twoContentLengths: response(
    'RESPONSE_TWO_CONTENT_LENGTHS',
    'There are several Content-Length lines, be they equal or not.',
  ),
  lengthAndChunked: response(
    'RESPONSE_LENGTH_AND_CHUNKED',
    'Content-Length and Transfer-Encoding both claim to say where the body ends.',
  ),
  badTransferEncoding: response(
    'RESPONSE_BAD_TRANSFER_ENCODING',
    'Transfer-Encoding is not exactly "chunked".',
  ),
  codingNotImplemented: response(
    'RESPONSE_CODING_NOT_IMPLEMENTED',
    'Transfer-Encoding names a coding besides "chunked", which we did not ask for.',
  ),
  twoTransferEncodings: response(
    'RESPONSE_TWO_TRANSFER_ENCODINGS',
    'There are several Transfer-Encoding lines.',
  ),
  chunkedInOldVersion: response(
    'RESPONSE_CHUNKED_IN_OLD_VERSION',
    'An answer in HTTP/1.0 has a Transfer-Encoding, which that version does not know.',
  ),
  badConnection: response(
    'RESPONSE_BAD_CONNECTION',
    'Connection is not a list of names, so we cannot tell which fields to keep to ourselves.',
  ),
  tooManyOptions: response(
    'RESPONSE_TOO_MANY_OPTIONS',
    'Connection names more options than the limit.',
  ),
  badVersion: response('RESPONSE_BAD_VERSION', 'The answer does not begin with HTTP/1.0 or 1.1.'),
  badStatus: response(
    'RESPONSE_BAD_STATUS',
    'The status is not three digits from 100 to 599 between single spaces.',
  ),
  badReason: response(
    'RESPONSE_BAD_REASON',
    'The words after the status hold a control character.',
  ),
  badUpgrade: response(
    'RESPONSE_BAD_UPGRADE',
    'Status 101 comes without Upgrade and "Connection: upgrade", so it names no protocol.',
  ),
} as const;
