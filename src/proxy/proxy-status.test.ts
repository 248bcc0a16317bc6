/** Which answers say that a node's application took no connection. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Parse } from '../core/http1/head.ts';
import { parseResponseHead, ResponseHead } from '../core/http1/response-head.ts';
import { saysConnectionRefused } from './proxy-status.ts';

const rows: readonly (readonly [fields: string, refused: boolean])[] = [
  ['Proxy-Status: b1; error=connection_refused\r\n', true],
  ['X: 1\r\nproxy-status: b1;error=connection_refused;details="x"\r\n', true],
  ['Proxy-Status: a; received-status=502, b1; error=connection_refused\r\n', true],
  ['Proxy-Status: a\r\nProxy-Status: b1; error=connection_refused\r\n', true],
  ['', false],
  ['Proxy-Status: b1\r\n', false],
  ['Proxy-Status: b1; error=connection_refused_not\r\n', false],
  ['Proxy-Status: b1; error=connection_terminated\r\n', false],
  ['X-Other-Info: b1; error=connection_refused\r\n', false],
];

for (const [fields, refused] of rows) {
  test(`saysConnectionRefused() is ${refused} when there is ${JSON.stringify(fields)}`, () => {
    const start = 5;
    const head = new ResponseHead(4_096);
    const memory = Buffer.from(`#####HTTP/1.1 502 Bad Gateway\r\n${fields}\r\n`, 'latin1');
    equal(parseResponseHead(memory, start, memory.length, head, false), Parse.complete);
    equal(saysConnectionRefused(memory, start, head), refused);
  });
}
