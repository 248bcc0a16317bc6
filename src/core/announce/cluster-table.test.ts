/** Goal: what the main thread writes every worker reads, untorn; what workers count adds up. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Announcement } from './announcement.ts';
import { ClusterReader, OTHERS_MS_MIN } from './cluster-reader.ts';
import { ClusterTable, SILENT_MS_MIN } from './cluster-table.ts';
import { SLOTS_MAX, tableMemory } from './table-layout.ts';

function announcement(number: number, other: Partial<Announcement> = {}): Announcement {
  return {
    name: `web${number}`,
    address: `10.0.0.${number}`,
    port: 80,
    bootId: 2 ** 50 + number,
    sequence: 1,
    sentMs: 0,
    intervalMs: 1_000,
    state: 0,
    loadMilli: 0xffffffff,
    loadPeakMilli: 4_001,
    cpuIdleMilli: 900,
    cpuCount: 2,
    arriba: 2 ** 40 + 7,
    memoryTotalMb: 8_000,
    memoryAvailableMb: 4_000,
    capacity: 100,
    inFlight: 5,
    ...other,
  };
}

const MINUTE_MS = 60_000;

/** A table with this node and `others` more, all heard at 1000. */
function cluster(others: number, workers = 2) {
  const memory = tableMemory(workers);
  const table = new ClusterTable(memory);
  table.writeSelf(announcement(100), 1_000);
  for (let number = 1; number <= others; number++) table.write(announcement(number), 1_000);
  return { memory, table };
}

test('ClusterReader.known() gives what ClusterTable.write() was given', () => {
  const { memory, table } = cluster(0);
  table.write(announcement(1, { name: 'käse', address: '2001:db8::1', state: 1 }), 2 ** 41);
  const known = new ClusterReader(memory, 0).known(2 ** 41);
  const expected = {
    slot: 1,
    name: 'käse',
    address: '2001:db8::1',
    port: 80,
    heardMs: 2 ** 41,
    bootId: 2 ** 50 + 1,
    state: 1,
    loadMilli: 0xffffffff,
    loadHwmMilli: 8_000,
    cpuIdleMilli: 900,
    cpuCount: 2,
    arriba: 2 ** 40 + 7,
    memoryTotalMb: 8_000,
    memoryAvailableMb: 4_000,
    capacity: 100,
    inFlight: 5,
    outstanding: 0,
    sentSinceHeard: 0,
    backhanded: 0,
    turnaroundMs: 0,
    suspect: false,
    tenancy: 1,
    heardCount: 1,
  };
  equal(known.length, 2);
  deepEqual(known[1], expected);
});

test('ClusterReader.known() is empty before this node has written itself', () => {
  deepEqual(new ClusterReader(tableMemory(1), 0).known(0), []);
});

test('ClusterTable.write() gives slots in order of first announcement, and keeps them', () => {
  const { memory, table } = cluster(3);
  equal(table.write(announcement(2), 9_000), 2);
  const known = new ClusterReader(memory, 0).known(9_000);
  deepEqual(
    known.map(({ slot, name, heardMs }) => [slot, name, heardMs]),
    [
      [0, 'web100', 1_000],
      [1, 'web1', 1_000],
      [2, 'web2', 9_000],
      [3, 'web3', 1_000],
    ],
  );
});

test('ClusterTable.write() leaves slot 0 to this node, even when others are heard first', () => {
  const memory = tableMemory(1);
  const table = new ClusterTable(memory);
  equal(table.write(announcement(1), 0), 1);
  table.writeSelf(announcement(100), 0);
  const known = new ClusterReader(memory, 0).known(0);
  deepEqual(
    known.map(({ slot, name }) => [slot, name]),
    [
      [0, 'web100'],
      [1, 'web1'],
    ],
  );
});

test('ClusterTable.write() tells nodes by address and port, not by name', () => {
  const { table } = cluster(1);
  equal(table.write(announcement(1, { name: 'renamed' }), 2_000), 1);
  equal(table.write(announcement(1, { port: 81 }), 2_000), 2);
});

