import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { afterExit, type Exit, type Life, type Next } from './after-exit.ts';

const served: Life = { toldToStop: false, hasServed: true, livedMs: 5_000, delayMs: 0 };
const killed: Exit = { code: null, signal: 'SIGKILL' };
const failed: Exit = { code: 1, signal: null };
const end = (exitCode: number): Next => ({ kind: 'end', exitCode });
const restart = (delayMs: number): Next => ({ kind: 'restart', delayMs });

const table: readonly (readonly [name: string, exit: Exit, life: Life, wanted: Next])[] = [
  ['starts a killed node again', killed, served, restart(1_000)],
  ['starts a failed node again', failed, served, restart(1_000)],
  ['waits twice as long each time', killed, { ...served, delayMs: 4_000 }, restart(8_000)],
  ['waits no longer than 30 s', killed, { ...served, delayMs: 16_000 }, restart(30_000)],
  ['stays at 30 s', killed, { ...served, delayMs: 30_000 }, restart(30_000)],
  [
    'forgets the delay of a node that has lived',
    killed,
    { ...served, delayMs: 30_000, livedMs: 60_000 },
    restart(1_000),
  ],
  ['ends when told to', { code: 0, signal: null }, { ...served, toldToStop: true }, end(0)],
  ['passes a failed stop on', failed, { ...served, toldToStop: true }, end(1)],
  ['says a killed stop as shells do', killed, { ...served, toldToStop: true }, end(137)],
  ['passes a failed first start on', failed, { ...served, hasServed: false }, end(1)],
  ['ends with a node that ends well', { code: 0, signal: null }, served, end(0)],
];

for (const [name, exit, life, wanted] of table) {
  test(`afterExit() ${name}`, () => deepEqual(afterExit(exit, life), wanted));
}
