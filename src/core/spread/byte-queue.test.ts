import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { ByteQueue } from './byte-queue.ts';

test('take() gives what came, however it came', () => {
  const sizes = [1, 2, 3, 5, 8, 13];
  for (const chunkSize of sizes) {
    for (const takeSize of sizes) {
      const queue = new ByteQueue();
      const taken: number[] = [];
      for (let at = 0; at < 1_000; at += chunkSize) {
        queue.push(Uint8Array.from({ length: chunkSize }, (_, i) => (at + i) & 0xff));
        // A backlog, so that some of it is gathered.
        if (at < 200) continue;
        for (let bytes = queue.take(takeSize); bytes !== null; bytes = queue.take(takeSize)) {
          taken.push(...bytes);
        }
      }
      deepEqual(
        taken,
        taken.map((_, i) => i & 0xff),
      );
      equal(queue.length < takeSize, true);
    }
  }
});

test('take() takes nothing when there is too little', () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2));
  equal(queue.take(3), null);
  deepEqual([...queue.peek(2)!], [1, 2]);
  equal(queue.length, 2);
});
