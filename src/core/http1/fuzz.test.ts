/**
 * Goal: no message means one thing to us and another to Node. What we accept, Node reads with the
 * same method, target, fields and body; what only we refuse, we refuse for a reason on a closed
 * list.
 *
 * Method: seeded messages that are almost right (`fuzz-messages.ts`) go through our parser and,
 * over a stream in memory, through a `node:http` server or client.
 *
 *     SEED=123 node --test src/core/http1/fuzz.test.ts      replays one message
 *     SEEDS=100000 node --test src/core/http1/fuzz.test.ts  searches for longer
 *
 * What a newcomer gets wrong: Node is no oracle of the specification. It is the second opinion that
 * a request would get which we pass on to a Node application.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import http from 'node:http';
import { Duplex } from 'node:stream';
import { after, test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { requestErrors, responseErrors } from './head-error.ts';
import type { RequestSeen, ResponseSeen } from './testing/cases.ts';
import { type Conversation, readRequests, readResponses } from './testing/conversation.ts';
import { fuzzRequest, fuzzResponse } from './testing/fuzz-messages.ts';

const seedFirst = Number(process.env['SEED'] ?? 1);
const isReplay = process.env['SEED'] !== undefined;
const seedCount = isReplay ? 1 : Number(process.env['SEEDS'] ?? 8_000);

/** What both sides' messages are brought to. */
type Message = {
  readonly first: string;
  readonly fields: readonly string[];
  readonly body: string;
  readonly whole: boolean;
};

type Reading = { readonly messages: readonly Message[]; readonly ending: string };

function ours(conversation: Conversation<RequestSeen> | Conversation<ResponseSeen>): Reading {
  return {
    ending: conversation.ending,
    messages: conversation.messages.map(({ head, body, whole }) => ({
      first:
        'method' in head
          ? `${head.method} ${head.target} 1.${head.versionMinor}`
          : `${head.status} ${head.reason} 1.${head.versionMinor}`,
      fields: head.fields,
      body,
      // A body that the connection's end ends is whole to Node once that has come.
      whole: whole || conversation.ending === 'untilClose',
    })),
  };
}

type Incoming = {
  readonly message: http.IncomingMessage;
  readonly chunks: Buffer[];
};

function theirs(incoming: readonly Incoming[], ending: string): Reading {
  const messages = incoming.map(({ message, chunks }) => {
    // What the stream still holds was read from the wire as well.
    for (let chunk = message.read(); chunk !== null; chunk = message.read()) chunks.push(chunk);
    const { method, url, statusCode, statusMessage, httpVersion } = message;
    const isRequest = statusCode === null || statusCode === undefined;
    return {
      first: `${isRequest ? `${method} ${url}` : `${statusCode} ${statusMessage}`} ${httpVersion}`,
      fields: fieldsOf(message.rawHeaders),
      body: Buffer.concat(chunks).toString('latin1'),
      whole: message.complete,
    };
  });
  return { messages, ending };
}

