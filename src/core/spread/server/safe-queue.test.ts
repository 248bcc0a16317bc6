import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../frame.ts';
import { SafeQueue } from './safe-queue.ts';

function queueOf(daemons: number) {
  const delivered: string[] = [];
  const queue = new SafeQueue(({ sender }) => delivered.push(sender));
  queue.begin(daemons);
  const push = (sender: string, safe = false): void => {
    const orders = { order: 'little', dataOrder: 'little' } as const;
    const rest = { groups: [], messageType: 0, data: new Uint8Array(0), rejected: null };
    const frame: Frame = { type: safe ? 0x20 : 0x10, sender, ...rest, ...orders };
    queue.push(frame, safe);
  };
  return { queue, delivered, push };
}

test('SafeQueue holds a safe message, and what is behind it, until all daemons have it', () => {
  const { queue, delivered, push } = queueOf(3);
  push('a');
  push('b', true);
  push('c');
  push('d', true);
  push('e');
  deepEqual(delivered, ['a']);
  equal(queue.count, 5);
  queue.held(0, 5);
  queue.held(1, 3);
  deepEqual(delivered, ['a']);
  queue.held(2, 2);
  deepEqual(delivered, ['a', 'b', 'c']);
  queue.held(2, 1);
  queue.held(1, 5);
  deepEqual(delivered, ['a', 'b', 'c'], 'the third one does not have it');
  queue.held(2, 4);
  deepEqual(delivered, ['a', 'b', 'c', 'd', 'e']);
  push('f');
  equal(delivered.at(-1), 'f');
});

test('SafeQueue waits for nobody when the daemons change', () => {
  const { queue, delivered, push } = queueOf(2);
  push('a', true);
  push('b');
  queue.held(0, 2);
  queue.begin(1);
  deepEqual(delivered, ['a', 'b']);
  equal(queue.count, 0);
  push('c', true);
  queue.held(0, 1);
  deepEqual(delivered, ['a', 'b', 'c']);
});
