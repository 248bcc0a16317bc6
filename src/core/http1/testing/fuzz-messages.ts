/**
 * For tests: messages that are almost right. Each grows from a seed: a valid message, then up to
 * four changes, of the kinds that have split one message in two in some proxy before.
 *
 * What a newcomer gets wrong: a change that breaks everything tests nothing. Most seeds make none
 * or one, so that what follows it is still read.
 */

/** Uniform in [0, 1), the same for the same seed. Mulberry32: small, and good enough for tests. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

const METHODS = ['GET', 'GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'FOO', 'get'];
const TARGETS = ['/', '/a/b?c=d', '//x', '/%20', '/{}|"', 'http://b.example/x', 'http://b', '*'];
const FIELDS = [
  'Accept: */*',
  'User-Agent: fuzz/1.0 (a; b)',
  'Cookie: a=b; c="d"',
  'X-Empty:',
  'X-Space: \t spaced \t',
  'X-Latin: \xe9\xff',
  "!#$%&'*+-.^_`|~: token",
  'Connection: keep-alive',
  'Connection: x-empty, ,accept',
  'Connection: close',
  'Connection: keep-alive, close',
  'Expect: 100-continue',
  'TE: trailers',
  'Via: 1.1 a',
];
const LENGTHS = ['0', '1', '5', '05', '00000000000005'];
const EXTENSIONS = ['', '', '', ';a', ';a=b', ';a="b;c"', ';a="\\""', ';a;b=c'];
const TRAILERS = ['', '', 'X-Sum: 1\r\n', 'A:\r\nB: c\r\n', 'Content-Length: 5\r\n', 'Host: x\r\n'];

/** Field lines that one of two parsers has been fooled by. */
const NASTY = [
  'Content-Length: 5',
  'Content-Length: 6',
  'Content-Length: +5',
  'Content-Length: 5,5',
  'Content-Length: 5 5',
  'Content-Length:',
  'Content-Length: 0x5',
  'Content-Length: 1000000000000000',
  'Content-Length : 5',
  'Content-Length\t: 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked;a=b',
  'Transfer-Encoding: \xa0chunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding : chunked',
  'Transfer_Encoding: chunked',
  'Host: b',
  'Host: a b',
  'Host: a/b',
  'Host:',
  'Connection: host',
  'Connection: content-length',
  'Connection: keep alive',
  'Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a,b,c,d,e,f,g',
  'Expect: 200-ok',
  ' folded: line',
  '\tfolded',
  ': empty',
  'no colon',
  'X\0: nul',
  'X: nul\0',
  'X: \x7f',
  'X: \x01',
  'X: a\rb',
  'X: a\nb',
  'X(: y',
  '\xe9: y',
];

const BLANKS = ['', ' ', '\t', '  ', ' \t', '\t '];
const FRAMING_LINE = /(Transfer-Encoding|Content-Length|Connection|Host): ?([^\r\n]*)/;
const STATUSES = ['004', '099', '600', '101', '100', '2', '0200'];
const NUMBERS = [
  '1000000000000000',
  '0000000000000005',
  '0',
  '4',
  '+5',
  '5,5',
  '-0',
  '5_0',
  '\xb2',
  '05',
];
const CODINGS = ['gzip, chunked', ', chunked', 'a;b=c, chunked', 'chunked,', 'identity', 'CHUNKED'];
const BYTES = [
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\0',
  '\x0b',
  '\x7f',
  '\x80',
  '#',
  ':',
  ';',
  ',',
  '"',
];
const MORE_BYTES = ['0', '5', 'A', '/', '*', '\\', '=', '[', '@', '\r\n\r\n', '0\r\n\r\n'];
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/1',
];

export function fuzzRequest(seed: number): string {
  const random = randomFrom(seed);
  let text = validRequest(random);
  if (random() < 0.2) text += validRequest(random);
  return mutate(random, text);
}

export function fuzzResponse(seed: number): string {
  const random = randomFrom(seed);
  const text = validResponse(random);
  if (random() < 0.15) return mutate(random, `HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${text}`);
  return mutate(random, text);
}

function validRequest(random: Random): string {
  const method = pick(random, METHODS);
  const target = method === 'OPTIONS' ? '*' : pick(random, TARGETS);
  const version = random() < 0.1 ? 'HTTP/1.0' : 'HTTP/1.1';
  const host = pick(random, ['a', 'www.example.com:80', '[::1]', '', 'a_b']);
  const { line, body } = framedBody(random, version === 'HTTP/1.1');
  const fields = shuffled(random, [`Host: ${host}`, line, ...someFields(random)]);
  return `${method} ${target} ${version}\r\n${lines(fields)}\r\n${body}`;
}

