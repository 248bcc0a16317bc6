/**
 * For tests: everything that comes over one connection in one direction, message after message,
 * read as the relay reads it. The suites of others (`llhttp.test.ts`, `fuzz.test.ts`) are compared
 * to this.
 */
import {
  type Outcome,
  type RequestSeen,
  type ResponseSeen,
  type ResponseTo,
  readChunked,
  readRequest,
  readResponse,
  UNFINISHED,
} from './cases.ts';

export type Message<Seen> = {
  readonly head: Seen;
  readonly body: string;
  /** Whether the body came to its end. */
  readonly whole: boolean;
};

/**
 * How it ended: `idle` between messages, `middle` in one, `untilClose` in a body that the end of
 * the connection ends, `tunnel` where HTTP does, `closed` with bytes behind a last message, or a
 * code.
 */
export type Ending = 'idle' | 'middle' | 'untilClose' | 'tunnel' | 'closed' | string;

export type Conversation<Seen> = {
  readonly messages: readonly Message<Seen>[];
  readonly ending: Ending;
  /** Where what the ending is about begins: the message that is refused, or what is left. */
  readonly offset: number;
};

export function readRequests(text: string): Conversation<RequestSeen> {
  return readMessages(text, readRequest, (head) => head.method === 'CONNECT' || head.upgrade);
}

export function readResponses(text: string, to: ResponseTo = 'GET'): Conversation<ResponseSeen> {
  const read = (rest: string) => readResponse(rest, [], to);
  return readMessages(text, read, (head) => head.status === 101 || opensTunnel(head, to));
}

function opensTunnel(head: ResponseSeen, to: ResponseTo): boolean {
  return to === 'CONNECT' && head.status >= 200 && head.status < 300;
}

function readMessages<Seen extends RequestSeen | ResponseSeen>(
  text: string,
  readHead: (rest: string) => Outcome<Seen>,
  isTunnel: (head: Seen) => boolean,
): Conversation<Seen> {
  const messages: Message<Seen>[] = [];
  let at = 0;
  while (!isBlank(text.slice(at))) {
    const head = readHead(text.slice(at));
    if (head === UNFINISHED) return { messages, ending: 'middle', offset: at };
    if (typeof head === 'string') return { messages, ending: head, offset: at };
    at += head.headBytes;
    const { body, reach, ending } = readBody(head, text.slice(at));
    at += reach;
    messages.push({ head, body, whole: ending === 'done' });
    if (ending !== 'done') return { messages, ending, offset: at };
    if (isTunnel(head)) return { messages, ending: 'tunnel', offset: at };
    if (!head.keepAlive && !isBlank(text.slice(at)))
      return { messages, ending: 'closed', offset: at };
  }
  return { messages, ending: 'idle', offset: at };
}

/** Empty lines at the end belong to no message. */
function isBlank(rest: string): boolean {
  return /^(\r\n)*$/.test(rest);
}

type Body = { readonly body: string; readonly reach: number; readonly ending: Ending | 'done' };

function readBody(head: RequestSeen | ResponseSeen, rest: string): Body {
  switch (head.framing) {
    case 'none':
      return { body: '', reach: 0, ending: 'done' };
    case 'untilClose':
      return { body: rest, reach: rest.length, ending: 'untilClose' };
    case 'length': {
      const body = rest.slice(0, head.contentLength);
      const whole = body.length === head.contentLength;
      return { body, reach: body.length, ending: whole ? 'done' : 'middle' };
    }
    case 'chunked': {
      const { data, reach, ending } = readChunked(rest);
      return { body: data, reach, ending: ending === 'goes on' ? 'middle' : ending };
    }
  }
}
