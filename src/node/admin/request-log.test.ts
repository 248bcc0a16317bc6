import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { outcomes } from '../../core/relay/outcome.ts';
import { AT_WANTED, SAMPLE, SLOTS } from '../../core/report/record-layout.ts';
import type { KeptRequest } from '../../core/report/request-record.ts';
import { Way } from '../../proxy/decision.ts';
import { Desk, until } from './records.fixture.ts';

function wanted({ memories }: Desk): number[] {
  return memories.map((memory) => new Int32Array(memory)[AT_WANTED]!);
}

const targets = (requests: readonly KeptRequest[]): string[] =>
  requests.map(({ record }) => record.target);

test('newest() puts the requests of all workers in the order they ended', () => {
  const desk = new Desk(true);
  desk.request('/1', { atMs: 1 });
  desk.request('/3', { atMs: 3 });
  desk.request('/2', { atMs: 2, worker: 1 });
  desk.request('/api', { atMs: 4, way: Way.admin });
  deepEqual(targets(desk.requests.newest(9)), ['/1', '/2', '/3']);
  deepEqual(targets(desk.requests.newest(2)), ['/2', '/3']);
});

test('every request is recorded while somebody asks or watches, else one in some', () => {
  const desk = new Desk();
  deepEqual(wanted(desk), [SAMPLE, SAMPLE]);
  desk.requests.watched = true;
  deepEqual(wanted(desk), [1, 1]);
  desk.requests.watched = false;
  deepEqual(wanted(desk), [SAMPLE, SAMPLE]);
  desk.requests.newest(1);
  deepEqual(wanted(desk), [1, 1]);
  desk.nowMs += 60_000;
  const stop = desk.requests.watch(() => {});
  deepEqual(wanted(desk), [1, 1]);
  stop();
  deepEqual(wanted(desk), [SAMPLE, SAMPLE]);
  desk.requests.all = true;
  deepEqual(wanted(desk), [1, 1]);
});

test('find() knows what is in a ring, and after that what was shown or had failed', async () => {
  const desk = new Desk(true);
  desk.request('/shown');
  desk.requests.newest(1);
  desk.request('/failed', { outcome: outcomes.noCandidate });
  desk.request('/lost');
  equal(desk.requests.find('0-3')?.record.target, '/lost');
  desk.requests.stop();
  for (let i = 0; i < SLOTS; i++) desk.request('/other');
  equal(desk.requests.find('0-1')?.record.target, '/shown');
  equal(desk.requests.find('0-2')?.record.target, '/failed');
  equal(desk.requests.find('0-3'), null);
  for (const id of ['9-1', '', '0-', '0-zzzzzzzzzz', 'x']) equal(desk.requests.find(id), null);
});

test('watch() tells every request once, in batches', async () => {
  const desk = new Desk();
  const told: string[] = [];
  const stop = desk.requests.watch((requests) => told.push(...targets(requests)));
  for (let i = 0; i < 1_500; i++) desk.request(`/${i}`);
  await until(() => told.length >= 1_500);
  stop();
  desk.requests.all = true;
  desk.request('/after');
  desk.requests.stop();
  deepEqual(
    told,
    Array.from({ length: 1_500 }, (_, i) => `/${i}`),
  );
});
