/** Goal: demos never share a port, and the files they write are beyond reproach. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CODES } from '../src/config/codes.ts';
import { systemEnvironment } from '../src/config/environment.ts';
import { loadConfiguration } from '../src/config/load.ts';
import { filesOf, writeFiles } from './config-files.ts';
import { findLayout, type Layout } from './layout.ts';

function portsOf({ director, shops }: Layout): number[] {
  return [director, ...shops].flatMap(({ port, shopPort }) => [
    port,
    ...(shopPort ? [shopPort] : []),
  ]);
}

test('findLayout() gives a second demo other ports while the first lives', async () => {
  const first = await findLayout(false);
  const second = await findLayout(false);
  ok(first !== null && second !== null);
  equal(portsOf(first).filter((port) => portsOf(second).includes(port)).length, 0);
  notEqual(first.announceTo, second.announceTo);
  first.release();
  second.release();
});

test('findLayout() goes past a port that another program has', async () => {
  const layout = await findLayout(false);
  ok(layout !== null);
  const { address, port } = layout.shops[2]!;
  const taken = createServer().listen(port, address);
  await once(taken, 'listening');
  layout.release();
  const next = await findLayout(false);
  ok(next !== null && !portsOf(next).includes(port));
  next.release();
  taken.close();
});

test('writeFiles() writes what is accepted without a warning', async () => {
  for (const oneAddress of [false, true]) {
    const layout = await findLayout(oneAddress);
    ok(layout !== null);
    const directory = mkdtempSync(join(tmpdir(), 'forehand-'));
    writeFiles(directory, layout, 'hush');
    for (const machine of [layout.director, ...layout.shops]) {
      const { config, load } = filesOf(directory, machine, layout);
      const asked = { nodeName: machine.name, defines: [] };
      const loaded = await loadConfiguration([config], systemEnvironment(asked));
      const faults = loaded.diagnostics.filter(({ code }) => CODES[code].severity !== 'note');
      deepEqual(faults, [], config);
      equal(loaded.config?.nodeName, machine.name);
      equal(loaded.config?.announce.secret, 'hush');
      equal(loaded.config?.loadFrom, machine.shopPort === null ? null : load);
    }
    rmSync(directory, { recursive: true });
    layout.release();
  }
});
