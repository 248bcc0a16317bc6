/**
 * What parsing one head costs: warm loop, one head in memory, ns per head, median of 9 rounds.
 *
 *     node bench/http1-parse.ts
 *
 * What a newcomer gets wrong: this is the parser alone in a warm cache. It tells whether a change
 * to the parser helped, not what a request costs.
 */
import { Parse } from '../src/core/http1/head.ts';
import { parseRequestHead, RequestHead } from '../src/core/http1/request-head.ts';
import { parseResponseHead, ResponseHead } from '../src/core/http1/response-head.ts';

const ROUNDS = 9;
const HEADS_PER_ROUND = 200_000;
/** The head is not at the start of the buffer: the relay keeps room in front of it. */
const START = 64;

type Subject = { readonly name: string; readonly goalNs: number; readonly text: string };

const subjects: readonly Subject[] = [
  {
    name: 'request, small',
    goalNs: 400,
    text: 'GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: wrk/4.1\r\nAccept: */*\r\n\r\n',
  },
  {
    name: 'request, browser',
    goalNs: 1_500,
    text: [
      'GET /shop/cart/items?page=2&sort=price HTTP/1.1',
      'Host: www.samplesite.com',
      'Connection: keep-alive',
      'sec-ch-ua: "Chromium";v="126", "Not.A/Brand";v="24"',
      'sec-ch-ua-mobile: ?0',
      'Upgrade-Insecure-Requests: 1',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
        'Chrome/126.0.0.0 Safari/537.36',
      'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
      'Referer: https://www.samplesite.com/shop/',
      'Accept-Encoding: gzip, deflate, br, zstd',
      'Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7',
      'If-None-Match: "5f3c-61a2b7c9d4e00"',
      'Cookie: PHPSESSID=0a0a0a3204f3e2d1c0b9a8f7e6d5c4b3; theme=dark; seen=1718000000',
      '',
      '',
    ].join('\r\n'),
  },
  {
    name: 'response',
    goalNs: 500,
    text: [
      'HTTP/1.1 200 OK',
      'Date: Mon, 22 Nov 2027 12:28:53 GMT',
      'Server: Apache',
      'Content-Type: text/html; charset=utf-8',
      'Content-Length: 97',
      'Connection: keep-alive',
      '',
      '',
    ].join('\r\n'),
  },
];

/** One round over a head of `bytes`; the sum keeps the work from being optimised away. */
type Round = (bytes: Uint8Array, end: number) => number;

function requestRound(): Round {
  const head = new RequestHead();
  return (bytes, end) => {
    let sum = 0;
    for (let count = 0; count < HEADS_PER_ROUND; count++) {
      head.reset();
      if (parseRequestHead(bytes, START, end, head) === Parse.complete) sum += head.headBytes;
    }
    return sum;
  };
}

function responseRound(): Round {
  const head = new ResponseHead();
  return (bytes, end) => {
    let sum = 0;
    for (let count = 0; count < HEADS_PER_ROUND; count++) {
      head.reset();
      if (parseResponseHead(bytes, START, end, head, false) === Parse.complete) {
        sum += head.headBytes;
      }
    }
    return sum;
  };
}

for (const { name, goalNs, text } of subjects) {
  const memory = new Uint8Array(START + text.length);
  memory.set(Buffer.from(text, 'latin1'), START);
  const round = text.startsWith('HTTP/') ? responseRound() : requestRound();
  const timesNs: number[] = [];
  for (let index = 0; index < ROUNDS; index++) {
    const startedNs = process.hrtime.bigint();
    const sum = round(memory, memory.length);
    timesNs.push(Number(process.hrtime.bigint() - startedNs) / HEADS_PER_ROUND);
    if (sum !== text.length * HEADS_PER_ROUND) throw new Error(`${name}: not parsed`);
  }
  const medianNs = timesNs.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
  const size = `${text.length} bytes`.padStart(10);
  process.stdout.write(
    `${name.padEnd(18)}${size}${medianNs.toFixed(0).padStart(8)} ns  (goal ${goalNs} ns)\n`,
  );
}