test('ClusterTable.write() refuses a new node when full, until one is silent for minutes', () => {
  const { memory, table } = cluster(SLOTS_MAX - 1);
  const reader = new ClusterReader(memory, 0);
  const old = reader.known(1_000)[7];
  equal(table.write(announcement(1, { port: 81 }), 1_000 + SILENT_MS_MIN), null);
  for (let number = 1; number < SLOTS_MAX; number++) {
    if (number !== 7) table.write(announcement(number), MINUTE_MS);
  }
  equal(table.write(announcement(1, { port: 81 }), 1_001 + SILENT_MS_MIN), 7);
  equal(table.write(announcement(1, { port: 82 }), 1_002 + SILENT_MS_MIN), null);
  const known = reader.known(1_002 + SILENT_MS_MIN);
  notEqual(known[7], old, 'who held the old one must not see it change into another node');
  equal(known[7]?.port, 81);
  equal(known.length, SLOTS_MAX);
});

test('ClusterReader.known() returns the same objects until there is a new node', () => {
  const { memory, table } = cluster(2);
  const reader = new ClusterReader(memory, 0);
  const before = reader.known(1_000);
  const [, first] = before;
  table.write(announcement(1, { loadMilli: 5 }), 2_000);
  const after = reader.known(2_000);
  equal(after, before);
  equal(after[1], first);
  equal(first?.loadMilli, 5);
});

test('ClusterReader.sent() and answered() move the own counts at once', () => {
  const { memory } = cluster(1);
  const reader = new ClusterReader(memory, 0);
  const web1 = reader.known(2_000)[1]!;
  reader.sent(1);
  reader.sent(1);
  deepEqual([web1.outstanding, web1.sentSinceHeard, web1.backhanded], [2, 2, 0]);
  reader.known(2_050);
  reader.answered(1, 50);
  deepEqual([web1.outstanding, web1.sentSinceHeard, web1.backhanded], [1, 1, 1]);
  reader.known(2_060 + OTHERS_MS_MIN);
  deepEqual([web1.outstanding, web1.sentSinceHeard, web1.backhanded], [1, 1, 1]);
  equal(web1.turnaroundMs, 50);
});

test('ClusterReader.known() adds what other workers count, and main thread reads it all', () => {
  const { memory, table } = cluster(1);
  const readers = [new ClusterReader(memory, 0), new ClusterReader(memory, 1)];
  for (const reader of readers) reader.known(2_000);
  for (const reader of readers) reader.sent(1);
  readers[1]!.sent(1);
  equal(readers[0]!.known(2_000 + OTHERS_MS_MIN - 1)[1]?.outstanding, 1, 'not before its time');
  equal(readers[0]!.known(2_000 + OTHERS_MS_MIN)[1]?.outstanding, 3);
  equal(readers[0]!.known(2_000 + OTHERS_MS_MIN)[1]?.sentSinceHeard, 3);
  const [, web1] = new ClusterReader(memory, null).known(2_000);
  equal(web1?.outstanding, 3);
  equal(table.outstanding(1), 3);
  equal(table.outstanding(0), 0);
});

test('ClusterReader.known() starts sentSinceHeard anew with each announcement', () => {
  const { memory, table } = cluster(1);
  const reader = new ClusterReader(memory, 0);
  const web1 = reader.known(2_000)[1]!;
  reader.sent(1);
  table.write(announcement(1), 2_500);
  reader.known(2_500);
  deepEqual([web1.outstanding, web1.sentSinceHeard], [1, 0]);
  reader.sent(1);
  // Sent at 2000, before the announcement: what was sent after it is still out.
  reader.known(3_000);
  reader.answered(1, 1_000);
  deepEqual([web1.outstanding, web1.sentSinceHeard], [1, 1]);
  reader.answered(1, 400);
  deepEqual([web1.outstanding, web1.sentSinceHeard], [0, 0]);
});

test('ClusterReader.failed() makes a server suspect for all workers, until it announces', () => {
  const { memory, table } = cluster(1);
  const [one, other] = [new ClusterReader(memory, 0), new ClusterReader(memory, 1)];
  for (const reader of [one, other]) reader.known(2_000);
  one.failed(1);
  equal(one.known(2_000)[1]?.suspect, true);
  equal(other.known(2_000 + OTHERS_MS_MIN)[1]?.suspect, true);
  equal(one.known(2_000 + OTHERS_MS_MIN)[1]?.suspect, true);
  table.write(announcement(1), 3_000);
  for (const reader of [one, other]) equal(reader.known(3_000)[1]?.suspect, false);
});

