import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { server } from '../candidacy/candidacy.fixture.ts';
import { COARSE_MS, FINE_MS, LOOK_MS, TableHistory } from './table-history.ts';

const GAP_MS = 3_000;

function loadAt(history: TableHistory, momentMs: number): number | null {
  return history.at(momentMs, GAP_MS)?.known[0]?.loadMilli ?? null;
}

test('at() gives the whole servers back as they were', () => {
  const history = new TableHistory();
  const known = [server(0), server(3, { suspect: true, state: 2, turnaroundMs: 1.5 })];
  history.add(1_000, known);
  deepEqual(history.at(1_000, GAP_MS), { takenMs: 1_000, known });
});

test('at() gives the last picture before the moment, not a nearer one after it', () => {
  const history = new TableHistory();
  history.add(1_000, [server(0, { loadMilli: 1 })]);
  history.add(2_000, [server(0, { loadMilli: 2 })]);
  equal(loadAt(history, 1_999), 1);
  equal(loadAt(history, 2_000), 2);
  equal(loadAt(history, 999), 1);
});

test('at() knows a picture is good for as long as nothing changed, and no longer', () => {
  const history = new TableHistory();
  for (let nowMs = 0; nowMs <= 10_000; nowMs += LOOK_MS) history.add(nowMs, [server(0)]);
  equal(loadAt(history, 10_000 + GAP_MS), 0);
  equal(loadAt(history, 10_001 + GAP_MS), null);
  equal(new TableHistory().at(0, GAP_MS), null);
});

test('add() keeps every change for a while, one a second for five minutes, and no more', () => {
  const history = new TableHistory();
  const endMs = 400_000;
  for (let nowMs = 0; nowMs <= endMs; nowMs += LOOK_MS) {
    history.add(nowMs, [server(0, { loadMilli: nowMs })]);
  }
  equal(loadAt(history, endMs - FINE_MS / 2), endMs - FINE_MS / 2);
  const old = loadAt(history, 200_950)!;
  equal(200_950 - old < COARSE_MS, true);
  equal(loadAt(history, 10_000), null);
});
