/** Goal: the speed is measured once, kept, and no trouble with the file stops a node. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { ARRIBA_FILE, type ArribaParts, arribaOf } from './arriba.ts';

function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(code), { code }));
}

function parts(files: Map<string, string>, other: Partial<ArribaParts> = {}) {
  let measured = 0;
  const all: ArribaParts = {
    read: (path) => {
      const text = files.get(path);
      return text === undefined ? failing('ENOENT')() : Promise.resolve(text);
    },
    write: async (path, text) => void files.set(path, text),
    measure: async () => 1_000 + measured++,
    cpuCount: 4,
    ...other,
  };
  return { all, measured: () => measured };
}

const PATH = `/state/${ARRIBA_FILE}`;

test('arribaOf() measures for all processors, keeps it, and does not measure again', async () => {
  const files = new Map<string, string>();
  const { all, measured } = parts(files);
  deepEqual(await arribaOf('/state', all), { arriba: 4_000, warnings: [] });
  equal(files.get(PATH), 'forehand-1 4000\n');
  deepEqual(await arribaOf('/state', all), { arriba: 4_000, warnings: [] });
  equal(measured(), 1);
});

test('arribaOf() without a directory measures every time', async () => {
  const { all, measured } = parts(new Map());
  await arribaOf(null, all);
  await arribaOf(null, all);
  equal(measured(), 2);
});

test("arribaOf() does not take another loop's figure, nor nonsense", async () => {
  for (const text of ['584423\n', 'forehand-0 123\n', 'forehand-1 0\n', 'forehand-1 12', '']) {
    const files = new Map([[PATH, text]]);
    equal((await arribaOf('/state', parts(files).all)).arriba, 4_000, text);
    equal(files.get(PATH), 'forehand-1 4000\n');
  }
});

test('arribaOf() warns, and goes on, when the file cannot be read or written', async () => {
  const { all } = parts(new Map(), { read: failing('EACCES'), write: failing('EROFS') });
  const { arriba, warnings } = await arribaOf('/state', all);
  equal(arriba, 4_000);
  equal(warnings.length, 2);
  match(warnings[0]!, /cannot read \/state\/mod_backhand-Arriba \(EACCES\); measuring/);
  match(warnings[1]!, /cannot write \/state\/mod_backhand-Arriba \(EROFS\)/);
});

test('arribaOf() warns, and is 0, when it cannot measure', async () => {
  const { all } = parts(new Map(), { measure: failing('ERR_WORKER_OUT_OF_MEMORY') });
  const { arriba, warnings } = await arribaOf(null, all);
  equal(arriba, 0);
  match(warnings[0]!, /cannot measure \(ERR_WORKER_OUT_OF_MEMORY\)/);
});