/** Node gives names and values in turns, and leaves white space behind a value in place. */
function fieldsOf(rawHeaders: readonly string[]): string[] {
  const fields: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    fields.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]?.replace(/[ \t]+$/, '')}`);
  }
  return fields;
}

/** One end of a connection in memory: what is pushed arrives, what is written is forgotten. */
class Wire extends Duplex {
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: string, written: () => void): void {
    written();
  }
}

/** What a reader has seen of the current message, and its verdict once it refused. */
let arrived: Incoming[] = [];
let refusal: Reading | null = null;

// Nothing is answered and nothing flows, so that all that was read can be read off at the end.
const note = (message: http.IncomingMessage) => arrived.push({ message, chunks: [] });
const refuse = (error: NodeJS.ErrnoException) => {
  refusal ??= theirs(arrived, error.code ?? 'error');
};

// Without Host, Node answers 400 but reads on, and would never show us the request.
const server = http.createServer({ requireHostHeader: false });
server.on('request', note).on('checkExpectation', note).on('connect', note);
server.on('clientError', (error, socket) => {
  refuse(error);
  socket.destroy();
});
after(() => server.close());

/** A client stops reading behind the answer; interim ones come before it. */
function finalOf(given: Conversation<ResponseSeen>): Conversation<ResponseSeen> {
  const final = given.messages.findIndex(({ head }) => head.status >= 200);
  if (final === -1 || !given.messages[final]!.whole) return given;
  return { ...given, messages: given.messages.slice(0, final + 1) };
}

async function readByServer(text: string): Promise<Reading> {
  arrived = [];
  refusal = null;
  const wire = new Wire();
  server.emit('connection', wire);
  wire.push(Buffer.from(text, 'latin1'));
  await settled();
  const reading = refusal ?? theirs(arrived, 'ok');
  wire.destroy();
  return reading;
}

/** An interim response has no stream of its own in Node; it is made to look like one that ended. */
function noteInterim({
  statusCode,
  statusMessage,
  httpVersion,
  rawHeaders,
}: http.InformationEvent) {
  const seen = {
    statusCode,
    statusMessage,
    httpVersion,
    rawHeaders,
    complete: true,
    read: () => null,
  };
  arrived.push({ message: seen as unknown as http.IncomingMessage, chunks: [] });
}

async function readByClient(text: string): Promise<Reading> {
  arrived = [];
  refusal = null;
  const wire = new Wire();
  const request = http.request({ createConnection: () => wire, method: 'GET' });
  request.on('information', noteInterim).on('response', note).on('error', refuse);
  request.on('upgrade', note);
  request.end();
  await settled();
  wire.push(Buffer.from(text, 'latin1'));
  await settled();
  if (refusal === null && !wire.destroyed) wire.push(null);
  await settled();
  const reading = refusal ?? theirs(arrived, 'ok');
  wire.destroy();
  return reading;
}

/** What only we refuse, or end at, and why that is right. Everything else fails. */
const stricter: { readonly [ending: string]: string } = {
  REQUEST_BAD_LINE_END: 'llhttp skips bare LF in front of a request',
  REQUEST_BAD_METHOD: 'llhttp skips any number of empty lines in front of a request',
  REQUEST_BAD_TARGET: 'targets are what RFC 9112 3.2 allows for the method; Node does not look',
  REQUEST_BAD_TARGET_BYTE: 'a fragment is never sent (RFC 9112 3.2)',
  REQUEST_BAD_VERSION: 'llhttp reads HTTP/0.9',
  REQUEST_VERSION_NOT_SUPPORTED: 'llhttp reads HTTP/0.9 and 2.0 as if they were 1.1',
  REQUEST_MISSING_HOST: 'RFC 9112 3.2; Node does so too unless told otherwise, as it is above',
  REQUEST_TWO_HOSTS: 'RFC 9112 3.2; Node takes the first',
  REQUEST_BAD_HOST: 'RFC 9112 3.2; Node does not look',
  REQUEST_UNKNOWN_EXPECTATION: 'RFC 9110 10.1.1; Node leaves it to its user',
  REQUEST_BAD_CONTENT_LENGTH: 'at most 15 digits; llhttp minds only the number they make',
  REQUEST_CHUNKED_IN_OLD_VERSION: 'RFC 9112 6.1; llhttp decodes it',
  REQUEST_TWO_TRANSFER_ENCODINGS: 'one line only; llhttp reads the last',
  REQUEST_BAD_TRANSFER_ENCODING: 'exactly "chunked" between SPs; llhttp minds only its end',
  REQUEST_CODING_NOT_IMPLEMENTED: 'exactly "chunked"; llhttp looks at the end of the list only',
  REQUEST_BAD_CONNECTION: 'RFC 9110 7.6.1 is for relays; Node is none',
  REQUEST_PROTECTED_OPTION: 'RFC 9110 7.6.1 is for relays; Node is none',
  REQUEST_TOO_MANY_OPTIONS: 'a limit of ours',
  RESPONSE_BAD_VERSION: 'llhttp skips line ends in front of a response, and reads 0.9 and 2.0',
  RESPONSE_BAD_STATUS: 'RFC 9110 15; llhttp takes any three digits',
  RESPONSE_BAD_CONTENT_LENGTH: 'at most 15 digits; llhttp minds only the number they make',
  RESPONSE_BAD_UPGRADE: 'RFC 9110 15.2.2; Node takes 101 for an interim answer like any other',
  RESPONSE_BAD_REASON: 'RFC 9112 4; llhttp takes any byte but CR and LF',
  RESPONSE_BAD_TRANSFER_ENCODING: 'exactly "chunked"; Node reads until the end instead',
  RESPONSE_CODING_NOT_IMPLEMENTED: 'exactly "chunked"; llhttp looks at the end of the list only',
  RESPONSE_TWO_TRANSFER_ENCODINGS: 'one line only; llhttp reads the last',
  RESPONSE_CHUNKED_IN_OLD_VERSION: 'RFC 9112 6.1; llhttp decodes it',
  RESPONSE_BAD_CONNECTION: 'RFC 9110 7.6.1 is for relays; Node is none',
  RESPONSE_TOO_MANY_OPTIONS: 'a limit of ours',
  CHUNKED_BAD_EXTENSION: 'llhttp takes an extension without name',
  CHUNKED_FORBIDDEN_TRAILER: 'RFC 9110 6.5.1; Node keeps trailers apart',
  closed: 'close wins over keep-alive (RFC 9112 9.3); Node lets keep-alive win in HTTP/1.0',
};

/** Methods are not ours to know (docs/reference/http1-deviations.md); llhttp refuses all others. */
function isUnknownToNode({ first }: Message): boolean {
  return !http.METHODS.includes(first.split(' ')[0] ?? '');
}

type Verdict = { readonly kind: 'alike' | 'looser' | 'stricter'; readonly ending: string };

/** Throws where the two read different things. */
function judge(mine: Reading, nodes: Reading): Verdict {
  const whole = mine.messages.filter((message) => message.whole);
  for (const [index, message] of whole.entries()) {
    const other = nodes.messages[index];
    if (other === undefined && isUnknownToNode(message) && nodes.ending === 'HPE_INVALID_METHOD') {
      return { kind: 'looser', ending: nodes.ending };
    }
    deepEqual(other, message);
  }
  const nodesWhole = nodes.messages.filter((message) => message.whole);
  if (nodesWhole.length <= whole.length) return { kind: 'alike', ending: mine.ending };
  ok(stricter[mine.ending] !== undefined, `Node reads on where we say ${mine.ending}`);
  return { kind: 'stricter', ending: mine.ending };
}
type Direction = {
  readonly name: string;
  readonly make: (seed: number) => string;
  readonly mine: (text: string) => Reading;
  readonly nodes: (text: string) => Promise<Reading>;
  /** Codes that are met by limits only, which no message here is long enough to reach. */
  readonly codes: readonly string[];
};

const directions: readonly Direction[] = [
  {
    name: 'request',
    make: fuzzRequest,
    mine: (text) => ours(readRequests(text)),
    nodes: readByServer,
    codes: Object.values(requestErrors).map(({ code }) => code),
  },
  {
    name: 'response',
    make: fuzzResponse,
    mine: (text) => ours(finalOf(readResponses(text))),
    nodes: readByClient,
    codes: Object.values(responseErrors).map(({ code }) => code),
  },
];

/** How often each kind of verdict was given, and each ending was ours. */
type Tally = ReadonlyMap<string, number>;

async function run(direction: Direction): Promise<Tally> {
  const tally = new Map<string, number>();
  for (let seed = seedFirst; seed < seedFirst + seedCount; seed++) {
    const text = direction.make(seed);
    try {
      const { kind, ending } = judge(direction.mine(text), await direction.nodes(text));
      for (const key of [kind, ending, `${kind} ${ending}`]) {
        tally.set(key, (tally.get(key) ?? 0) + 1);
      }
    } catch (cause) {
      const replay = `SEED=${seed} node --test src/core/http1/fuzz.test.ts`;
      throw new Error(`${direction.name} ${JSON.stringify(text)}; replay: ${replay}`, { cause });
    }
  }
  return tally;
}

const tallies: Tally[] = [];

for (const direction of directions) {
  test(`no ${direction.name} means one thing to us and another to Node`, async () => {
    const tally = await run(direction);
    tallies.push(tally);
    if (isReplay) return;
    // Messages that are all refused, or all read, would prove nothing.
    const share = (key: string) => (tally.get(key) ?? 0) / seedCount;
    ok(share('alike') > 0.5, `alike ${share('alike')}`);
    ok(share('stricter') > 0.01, `stricter ${share('stricter')}`);
    ok(share('idle') + share('untilClose') > 0.2, 'accepted');
    const limits = /TOO_LARGE|TOO_LONG|TOO_MANY_FIELDS/;
    const unmet = direction.codes.filter((code) => !tally.has(code) && !limits.test(code));
    deepEqual(unmet, [], 'codes that no message was refused with');
  });
}

test('the list of what only we refuse holds nothing that never happens', () => {
  if (isReplay) return;
  equal(tallies.length, directions.length);
  const never = Object.keys(stricter).filter(
    (ending) => !tallies.some((tally) => tally.has(`stricter ${ending}`)),
  );
  deepEqual(never, []);
});
