import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PLAIN } from '../config/diagnostic.ts';
import { nodesOf, servesOf, sharedOf } from './init-text.ts';
import { runProgram } from './program.ts';

test('nodesOf() takes addresses with and without names', () => {
  deepEqual(nodesOf(' a=10.0.0.1, 10.0.0.2\n'), {
    value: [
      { name: 'a', address: '10.0.0.1' },
      { name: 'www2', address: '10.0.0.2' },
    ],
  });
});

const refused = [
  [() => nodesOf(''), /at least one/],
  [() => nodesOf('10.0.0.256'), /"10\.0\.0\.256" is no IPv4/],
  [() => nodesOf('a=10.0.0.1 a=10.0.0.2'), /same name/],
  [() => nodesOf('10.0.0.1 10.0.0.1'), /same address/],
  [() => nodesOf('1x=10.0.0.1'), /cannot be the name/],
  [() => servesOf('www'), /neither http/],
  [() => servesOf('http://a/b'), /neither http/],
  [() => sharedOf('10.0.0.1', [{ name: 'a', address: '10.0.0.1' }]), /machine's own/],
  [() => sharedOf('10.0.0.9 10.0.0.9/24', []), /stands twice/],
  [() => sharedOf('10.0.0.9/99', []), /not of the form/],
] as const;

test('answers that make no sense are refused with what is wrong', () => {
  for (const [read, why] of refused) {
    const got = read();
    match('error' in got ? got.error : 'accepted', why);
  }
});

const parent = mkdtempSync(join(tmpdir(), 'forehand-init-'));
after(() => rmSync(parent, { recursive: true }));
/** Made by the first `init`, as a beginner has none yet. */
const directory = join(parent, 'new');

async function init(...words: string[]) {
  let [out, error] = ['', ''];
  const exitCode = await runProgram(['init', '--directory', directory, ...words], {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    paint: PLAIN,
    paintError: PLAIN,
  });
  return { out, error, exitCode };
}

const GOOD = ['--nodes', '10.1.0.1 10.2.0.2', '--serves', '/var/www', '--shared', '10.1.0.9/24'];

test('init writes what check accepts, and a secret that nobody else reads', async () => {
  const { out, error, exitCode } = await init(...GOOD);
  equal(error, '');
  equal(exitCode, 0);
  match(out, /What to do next/);
  equal(statSync(join(directory, 'secret')).mode & 0o777, 0o600);
  // They are in two networks: no broadcast reaches both.
  const text = readFileSync(join(directory, 'forehand.config.ts'), 'utf8');
  match(text, /to: \['10\.1\.0\.1:4445', '10\.2\.0\.2:4445'\]/);
});

test('init writes nothing over', async () => {
  writeFileSync(join(directory, 'secret'), 'mine');
  const { error, exitCode } = await init(...GOOD);
  equal(exitCode, 1);
  match(error, /is there already/);
  equal(readFileSync(join(directory, 'secret'), 'utf8'), 'mine');
});

test('init says what is wrong with an answer, and writes nothing', async () => {
  rmSync(join(directory, 'secret'));
  rmSync(join(directory, 'forehand.config.ts'));
  const { error, exitCode } = await init('--nodes', 'x', '--serves', '/w', '--shared', '');
  equal(exitCode, 1);
  match(error, /no IPv4 address/);
});
