import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN } from '../config/diagnostic.ts';
import { clusterPicture, FRESH_MS } from '../core/report/cluster-picture.ts';
import { group, keeperStatus, NOW_MS, nodeReport, server } from '../core/report/report.fixture.ts';
import { topText } from './top-text.ts';

const SCREEN = { columns: 80, rows: 24 };
const second = { atMs: NOW_MS, requests: 120, failed: 3, p50Ms: 1.25, p95Ms: 5, p99Ms: 20.4 };

function picture(ageMs = 0) {
  const addresses = { keeper: keeperStatus('1@a', ['a', 'b'], [group('10.0.0.9', 'a')]) };
  const own = nodeReport('a', {
    servers: [server('a', { self: true }), server('b', { ageMs: 400 })],
    addresses: { ...addresses, holding: ['10.0.0.9'] },
  });
  const report = nodeReport('b', {
    seconds: [second],
    addresses: { ...addresses, holding: [] },
  });
  return clusterPicture(own, [{ name: 'b', report, ageMs, aheadMs: 0, problem: null }]);
}

test('topText() shows a node by what it said of itself, and what nobody said as a dash', () => {
  const lines = topText(picture(), SCREEN, PLAIN).split('\n');
  match(lines[0]!, /^a {2}\d\d:\d\d:\d\d {2}nothing is wrong that is known$/);
  match(lines[3]!, /^a \* +up +0\.3s +0\.50 +90% +- +- +- +- +2 {2}10\.0\.0\.9$/);
  match(lines[4]!, /^b +up +0\.4s +0\.50 +90% +120 +3 +1\.3 +20 +2$/);
  match(lines[7]!, /^10\.0\.0\.9 {2}a +held by a$/);
});

test('topText() takes no old figure for one of now, and says what is wrong', () => {
  const text = topText(picture(FRESH_MS + 1), SCREEN, PLAIN);
  ok(!text.includes('120'));
  match(text, /^b +up +0\.4s +0\.50 +90% +- +- +- +- +- {2}-$/m);
  match(text, /10\.0\.0\.9 {2}a \(or b\)/);
});

test('topText() fits the screen', () => {
  const small = { columns: 30, rows: 4 };
  const lines = topText(picture(), small, PLAIN).trimEnd().split('\n');
  equal(lines.length, 4);
  ok(lines.every((line) => line.length <= 30));
});
