/**
 * The sentences of RFC 9112, and of RFC 9110 where it speaks of messages, that bind whoever parses:
 * one test for each, named by its section and quoting it.
 *
 * What a newcomer gets wrong: where a sentence leaves a choice (reject, or repair), we reject.
 * Where we do not do what a sentence asks, the test says `but` and why; there are four of those.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { EXTENSION_BYTES_MAX } from './chunked.ts';
import { FIELDS_MAX } from './head.ts';
import { requestErrors } from './head-error.ts';
import { RequestHead } from './request-head.ts';
import {
  type RequestSeen,
  type ResponseSeen,
  readChunked,
  readRequest,
  readResponse,
} from './testing/cases.ts';
import { readRequests, readResponses } from './testing/conversation.ts';

const request = (...lines: readonly string[]) =>
  readRequest(`${['POST / HTTP/1.1', 'Host: a', ...lines].join('\r\n')}\r\n\r\n`);

const response = (...lines: readonly string[]) =>
  readResponse(`${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`);

function accepted(outcome: RequestSeen | string): RequestSeen;
function accepted(outcome: ResponseSeen | string): ResponseSeen;
function accepted(outcome: RequestSeen | ResponseSeen | string): RequestSeen | ResponseSeen {
  ok(typeof outcome !== 'string', `${outcome}`);
  return outcome;
}

function statusOf(code: RequestSeen | string): number | undefined {
  return Object.values(requestErrors).find((error) => error.code === code)?.status;
}

test('9112 2.2 "A recipient MUST parse an HTTP message as a sequence of octets in an encoding that is a superset of US-ASCII"', () => {
  // 0xC0 0x8A is LF to a careless decoder of UTF-8, and 0x0A with a high bit is no LF either.
  deepEqual(accepted(request('A: \xc0\x8a\x8a')).fields, ['Host: a', 'A: \xc0\x8a\x8a']);
});

test('9112 2.2 "A recipient of such a bare CR MUST consider that element to be invalid or replace each bare CR with SP"', () => {
  equal(request('A: b\rc'), 'REQUEST_BAD_LINE_END');
  equal(response('A: b\rc'), 'RESPONSE_BAD_LINE_END');
  equal(readChunked('1\rx').ending, 'CHUNKED_BAD_LINE_END');
});

test('9112 2.2 "a server that is expecting to receive and parse a request-line SHOULD ignore at least one empty line (CRLF) received prior to the request-line"', () => {
  accepted(readRequest('\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'));
});

test('9112 2.2 "A recipient that receives whitespace between the start-line and the first header field MUST either reject the message as invalid or consume each whitespace-preceded line"', () => {
  equal(readRequest('GET / HTTP/1.1\r\n A: b\r\nHost: a\r\n\r\n'), 'REQUEST_FOLDED_LINE');
  equal(readResponse('HTTP/1.1 200 OK\r\n A: b\r\n\r\n'), 'RESPONSE_FOLDED_LINE');
});

test('9112 3 "A server that receives a request-target longer than any URI it wishes to parse MUST respond with a 414 (URI Too Long) status code"', () => {
  const outcome = readRequest(`GET /${'a'.repeat(200)}`, [], new RequestHead(100));
  equal(statusOf(outcome), 414);
});

test('9112 3.2 "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host header field and to any request message that contains more than one Host header field line or a Host header field with an invalid field value."', () => {
  equal(statusOf(readRequest('GET / HTTP/1.1\r\n\r\n')), 400);
  equal(statusOf(request('Host: a')), 400);
  equal(statusOf(readRequest('GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n')), 400);
  equal(statusOf(readRequest('GET / HTTP/1.1\r\nHost: a b\r\n\r\n')), 400);
});

test('9112 3.2.2 "When an origin server receives a request with an absolute-form of request-target, the origin server MUST ignore the received Host header field (if any) and instead use the host information of the request-target."', () => {
  const seen = accepted(readRequest('GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n'));
  equal(seen.host, 'b');
});

test('9112 3.2.2 "A server MUST accept the absolute-form in requests even though most HTTP/1.1 clients will only send the absolute-form to a proxy."', () => {
  equal(accepted(readRequest('GET HTTP://a:80/b HTTP/1.1\r\nHost: a:80\r\n\r\n')).path, '/b');
});

test('9112 4 "A server MUST send the space that separates the status-code from the reason-phrase even when the reason-phrase is absent" but servers do not, and 200 CRLF can be read in one way only', () => {
  equal(accepted(readResponse('HTTP/1.1 200 \r\n\r\n')).reason, '');
  equal(accepted(readResponse('HTTP/1.1 200\r\n\r\n')).reason, '');
});

test('9112 5.1 "A server MUST reject, with a response status code of 400 (Bad Request), any received request message that contains whitespace between a header field name and colon."', () => {
  equal(statusOf(request('A : b')), 400);
  equal(statusOf(request('A\t: b')), 400);
});

test('9112 5.1 "A proxy MUST remove any such whitespace from a response message before forwarding the message downstream." but we do not forward it at all', () => {
  equal(response('A : b'), 'RESPONSE_SPACE_BEFORE_COLON');
});

test('9112 5.2 "A server that receives an obs-fold in a request message that is not within a "message/http" container MUST either reject the message by sending a 400 (Bad Request)"', () => {
  equal(statusOf(request('A: b', ' c')), 400);
});

test('9112 5.2 "A proxy or gateway that receives an obs-fold in a response message that is not within a "message/http" container MUST either discard the message and replace it with a 502 (Bad Gateway) response"', () => {
  equal(response('A: b', '\tc'), 'RESPONSE_FOLDED_LINE');
});

test('9112 6.1 "A recipient MUST be able to parse the chunked transfer coding (Section 7.1)"', () => {
  equal(accepted(request('Transfer-Encoding: chunked')).framing, 'chunked');
  equal(accepted(response('Transfer-Encoding: chunked')).framing, 'chunked');
});

test('9112 6.1 "A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501 (Not Implemented)."', () => {
  equal(statusOf(request('Transfer-Encoding: gzip, chunked')), 501);
});

test('9112 6.1 "A server or client that receives an HTTP/1.0 message containing a Transfer-Encoding header field MUST treat the message as if the framing is faulty, even if a Content-Length is present"', () => {
  for (const length of ['', 'Content-Length: 3\r\n']) {
    const lines = `${length}Transfer-Encoding: chunked\r\n\r\n`;
    ok(typeof readRequest(`GET / HTTP/1.0\r\n${lines}`) === 'string');
    ok(typeof readResponse(`HTTP/1.0 200 OK\r\n${lines}`) === 'string');
  }
});

test('9112 6.3 "Any response to a HEAD request and any response with a 1xx (Informational), 204 (No Content), or 304 (Not Modified) status code is always terminated by the first empty line after the header fields"', () => {
  const lines = 'Content-Length: 5\r\n\r\n';
  equal(accepted(readResponse(`HTTP/1.1 200 OK\r\n${lines}`, [], 'HEAD')).framing, 'none');
  for (const status of [100, 103, 204, 304]) {
    equal(accepted(readResponse(`HTTP/1.1 ${status} \r\n${lines}`)).framing, 'none');
  }
});

test('9112 6.3 "A client MUST ignore any Content-Length or Transfer-Encoding header fields received in such a message." (2xx to CONNECT)', () => {
  for (const line of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
    const outcome = readResponse(`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`, [], 'CONNECT');
    equal(accepted(outcome).framing, 'none');
  }
});

test('9112 6.3 "If a message is received with both a Transfer-Encoding and a Content-Length header field" ... "ought to be handled as an error."', () => {
  const lines = ['Content-Length: 5', 'Transfer-Encoding: chunked'];
  equal(statusOf(request(...lines)), 400);
  equal(response(...lines.toReversed()), 'RESPONSE_LENGTH_AND_CHUNKED');
});

test('9112 6.3 "If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final encoding, the message body length cannot be determined reliably; the server MUST respond with the 400 (Bad Request) status code and then close the connection."', () => {
  for (const value of ['gzip', 'chunked, gzip', 'identity', 'xchunked']) {
    equal(statusOf(request(`Transfer-Encoding: ${value}`)), 400, value);
  }
});

test('9112 6.3 "If a message is received without Transfer-Encoding and with an invalid Content-Length header field, then the message framing is invalid and the recipient MUST treat it as an unrecoverable error"', () => {
  for (const value of ['', 'x', '-1', '+1', '1 1', '1,2', '0x1']) {
    equal(statusOf(request(`Content-Length: ${value}`)), 400, value);
    equal(response(`Content-Length: ${value}`), 'RESPONSE_BAD_CONTENT_LENGTH', value);
  }
});

test('9112 6.3 "If a valid Content-Length header field is present without Transfer-Encoding, its decimal value defines the expected message body length in octets."', () => {
  equal(accepted(request('Content-Length: 010')).contentLength, 10);
});

test('9112 6.3 "If this is a request message and none of the above are true, then the message body length is zero (no message body is present)."', () => {
  equal(accepted(request()).framing, 'none');
});

test('9112 6.3 "Otherwise, this is a response message without a declared message body length, so the message body length is determined by the number of octets received prior to the server closing the connection."', () => {
  equal(accepted(response()).framing, 'untilClose');
  equal(accepted(response('Connection: keep-alive')).keepAlive, false);
});

test('9112 7 "All transfer-coding names are case-insensitive"', () => {
  equal(accepted(request('Transfer-Encoding: cHuNkEd')).framing, 'chunked');
});

test('9112 7.1 "A recipient MUST be able to parse and decode the chunked transfer coding."', () => {
  equal(readChunked('3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n').data, 'abc0123456789');
});

test('9112 7.1 "recipients MUST anticipate potentially large hexadecimal numerals and prevent parsing errors due to integer conversion overflows or precision loss due to integer representation."', () => {
  equal(readChunked('100000001\r\nabc').ending, 'goes on');
  equal(readChunked('fffffffffffff\r\nabc').ending, 'goes on');
  equal(readChunked('10000000000003\r\nabc\r\n').ending, 'CHUNKED_SIZE_TOO_LARGE');
});

test('9112 7.1 "The chunked coding does not define any parameters. Their presence SHOULD be treated as an error."', () => {
  equal(statusOf(request('Transfer-Encoding: chunked;a=b')), 400);
});

test('9112 7.1.1 "A recipient MUST ignore unrecognized chunk extensions."', () => {
  equal(readChunked('1;a=b;c="d;\\"e"\r\nx\r\n0;f\r\n\r\n').data, 'x');
});

test('9112 7.1.1 "A server ought to limit the total length of chunk extensions received in a request"', () => {
  const chunk = `1;${'a'.repeat(EXTENSION_BYTES_MAX)}\r\nx\r\n`;
  equal(readChunked(chunk).ending, 'CHUNKED_EXTENSION_TOO_LARGE');
});

test('9112 7.1.2 "A recipient MUST NOT merge a received trailer field into the header section" and what would do harm there is refused', () => {
  const outcome = readChunked('0\r\nX-Sum: 1\r\n\r\n');
  deepEqual(outcome, { data: '', reach: 15, ending: 'done' });
  equal(readChunked('0\r\nContent-Length: 1\r\n\r\n').ending, 'CHUNKED_FORBIDDEN_TRAILER');
});

test('9112 9.3 "If the "close" connection option is present (Section 9.6), the connection will not persist after the current response; else"', () => {
  equal(accepted(request('Connection: keep-alive, close')).keepAlive, false);
  equal(accepted(response('Content-Length: 0', 'Connection: close')).keepAlive, false);
});

test('9112 9.3 "If the received protocol is HTTP/1.1 (or later), the connection will persist after the current response; else"', () => {
  equal(accepted(request()).keepAlive, true);
  equal(accepted(response('Content-Length: 0')).keepAlive, true);
});

test('9112 9.3 "A proxy server MUST NOT maintain a persistent connection with an HTTP/1.0 client" but to our clients we are the origin server (9110 3.7)', () => {
  equal(accepted(readRequest('GET / HTTP/1.0\r\n\r\n')).keepAlive, false);
  const asked = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
  equal(accepted(readRequest(asked)).keepAlive, true);
});

test('9112 9.6 "The server MUST NOT process any further requests received on that connection."', () => {
  const first = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const { messages, ending } = readRequests(`${first}GET /b HTTP/1.1\r\nHost: a\r\n\r\n`);
  deepEqual([messages.length, ending], [1, 'closed']);
});

test('9112 9.2 "the client MUST NOT consider that data to be a valid response"', () => {
  const first = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx';
  equal(readResponses(`${first}HTTP/1.1 200 OK\r\n\r\n`).messages.length, 1);
});

test('9110 5.4 "A server that receives a request header field line, field value, or set of fields larger than it wishes to process MUST respond with an appropriate 4xx (Client Error) status code."', () => {
  equal(statusOf(request(...Array.from({ length: FIELDS_MAX }, () => 'A: b'))), 431);
  equal(statusOf(request(`A: ${'b'.repeat(20_000)}`)), 431);
});

test('9110 5.5 "a field parsing implementation MUST exclude such whitespace prior to evaluating the field value."', () => {
  deepEqual(accepted(request('A: \t b \t')).fields, ['Host: a', 'A: b']);
});

test('9110 5.5 "a recipient of CR, LF, or NUL within a field value MUST either reject the message or replace each of those characters with SP"', () => {
  for (const byte of ['\r', '\n', '\0']) {
    ok(typeof request(`A: b${byte}c`) === 'string');
    ok(typeof response(`A: b${byte}c`) === 'string');
  }
});

test('9110 5.6.1.2 "A recipient MUST parse and ignore a reasonable number of empty list elements"', () => {
  equal(accepted(request('Connection: , ,close,,')).keepAlive, false);
});

test('9110 7.6.1 "Intermediaries MUST parse a received Connection header field before a message is forwarded and, for each connection-option in this field, remove any header or trailer field(s) from the message with the same name as the connection-option, and then remove the Connection header field itself" but trailers pass as they came', () => {
  const seen = accepted(request('X-A: 1', 'Connection: x-a, X-B', 'X-B: 2', 'X-C: 3', 'x-a: 4'));
  deepEqual(seen.dropped, ['X-A', 'Connection', 'X-B', 'x-a']);
});

test('9110 7.8 "A server that receives an Upgrade header field in an HTTP/1.0 request MUST ignore that Upgrade field."', () => {
  const lines = 'Host: a\r\nUpgrade: b\r\nConnection: upgrade\r\n\r\n';
  equal(accepted(readRequest(`GET / HTTP/1.0\r\n${lines}`)).upgrade, false);
  equal(accepted(readRequest(`GET / HTTP/1.1\r\n${lines}`)).upgrade, true);
});

test('9110 8.6 "a recipient MUST anticipate potentially large decimal numerals and prevent parsing errors due to integer conversion overflows or precision loss due to integer conversion"', () => {
  equal(accepted(request('Content-Length: 4294967297')).contentLength, 4_294_967_297);
  equal(request('Content-Length: 18446744073709551617'), 'REQUEST_BAD_CONTENT_LENGTH');
});

test('9110 9.1 "The method token is case-sensitive"', () => {
  equal(accepted(readRequest('options /a HTTP/1.1\r\nHost: a\r\n\r\n')).method, 'options');
  equal(readRequest('options * HTTP/1.1\r\nHost: a\r\n\r\n'), 'REQUEST_BAD_TARGET');
});

test('9110 9.3.6 "A server MUST reject a CONNECT request that targets an empty or invalid port number, typically by responding with a 400 (Bad Request) status code."', () => {
  for (const target of ['a', 'a:', 'a:0x50', 'a:65536', ':80']) {
    equal(statusOf(readRequest(`CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)), 400, target);
  }
});

test('9110 10.1.1 "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation."', () => {
  const lines = 'Host: a\r\nExpect: 100-continue\r\n\r\n';
  equal(accepted(readRequest(`PUT / HTTP/1.0\r\n${lines}`)).expectContinue, false);
  equal(accepted(readRequest(`PUT / HTTP/1.1\r\n${lines}`)).expectContinue, true);
});

test('9110 15.2.2 "The server MUST generate an Upgrade header field in the response that indicates which protocol(s) will be in effect after this response."', () => {
  equal(readResponse('HTTP/1.1 101 \r\n\r\n'), 'RESPONSE_BAD_UPGRADE');
});
