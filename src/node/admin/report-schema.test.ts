import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { clusterPicture } from '../../core/report/cluster-picture.ts';
import {
  group,
  keeperStatus,
  NOW_MS,
  nodeReport,
  server,
} from '../../core/report/report.fixture.ts';
import { parseReport } from './report-schema.ts';

const SECOND = { atMs: NOW_MS, requests: 1, failed: 0, p50Ms: 1, p95Ms: null, p99Ms: 1 };
const EVENT = { sequence: 1, atMs: NOW_MS, kind: 'note', text: 't', subject: null, origin: null };

const GOOD = nodeReport('b', {
  seconds: [SECOND],
  events: [EVENT as never],
  servers: [server('b')],
  addresses: {
    holding: ['10.0.0.101'],
    engine: {
      kind: 'corosync',
      connected: false,
      trouble: 'it does not answer',
      strangers: [{ member: '#spy#n9', why: 'it says nothing' }],
    },
    keeper: keeperStatus('3@a', ['a', 'b'], [group('10.0.0.101', 'b')]),
  },
});

const WORSE: readonly unknown[] = [
  ...[null, true, -1, 1e308, '', '__proto__', 'constructor', '<script>', '\u202e\0\ud800'],
  ...[[], {}, [null], [[]], { length: 3 }, 'x'.repeat(5_000)],
];

/** Each place in a value, with a way to put something else there. */
function* places(value: unknown, put: (other: unknown) => unknown): Generator<typeof put> {
  yield put;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const copy = (other: unknown): unknown => {
      if (!Array.isArray(value)) return { ...value, [key]: other };
      return value.map((one, index) => (index === Number(key) ? other : one));
    };
    yield* places(item, (other) => put(copy(other)));
  }
}

test('parseReport() takes a good one, also with what a later version has', () => {
  equal(parseReport(JSON.stringify(GOOD))?.node, 'b');
  equal(parseReport(JSON.stringify({ ...GOOD, more: [1] }))?.node, 'b');
  for (const text of ['', 'null', '{', '[]', '"x"', JSON.stringify({ ...GOOD, version: 2 })]) {
    equal(parseReport(text), null, text);
  }
});

test('whatever parseReport() takes can be made a picture of', () => {
  const own = nodeReport('a', { servers: [server('a'), server('b')] });
  let taken = 0;
  let refused = 0;
  for (const place of places(GOOD, (other) => other)) {
    for (const other of WORSE) {
      const report = parseReport(JSON.stringify(place(other)) ?? '');
      if (report === null) {
        refused++;
        continue;
      }
      taken++;
      const heard = {
        name: 'b',
        report,
        ageMs: 100,
        aheadMs: report.nowMs - NOW_MS,
        problem: null,
      };
      const picture = clusterPicture(own, [heard]);
      equal(JSON.parse(JSON.stringify(picture)).node, 'a');
      ok(picture.nodes.some(({ name }) => name === 'b'));
      ok(picture.warnings.every((line) => typeof line === 'string'));
    }
  }
  ok(taken > 100 && refused > 200, `${taken} taken, ${refused} refused`);
});