function validResponse(random: Random): string {
  const status = pick(random, [
    '200 OK',
    '200 ',
    '200',
    '404 Not\tFound \xe9',
    '204 ',
    '304 ',
    '599 x',
  ]);
  const version = random() < 0.1 ? 'HTTP/1.0' : 'HTTP/1.1';
  const { line, body } = framedBody(random, version === 'HTTP/1.1');
  const hasBody = !/^[23]04/.test(status);
  const fields = shuffled(random, [line, ...someFields(random), 'Server: x']);
  return `${version} ${status}\r\n${lines(fields)}\r\n${hasBody ? body : ''}`;
}

function someFields(random: Random): string[] {
  return Array.from({ length: Math.floor(random() * 4) }, () => pick(random, FIELDS));
}

/** An empty line stands for no line, so that a message may have no framing. */
function lines(fields: readonly string[]): string {
  return fields.map((field) => (field === '' ? '' : `${field}\r\n`)).join('');
}

function framedBody(random: Random, knowsChunks: boolean): { line: string; body: string } {
  const kind = random();
  if (kind < 0.4) return { line: '', body: '' };
  if (kind < 0.6 || !knowsChunks) {
    const digits = pick(random, LENGTHS);
    return { line: `Content-Length: ${digits}`, body: 'hello'.slice(0, Number(digits)) };
  }
  let body = '';
  for (let chunks = Math.floor(random() * 3); chunks > 0; chunks--) {
    const data = pick(random, ['x', 'hello', '\r\n', '0\r\n\r\n', 'abcdefghijklmnop']);
    const size = data.length.toString(16);
    const digits = random() < 0.2 ? `00${size.toUpperCase()}` : size;
    body += `${digits}${pick(random, EXTENSIONS)}\r\n${data}\r\n`;
  }
  body += `0${pick(random, EXTENSIONS)}\r\n${pick(random, TRAILERS)}\r\n`;
  return { line: 'Transfer-Encoding: chunked', body };
}

function shuffled(random: Random, items: readonly string[]): string[] {
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}

function mutate(random: Random, valid: string): string {
  let text = valid;
  for (let changes = Math.floor(random() * random() * 5); changes > 0; changes--) {
    text = pick(random, CHANGES)(random, text);
  }
  return text;
}

type Change = (random: Random, text: string) => string;

const at = (random: Random, text: string) => Math.floor(random() * (text.length + 1));
const anyBytes = (random: Random) => pick(random, random() < 0.6 ? BYTES : MORE_BYTES);

/** Puts lines in behind the first line, where fields are. */
const addLine: Change = (random, text) => {
  const breaks = [...text.matchAll(/\r\n(?!\r\n)/g)].map((match) => match.index + 2);
  const where = breaks.length === 0 ? 0 : pick(random, breaks);
  return `${text.slice(0, where)}${pick(random, NASTY)}\r\n${text.slice(where)}`;
};

const insertBytes: Change = (random, text) => {
  const where = at(random, text);
  return text.slice(0, where) + anyBytes(random) + text.slice(where);
};

const replaceByte: Change = (random, text) => {
  const where = at(random, text);
  return text.slice(0, where) + anyBytes(random) + text.slice(where + 1);
};

const CHANGES: readonly Change[] = [
  addLine,
  addLine,
  insertBytes,
  insertBytes,
  replaceByte,
  // One line end loses one of its two bytes.
  (random, text) => {
    const ends = [...text.matchAll(/\r\n/g)].map((match) => match.index);
    if (ends.length === 0) return text;
    const end = pick(random, ends);
    return (
      text.slice(0, end) + pick(random, ['\r', '\n', '\r\r\n', '\n\r\n']) + text.slice(end + 2)
    );
  },
  (random, text) => text.replace(/HTTP\/1\.1/, pick(random, VERSIONS)),
  // White space around the values that frame and route.
  (random, text) =>
    text.replace(FRAMING_LINE, `$1:${pick(random, BLANKS)}$2${pick(random, BLANKS)}`),
  (random, text) => text.replace(/(HTTP\/1\.1) \d+/, `$1 ${pick(random, STATUSES)}`),
  (random, text) => text.replace(/(Content-Length): \d+/, `$1: ${pick(random, NUMBERS)}`),
  (random, text) => text.replace(/(Transfer-Encoding): \w+/, `$1: ${pick(random, CODINGS)}`),
  (random, text) => text.replace(/ HTTP\/1\.1/, `${pick(random, ['#f', '?', '/..', ' '])}$&`),
  (random, text) => text.slice(0, at(random, text)),
  (random, text) => {
    const [from, to] = [at(random, text), at(random, text)].toSorted((a, b) => a - b);
    return text.slice(0, to) + text.slice(from);
  },
  (random, text) => {
    const where = at(random, text);
    return text.slice(0, where) + text.slice(where + 1);
  },
  (random, text) => pick(random, ['\r\n', '\r\n\r\n\r\n', '\n', ' ']) + text,
];
