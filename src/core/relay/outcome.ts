/**
 * How an exchange can end: one table for the counters, the metrics' labels, the answer to the
 * client and the reference page (docs/reference/outcomes.md; test/docs.test.ts holds them
 * together).
 *
 * Every request that reaches a worker ends with exactly one of these. A row says who ended it, in
 * which phase, what the client was told, and what the operator should look at. What a newcomer gets
 * wrong: a 500 of the application is `DONE`, as the relay did its work; these words are about us.
 *
 * Source of the idea: HAProxy's termination states (configuration manual, 8.5). The `proxyStatus`
 * words are those registered by RFC 9209, section 2.3.
 */

export type Outcome = {
  readonly code: string;
  readonly side: 'client' | 'backend' | 'us';
  /** Where in the exchange it ended. */
  readonly phase: 'request' | 'choice' | 'connect' | 'response' | 'tunnel' | 'done';
  /** What the client is told when nothing has been sent to it yet; 0: nothing can be. */
  readonly status: number;
  /** RFC 9209 error type for the Proxy-Status field, or null where none applies. */
  readonly proxyStatus: string | null;
  readonly meaning: string;
  readonly lookAt: string;
};

function row<const Code extends string>(
  code: Code,
  [side, phase, status, proxyStatus]: readonly [
    Outcome['side'],
    Outcome['phase'],
    number,
    string | null,
  ],
  meaning: string,
  lookAt: string,
): Outcome & { readonly code: Code } {
  return { code, side, phase, status, proxyStatus, meaning, lookAt };
}

export const outcomes = {
  done: row(
    'DONE',
    ['us', 'done', 0, null],
    'The whole answer was handed over.',
    'Nothing; the status says what the answer was.',
  ),
  tunnelEnded: row(
    'TUNNEL_ENDED',
    ['us', 'tunnel', 0, null],
    'An upgraded connection (WebSocket) was closed by one of its ends.',
    'Nothing.',
  ),
  badRequest: row(
    'BAD_REQUEST',
    ['client', 'request', 400, null],
    'The request breaks HTTP/1.1; the answer names the rule, and the connection is closed.',
    'The client. Many at once: a scanner, or an attempt at request smuggling.',
  ),
  badRequestBody: row(
    'BAD_REQUEST_BODY',
    ['client', 'request', 400, null],
    'The chunked coding of the request body is broken.',
    'The client, or a proxy in front of us.',
  ),
  requestTimeout: row(
    'REQUEST_TIMEOUT',
    ['client', 'request', 408, null],
    'The head of a request did not arrive whole in time (headTimeoutMs).',
    'Slow clients; many from one address: a slow-header attack.',
  ),
  clientGoneRequest: row(
    'CLIENT_GONE_IN_REQUEST',
    ['client', 'request', 0, null],
    'The client left, or fell silent, before its request was whole.',
    'Users who gave up, or a network that drops connections.',
  ),
  clientGoneResponse: row(
    'CLIENT_GONE_IN_RESPONSE',
    ['client', 'response', 0, null],
    'The client left before it had the whole answer.',
    'Answers that take too long for their users.',
  ),
  noCandidate: row(
    'NO_CANDIDATE',
    ['us', 'choice', 503, 'destination_unavailable'],
    'The chain of candidacy functions left nobody. Retry-After is set.',
    'The status page: which nodes are stale? Then the chain of the zone.',
  ),
  refused: row(
    'CONNECT_FAILED',
    ['backend', 'connect', 502, 'connection_refused'],
    'No candidate took a connection; each was tried within the retry budget.',
    'Whether the web server runs on the node, and its port in the announcement.',
  ),
  connectTimeout: row(
    'CONNECT_TIMEOUT',
    ['backend', 'connect', 504, 'connection_timeout'],
    'No candidate answered a connection attempt in time (connectTimeoutMs).',
    'Packet filters between the machines; a machine that hangs.',
  ),
  backendClosed: row(
    'BACKEND_CLOSED',
    ['backend', 'response', 502, 'connection_terminated'],
    'The node closed the connection before it answered, and the request may not be repeated.',
    'Crashes of the application; its log at that time.',
  ),
  backendLost: row(
    'BACKEND_LOST',
    ['backend', 'response', 504, 'connection_terminated'],
    'The machine vanished before it answered, and the request may not be repeated.',
    'Its power and its cables; whether its announcements arrive.',
  ),
  responseTimeout: row(
    'RESPONSE_TIMEOUT',
    ['backend', 'response', 504, 'connection_read_timeout'],
    'The node said nothing for responseTimeoutMs.',
    'What the application was waiting for.',
  ),
  badResponse: row(
    'BAD_RESPONSE',
    ['backend', 'response', 502, 'http_protocol_error'],
    'The answer of the node breaks HTTP/1.1 and was not passed on.',
    'The application: its log, or its answer to curl on the node itself.',
  ),
  responseCut: row(
    'RESPONSE_CUT',
    ['backend', 'response', 0, 'http_response_incomplete'],
    'The node stopped in the middle of an answer; the client saw it cut off.',
    'Crashes or restarts of the application.',
  ),
  tunnelTimeout: row(
    'TUNNEL_TIMEOUT',
    ['us', 'tunnel', 0, null],
    'Nothing went through an upgraded connection for tunnelTimeoutMs.',
    'Whether the application should send pings.',
  ),
  shutdown: row(
    'SHUTDOWN',
    ['us', 'request', 503, 'proxy_internal_response'],
    'This worker was stopped while the request was under way.',
    'Nothing, when you stopped it.',
  ),
} as const satisfies Record<string, Outcome>;

export type OutcomeName = keyof typeof outcomes;

/** The rows in a fixed order: a row's place in it is its counter's place in shared memory. */
export const OUTCOMES: readonly Outcome[] = Object.values(outcomes);

const places = new Map(OUTCOMES.map((outcome, index) => [outcome.code, index]));

export function outcomeIndex(outcome: Outcome): number {
  return places.get(outcome.code)!;
}
