import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestRecord } from '../../core/report/request-record.ts';
import { accessLine } from './access-line.ts';
import { AT_MS, recordOf } from './records.fixture.ts';

/** `%t`, which is local time. */
function timeOf(line: string): string {
  return /\[(.*?)\]/.exec(line)![1]!;
}

const cases: readonly (readonly [what: string, other: Partial<RequestRecord>, after: string])[] = [
  ['all is there', {}, '"GET /a?b=1 HTTP/1.1" 200 12 "r" "u" 0.1/2.0/3.3 DONE web2 1-a'],
  [
    'nothing was sent on',
    { server: null, sentMs: null, firstByteMs: null, bytesOut: 0, referer: null, userAgent: null },
    '"GET /a?b=1 HTTP/1.1" 200 - "-" "-" -/-/3.3 DONE - 1-a',
  ],
  [
    'no request could be made out',
    { method: '', target: '', protocol: '', status: 408, outcome: 'REQUEST_TIMEOUT' },
    '"-" 408 12 "r" "u" 0.1/2.0/3.3 REQUEST_TIMEOUT web2 1-a',
  ],
  [
    'nothing could be answered',
    { status: 0, outcome: 'CLIENT_GONE_IN_RESPONSE' },
    '"GET /a?b=1 HTTP/1.1" - 12 "r" "u" 0.1/2.0/3.3 CLIENT_GONE_IN_RESPONSE web2 1-a',
  ],
  [
    'a client tries to write lines of its own',
    { target: '/"\\\n', userAgent: '\x1b[2J"', referer: 'é', server: 'a b' },
    '"GET /\\"\\\\\\x0a HTTP/1.1" 200 12 "\\xe9" "\\x1b[2J\\"" 0.1/2.0/3.3 DONE a_b 1-a',
  ],
];

for (const [what, other, after] of cases) {
  test(`accessLine() writes a combined line when ${what}`, () => {
    const line = accessLine(recordOf(other), 'combined');
    equal(line.replace(/\[.*?\]/, '[]'), `10.0.0.9 - - [] ${after}`);
  });
}

test('accessLine() tells the time as Apache does, also across a minute', () => {
  for (const atMs of [AT_MS, AT_MS + 59_999, AT_MS + 60_000]) {
    const time = timeOf(accessLine(recordOf({ atMs }), 'common'));
    const [, day, clock, zone] = /^(\d\d\/\w{3}\/\d{4}):([\d:]{8}) ([+-]\d{4})$/.exec(time)!;
    const parsed = Date.parse(`${day!.replaceAll('/', ' ')} ${clock} ${zone}`);
    equal(parsed, Math.floor(atMs / 1_000) * 1_000);
  }
});

test("accessLine() writes Apache's common log and nothing behind it", () => {
  const line = accessLine(recordOf(), 'common').replace(/\[.*?\]/, '[]');
  equal(line, '10.0.0.9 - - [] "GET /a?b=1 HTTP/1.1" 200 12');
});

test('accessLine() writes the record itself as JSON', () => {
  deepEqual(JSON.parse(accessLine(recordOf(), 'json')), recordOf());
});