test('ClusterReader.answered() keeps the mean over about the last thousand', () => {
  const { memory } = cluster(1);
  const reader = new ClusterReader(memory, 0);
  reader.known(2_000);
  const answer = (turnaroundMs: number, times: number) => {
    for (let i = 0; i < times; i++) {
      reader.sent(1);
      reader.answered(1, turnaroundMs);
    }
    return reader.known(2_000 + OTHERS_MS_MIN * times)[1]!;
  };
  equal(answer(10, 900).turnaroundMs, 10);
  const later = answer(30, 5_000);
  ok(later.turnaroundMs > 29.5 && later.turnaroundMs <= 30, `${later.turnaroundMs}`);
  equal(later.backhanded, 5_900);
  // An hour's tunnel counts as a minute, and moves the mean by no more than a minute's part.
  const tunnelled = answer(3_600_000, 1);
  ok(tunnelled.turnaroundMs < 200, `${tunnelled.turnaroundMs}`);
});

test('ClusterTable.forgetWorker() and a restarted worker both drop what was outstanding', () => {
  const { memory, table } = cluster(1);
  const dead = new ClusterReader(memory, 0);
  dead.known(2_000);
  dead.sent(1);
  table.forgetWorker(0);
  equal(table.outstanding(1), 0);
  dead.known(2_000);
  dead.sent(1);
  const restarted = new ClusterReader(memory, 0);
  equal(restarted.known(2_000)[1]?.outstanding, 0);
});

/**
 * Reads as fast as it can and checks that every field of a record is of the same writing. Runs from
 * text, as a file that imports `node:` modules has no place in the core.
 */
const HAMMER = `
  const { workerData, parentPort } = require('node:worker_threads');
  import(workerData.readerUrl).then(({ ClusterReader }) => {
    const reader = new ClusterReader(workerData.memory, 0);
    const stop = new Int32Array(workerData.stop);
    const torn = [];
    let last = -1;
    parentPort.postMessage('ready');
    while (Atomics.load(stop, 0) === 0) {
      const server = reader.known(0)[1];
      if (server === undefined) continue;
      const n = server.loadMilli;
      if (n !== last) Atomics.add(stop, 1, 1);
      last = n;
      const same = server.bootId === n * 2 ** 20 && server.heardMs === n && server.inFlight === n &&
        server.memoryTotalMb === n && server.name === 'web' + n;
      if (!same) torn.push(JSON.stringify(server));
    }
    parentPort.postMessage(torn.slice(0, 3));
  });
`;

/** Fewer different records than that would prove nothing. */
const SEEN_MIN = 100;

test('ClusterReader.known() never gives a torn record while the writer is at work', async () => {
  const { memory, table } = cluster(0, 1);
  // Whether to stop, and how many different records were seen.
  const stop = new Int32Array(new SharedArrayBuffer(8));
  const readerUrl = new URL('./cluster-reader.ts', import.meta.url).href;
  const workerData = { memory, stop: stop.buffer, readerUrl };
  const worker = new Worker(HAMMER, { eval: true, workerData });
  const next = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
  await next();
  const result = next();
  const beganMs = performance.now();
  const seen = () => Atomics.load(stop, 1);
  // On a busy machine the two threads seldom run at once, and it takes longer until they have met.
  const enough = () => performance.now() - beganMs > (seen() > SEEN_MIN ? 2_000 : 30_000);
  for (let n = 1; seen() < 5_000 && !enough(); n++) {
    const figures = { loadMilli: n, bootId: n * 2 ** 20, inFlight: n, memoryTotalMb: n };
    table.write(announcement(1, { ...figures, name: `web${n}` }), n);
    // Now and then time for one whole reading; in between, none.
    for (let i = 0; i < (n % 4) * 200; i++) Atomics.load(stop, 0);
  }
  Atomics.store(stop, 0, 1);
  deepEqual(await result, []);
  await worker.terminate();
  ok(seen() > SEEN_MIN, `${seen()} records seen: they must have met`);
});
