import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_BYTES_MAX } from './group.ts';
import { FRAGMENT_BYTES_MAX, type Part, Stream } from './stream.ts';

const part = (time: number, last = true, size = 1): Part => ({
  time,
  last,
  bytes: new Uint8Array(size).fill(time),
});

test('Stream cuts a message into fragments that fit, and joins them again', () => {
  const cases: readonly (readonly [number, number])[] = [
    [0, 1],
    [1, 1],
    [FRAGMENT_BYTES_MAX, 1],
    [FRAGMENT_BYTES_MAX + 1, 2],
    [MESSAGE_BYTES_MAX, 60],
  ];
  for (const [size, count] of cases) {
    const message = new Uint8Array(size).map((_, i) => i % 251);
    const own = new Stream();
    own.append(1, message);
    equal(own.count, count, `${size} bytes`);
    const other = new Stream();
    for (let i = count; i >= 1; i--) equal(other.put(i, own.get(i)!), true);
    deepEqual(other.deliver(), message);
  }
});

test('Stream counts what is there without a gap', () => {
  const stream = new Stream();
  equal(stream.put(2, part(2)), true);
  deepEqual([stream.count, stream.hasGap, stream.next], [0, true, undefined]);
  equal(stream.put(1, part(1)), true);
  deepEqual([stream.count, stream.hasGap, stream.next?.time], [2, false, 1]);
  equal(stream.put(1, part(1)), false, 'a duplicate');
  equal(stream.put(1_000, part(9)), false, 'too far ahead');
});

test('Stream raises its horizon by claims about what it holds, and no others', () => {
  const stream = new Stream();
  stream.put(1, part(3));
  equal(stream.horizon, 3);
  stream.claim(9, 2);
  equal(stream.horizon, 3, 'something is on its way');
  stream.claim(9, 1);
  equal(stream.horizon, 9);
});

test('Stream stops for good where its owner contradicts itself', () => {
  const cases: readonly (readonly [string, readonly Part[]])[] = [
    ['time goes back', [part(5), part(4)]],
    ['time stands still', [part(5), part(5)]],
    ['time changes within a message', [part(5), part(6, false), part(7)]],
    ['too long', [part(5), ...Array(60).fill(part(6, false, FRAGMENT_BYTES_MAX))]],
  ];
  for (const [name, parts] of cases) {
    const stream = new Stream();
    for (const [i, each] of parts.entries()) stream.put(i + 1, each);
    equal(stream.count, Math.max(1, parts.length - 1), name);
    equal(stream.next?.last, 1, name);
  }
});

test('Stream keeps what was delivered until all have it', () => {
  const stream = new Stream();
  stream.append(1, new Uint8Array(1));
  stream.append(2, new Uint8Array(1));
  stream.deliver();
  equal(stream.get(1)?.time, 1);
  stream.free(2);
  deepEqual([stream.get(1), stream.get(2)?.time], [undefined, 2], 'the second waits for its turn');
});
