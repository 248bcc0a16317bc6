import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Draws, drawsOf } from './draws.ts';

test('drawsOf() draws again what a request drew when it is given its seed', () => {
  for (const start of [0, 0.25, 0.999_999_999_9]) {
    const draws = new Draws(() => start);
    const drawn = [draws.next(), draws.next(), draws.next()];
    const again = drawsOf(draws.seed);
    deepEqual([again(), again(), again()], drawn);
    ok(draws.seed >= 1 && draws.seed < 2 ** 32);
  }
});

test('begin() forgets the seed, and there is a new one only when something is drawn', () => {
  let asked = 0;
  const draws = new Draws(() => {
    asked++;
    return asked / 10;
  });
  draws.begin();
  equal(draws.seed, 0);
  const first = draws.next();
  draws.begin();
  equal(draws.seed, 0);
  ok(draws.next() !== first);
  equal(asked, 2);
});

test('next() is even: each tenth gets its share of numbers that begin anew each time', () => {
  let state = 0;
  const draws = new Draws(() => {
    state = (state + 0.618_033_988_75) % 1;
    return state;
  });
  const tenths = new Array(10).fill(0);
  for (let i = 0; i < 20_000; i++) {
    draws.begin();
    draws.next();
    tenths[Math.floor(draws.next() * 10)]++;
  }
  ok(
    tenths.every((count) => Math.abs(count - 2_000) < 250),
    String(tenths),
  );
});
