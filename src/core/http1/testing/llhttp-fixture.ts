/**
 * For tests: reads llhttp's own test files (`test/fixtures/llhttp/`, by the llhttp authors, MIT).
 *
 * A case is a heading, a comment with its kind, an `http` block of input and a `log` block of the
 * events it causes. What a newcomer gets wrong: line ends in the block mean CRLF, a backslash at a
 * line's end joins the next line, and `\r`, `\n`, `\t`, `\f`, `\xHH` are those bytes. What the log
 * quotes is taken from the input by its offset and length, as the quotes themselves are not
 * escaped.
 */

export type LlhttpMessage = {
  method: string;
  target: string;
  status: string;
  reason: string;
  version: string;
  /** `name: value`, up to the end of the head. */
  readonly fields: string[];
  /** What llhttp made of the framing fields, once the head is done. */
  chunked: boolean;
  contentLength: number | null;
  body: string;
  headDone: boolean;
  whole: boolean;
};

export type LlhttpCase = {
  /** `request/method.md: REPORT request`, with ` (2)` where that occurs again. */
  readonly name: string;
  /** `request`, `response-lenient-headers`, `request-finish` ... */
  readonly kind: string;
  /** llhttp was told that no body follows, as after HEAD. */
  readonly skipsBody: boolean;
  readonly input: string;
  readonly messages: readonly LlhttpMessage[];
  /** The reason of llhttp's error, or null. */
  readonly error: string | null;
};

export function readLlhttpCases(file: string, markdown: string): LlhttpCase[] {
  const cases: LlhttpCase[] = [];
  const seen = new Map<string, number>();
  let title = '';
  const parts =
    /^#+ (.*)$|<!-- meta=(\{.*?\}) -->\s*```http\n([\s\S]*?)\n```[\s\S]*?```log\n([\s\S]*?)\n```/gm;
  for (const [, heading, meta, block, log] of markdown.matchAll(parts)) {
    if (heading !== undefined) {
      title = heading;
      continue;
    }
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    const { type, skipBody } = JSON.parse(meta ?? '') as { type: string; skipBody?: boolean };
    const input = unescapeInput(block ?? '');
    cases.push({
      name: `${file}: ${title}${count > 1 ? ` (${count})` : ''}`,
      kind: type,
      skipsBody: skipBody === true,
      input,
      ...readLog(log ?? '', input),
    });
  }
  return cases;
}

/** The block as the bytes it stands for, one character each. */
function unescapeInput(block: string): string {
  const text = block
    .replace(/\\\n/g, '')
    .replace(/\n/g, '\r\n')
    .replace(/\\r/g, '\r')
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(/\\f/g, '\f')
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function readLog(log: string, input: string): Pick<LlhttpCase, 'messages' | 'error'> {
  const messages: LlhttpMessage[] = [];
  let error: string | null = null;
  for (const line of log.split('\n')) {
    const span = /^off=(\d+) len=(\d+) span\[(\w+)\]=/.exec(line);
    const message = messages.at(-1);
    if (line.endsWith(' message begin')) messages.push(newMessage());
    else if (line.includes(' error code=')) error = /reason="(.*)"$/.exec(line)?.[1] ?? line;
    else if (message === undefined) continue;
    else if (line.includes(' headers complete ')) noteHead(message, line);
    else if (line.includes(' message complete')) message.whole = true;
    else if (span !== null) {
      const start = Number(span[1]);
      noteSpan(message, span[3] ?? '', input.slice(start, start + Number(span[2])));
    }
  }
  return { messages, error };
}

function newMessage(): LlhttpMessage {
  return {
    method: '',
    target: '',
    status: '',
    reason: '',
    version: '',
    fields: [],
    chunked: false,
    contentLength: null,
    body: '',
    headDone: false,
    whole: false,
  };
}

/** llhttp's `F_CHUNKED` and `F_CONTENT_LENGTH`; the log prints flags in hexadecimal. */
const CHUNKED = 0x8;
const CONTENT_LENGTH = 0x20;

function noteHead(message: LlhttpMessage, line: string): void {
  const number = (name: string, radix: number) =>
    parseInt(new RegExp(` ${name}=(\\w+)`).exec(line)?.[1] ?? '0', radix);
  const flags = number('flags', 16);
  message.headDone = true;
  message.status = line.includes(' status=') ? String(number('status', 10)) : '';
  message.chunked = (flags & CHUNKED) !== 0;
  if ((flags & CONTENT_LENGTH) !== 0) message.contentLength = number('content_length', 10);
}

/** A span may come in pieces; a value belongs to the last name. Trailers come after the head. */
function noteSpan(message: LlhttpMessage, kind: string, text: string): void {
  const { fields } = message;
  if (kind === 'method') message.method += text;
  else if (kind === 'url') message.target += text;
  else if (kind === 'status') message.reason += text;
  else if (kind === 'version') message.version += text;
  else if (kind === 'body') message.body += text;
  else if (message.headDone) return;
  else if (kind === 'header_field') fields.push(`${text}: `);
  else if (kind === 'header_value') fields[fields.length - 1] += text;
}
