import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { type Happened, parseLine, type Request, seconds, tally } from './tally.ts';

const START_MS = 1_000_000;

function request(atMs: number, other: Partial<Request> = {}): Request {
  return {
    beganMs: START_MS + atMs,
    target: 0,
    tookMs: 5,
    status: 200,
    error: null,
    tries: 0,
    server: 'www1',
    ...other,
  };
}

function happened(atMs: number, what: string, held: number[] = []): Happened {
  return { atMs: START_MS + atMs, what, held, problem: null };
}

/** One each 10 ms to two targets in turn, for ten seconds. */
const steady = Array.from({ length: 1_000 }, (_, i) => request(i * 10, { target: i % 2 }));
const LOST = { status: 0, error: 'ECONNRESET' };

function verdicts(event: Happened, changed: Record<number, Partial<Request>>) {
  const requests = steady.map((one, i) => ({ ...one, ...changed[i] }));
  const tallies = tally(requests, [happened(0, 'load'), event], 2, START_MS + 10_000);
  return tallies.at(-1)!;
}

test('parseLine() reads what the load writes', () => {
  deepEqual(parseLine('1795000000123.4 2 4.7 200 1 www3'), {
    beganMs: 1795000000123.4,
    target: 2,
    tookMs: 4.7,
    status: 200,
    error: null,
    tries: 1,
    server: 'www3',
  });
  equal(parseLine('1795000000123.4 2 10000.0 TIMEOUT 0 -')?.error, 'TIMEOUT');
  equal(parseLine('1795000000123.4 2 4.7 503 0 -')?.status, 503);
  equal(parseLine('node: warning'), null);
});

test('tally() counts what was begun until the next event, and what an event found on its way', () => {
  const found = verdicts(happened(5_000, 'off www1'), { 498: { tookMs: 60, ...LOST } });
  deepEqual([found.sent, found.failed, found.failedOnTheirWay], [500, 1, 1]);
  equal(found.atS, 5);
  equal(found.lastedS, 5);
  equal(found.verdict, null, 'what was on its way to a machine that is off may be lost');
});

test('tally() leaves what was in trouble already to the event before', () => {
  const before = happened(1_000, 'off director1', [0]);
  const requests = steady.map((one, i) => (i === 200 ? { ...one, tookMs: 9_000, ...LOST } : one));
  const events = [happened(0, 'load'), before, happened(5_000, 'on director1', [])];
  const tallies = tally(requests, events, 2, START_MS + 10_000);
  deepEqual(
    tallies.map(({ failed }) => failed),
    [0, 1, 0],
  );
});

test('tally() counts a request that the next event found on its way for that one only', () => {
  const requests = steady.map((one, i) => (i === 499 ? { ...one, tookMs: 9_000, ...LOST } : one));
  const events = [happened(0, 'on director1'), happened(5_000, 'off director1', [1])];
  const tallies = tally(requests, events, 2, START_MS + 10_000);
  deepEqual(
    tallies.map(({ failed, failedOnTheirWay, verdict }) => [failed, failedOnTheirWay, verdict]),
    [
      [0, 0, null],
      [1, 1, null],
    ],
  );
});

test('tally() bears no failure but on the way when a web machine is off', () => {
  const { verdict, errors } = verdicts(happened(5_000, 'off www1'), { 501: LOST });
  match(verdict ?? '', /1 failed that were begun after it/);
  deepEqual(errors, { ECONNRESET: 1 });
});

test('tally() bears half a percent at the addresses of a director that is off, and there only', () => {
  const off = happened(0, 'off director1', [0]);
  equal(verdicts(off, { 10: LOST, 12: LOST }).verdict, null, '2 of 500');
  match(verdicts(off, { 10: LOST, 12: LOST, 14: LOST }).verdict ?? '', /0\.60 % of its clients/);
  match(verdicts(off, { 11: LOST }).verdict ?? '', /1 failed at addresses it did not hold/);
});

test('tally() bears no failure in a drain, a reload, a resume or when a machine is on again', () => {
  for (const what of ['drain www1', 'reload www1', 'resume www1', 'on www1']) {
    equal(verdicts(happened(5_000, what), {}).verdict, null);
    match(verdicts(happened(5_000, what), { 600: { status: 503 } }).verdict ?? '', /1 failed/);
  }
});

test('tally() says when an event could not be done', () => {
  const event = { ...happened(5_000, 'off www9'), problem: 'no machine "www9"' };
  equal(verdicts(event, {}).verdict, 'no machine "www9"');
});

test('tally() takes the gap of an address from what was begun and answered in time', () => {
  const late = Object.fromEntries([600, 602, 604].map((i) => [i, { tookMs: 1_040 }]));
  const { gapsMs, slowestMs } = verdicts(happened(5_000, 'off director1', [0]), late);
  deepEqual(gapsMs, [80, 20]);
  equal(slowestMs, 1_040);
});

test('seconds() tells the failed and the slow from the others', () => {
  const requests = [
    request(0),
    request(999, { tookMs: 1_500 }),
    request(1_000, LOST),
    request(5_000),
  ];
  deepEqual(seconds(requests, START_MS, START_MS + 2_000), [
    { ok: 1, slow: 1, failed: 0 },
    { ok: 0, slow: 0, failed: 1 },
  ]);
});
