/**
 * For tests: runs a message through the parser in any pieces and shows the outcome as plain values.
 *
 * What a newcomer gets wrong: each piece is offered at another place in another buffer, as the
 * reactor may move what it keeps. A parser that remembered an absolute offset fails every test.
 */
import { textOf } from '../bytes.ts';
import { ChunkedDecoder } from '../chunked.ts';
import { Framing, type MessageHead, Parse } from '../head.ts';
import { parseRequestHead, RequestHead } from '../request-head.ts';
import { parseResponseHead, ResponseHead } from '../response-head.ts';

/** One byte for each character; by a loop, as `Uint8Array.from` takes ten times as long. */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

type Common = {
  readonly versionMinor: number;
  readonly fields: readonly string[];
  /** Names of the field lines that end at this hop. */
  readonly dropped: readonly string[];
  readonly framing: keyof typeof Framing;
  readonly contentLength: number;
  readonly keepAlive: boolean;
  readonly upgrade: boolean;
  readonly headBytes: number;
};

export type RequestSeen = Common & {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly host: string;
  readonly expectContinue: boolean;
  readonly teTrailers: boolean;
};

export type ResponseSeen = Common & { readonly status: number; readonly reason: string };

/** What became of a head: what it says, the code of its refusal, or that it goes on. */
export type Outcome<Seen> = Seen | string;
export const UNFINISHED = 'unfinished';

/** Offers `text` up to each of `cuts`, then whole, until the parser has decided. */
export function readRequest(
  text: string,
  cuts: readonly number[] = [],
  head = new RequestHead(),
): Outcome<RequestSeen> {
  const parse = offer(text, cuts, (bytes, start, end) => parseRequestHead(bytes, start, end, head));
  if (parse !== Parse.complete) return head.error?.code ?? UNFINISHED;
  return {
    ...commonOf(text, head),
    method: text.slice(head.methodStart, head.methodEnd),
    target: text.slice(head.targetStart, head.targetEnd),
    path: text.slice(head.pathStart, head.targetEnd),
    host: text.slice(head.hostStart, head.hostEnd),
    expectContinue: head.expectContinue,
    teTrailers: head.teTrailers,
  };
}

export type ResponseTo = 'GET' | 'HEAD' | 'CONNECT';

export function readResponse(
  text: string,
  cuts: readonly number[] = [],
  to: ResponseTo = 'GET',
  head = new ResponseHead(),
): Outcome<ResponseSeen> {
  const parse = offer(text, cuts, (bytes, start, end) =>
    parseResponseHead(bytes, start, end, head, to === 'HEAD', to === 'CONNECT'),
  );
  if (parse !== Parse.complete) return head.error?.code ?? UNFINISHED;
  return {
    ...commonOf(text, head),
    status: head.status,
    reason: text.slice(head.reasonStart, head.reasonEnd),
  };
}

function offer(
  text: string,
  cuts: readonly number[],
  parse: (bytes: Uint8Array, start: number, end: number) => Parse,
): Parse {
  const message = latin1(text);
  let result: Parse = Parse.partial;
  for (const [index, cut] of [...cuts, text.length].entries()) {
    const start = 3 + ((index * 5) % 17);
    const memory = new Uint8Array(start + text.length + 8).fill(0x5a);
    memory.set(message, start);
    result = parse(memory, start, start + cut);
    if (result !== Parse.partial) break;
  }
  return result;
}

function commonOf(text: string, head: MessageHead): Common {
  const { fields } = head;
  const indexes = Array.from({ length: fields.count }, (_, index) => index);
  const nameOf = (index: number) => text.slice(fields.nameStart[index], fields.nameEnd[index]);
  const contentOf = (index: number) => text.slice(fields.valueStart[index], fields.valueEnd[index]);
  return {
    versionMinor: head.versionMinor,
    fields: indexes.map((index) => `${nameOf(index)}: ${contentOf(index)}`),
    dropped: indexes.filter((index) => head.dropped[index] === 1).map(nameOf),
    framing: framingName(head.framing),
    contentLength: head.contentLength,
    keepAlive: head.keepAlive,
    upgrade: head.upgrade,
    headBytes: head.headBytes,
  };
}

function framingName(framing: Framing): keyof typeof Framing {
  const names = Object.keys(Framing) as (keyof typeof Framing)[];
  return names[framing]!;
}

export type ChunkedSeen = {
  readonly data: string;
  /** Offset behind the body, or of the byte that is wrong. */
  readonly reach: number;
  readonly ending: 'done' | 'goes on' | string;
};

/** Feeds `text` in the pieces between `cuts`, and gathers its data. */
export function readChunked(
  text: string,
  cuts: readonly number[] = [],
  decoder = new ChunkedDecoder(),
): ChunkedSeen {
  const bytes = latin1(text);
  let data = '';
  let reach = 0;
  for (const cut of [...cuts, bytes.length]) {
    while (reach < cut && !decoder.done && decoder.error === null) {
      reach = decoder.nextData(bytes, reach, cut);
      data += textOf(bytes, decoder.dataStart, decoder.dataEnd);
    }
  }
  return { data, reach, ending: decoder.error ?? (decoder.done ? 'done' : 'goes on') };
}
