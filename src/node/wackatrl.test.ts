/** The original's words on our control socket, asked by a program that knows nothing of ours. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encodeControlState } from '../core/wackamole/control-state.ts';
import { Control } from './control.ts';

const TWIN = fileURLToPath(new URL('../../test/wackatrl/wackatrl.py', import.meta.url));

const pool = ['10.77.0.200', '10.77.0.201'].map((address) => [
  { interface: 'eth0', address, prefixLength: 24, notifyPrefixLength: 24 },
]);

type Rig = {
  readonly path: string;
  readonly drains: readonly boolean[];
  /** How often it was asked who holds what. */
  readonly asked: () => number;
};

async function withControl(run: (rig: Rig) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-wackatrl-'));
  const path = join(directory, 'wack.it');
  const drains: boolean[] = [];
  let asked = 0;
  const refuse = async (): Promise<never> => {
    throw new Error('not asked for here');
  };
  const control = new Control({
    status: async () => ({ node: 'web1' }),
    drain: refuse,
    reload: refuse,
    admin: refuse,
    wackatrl: {
      state: async () => {
        asked++;
        const owner = drains.at(-1) === true ? null : '10.77.0.1';
        return encodeControlState(
          pool.map((addresses) => ({ claim: owner === null ? 0 : 2, owner, addresses })),
        );
      },
      drain: async (on) => {
        drains.push(on);
      },
    },
  });
  try {
    deepEqual(await control.open([path]), []);
    await run({ path, drains, asked: () => asked });
  } finally {
    control.close();
    rmSync(directory, { recursive: true });
  }
}

test('wackatrl -l, -f and -s work as they did', async () => {
  await withControl(async ({ path, drains }) => {
    equal(statSync(path).mode & 0o777, 0o600);
    const wackatrl = async (option: string): Promise<string> => {
      return (await promisify(execFile)('python3', [TWIN, path, option])).stdout;
    };
    const all = '\t*    eth0:10.77.0.200/24\n';
    const held = await wackatrl('-l');
    equal(held.split('\n')[0], 'Owner: 10.77.0.1');
    equal(held.includes(all), true, held);
    match(await wackatrl('-f'), /^Owner: not acquired\n.*\nOwner: not acquired\n/);
    equal(await wackatrl('-s'), held);
    deepEqual(drains, [true, false]);
  });
});

test('several commands come on one connection, and an unknown one closes it', async () => {
  await withControl(async ({ path, drains }) => {
    const socket = net.connect({ path });
    let said = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
    });
    socket.write(Uint8Array.of(1, 2, 0, 9, 1));
    await once(socket, 'close');
    deepEqual(drains, [true, false], 'nothing behind the unknown byte counts');
    equal(said.length, 4 + 4 + 4 + 1_800);
    deepEqual([...said.subarray(0, 12)], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8]);

    const other = net.connect({ path });
    let heard = 0;
    other.on('data', (chunk: Buffer) => {
      heard += chunk.length;
    });
    other.on('error', () => undefined);
    other.write(Uint8Array.of(9));
    await once(other, 'close');
    equal(heard, 0);
  });
});

test('whoever reads no answers is given no more than fit the socket', async () => {
  await withControl(async ({ path, asked }) => {
    const commands = 10_000;
    const greedy = net.connect({ path });
    greedy.on('error', () => undefined);
    greedy.write(new Uint8Array(commands));
    const other = net.connect({ path });
    other.write(Uint8Array.of(0));
    await once(other, 'data');
    ok(asked() > 1 && asked() < commands / 2, `${asked()} answers`);
    for (const socket of [greedy, other]) socket.destroy();
  });
});

test('whoever speaks HTTP on the same path is answered as before', async () => {
  await withControl(async ({ path }) => {
    const asked = request({ socketPath: path, path: '/status' });
    asked.end();
    const [response] = await once(asked, 'response');
    equal(response.statusCode, 200);
    response.resume();
    await once(response, 'end');
  });
});
