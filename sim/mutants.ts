/**
 * Is the simulation worth its name? Each rule that keeps the cluster safe is taken out of a copy of
 * the source, and some seed must notice. A mutant that survives means a judge or a fault is
 * missing.
 *
 *     node sim/mutants.ts              all of them, some minutes
 *     node sim/mutants.ts horizon      those whose name holds this: `cluster`, `engine`, `spread`
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS } from './all-mutants.ts';

export type Patch = {
  readonly file: string;
  /** Found once in the file, or the mutant is out of date (mutants.test.ts). */
  readonly from: string;
  readonly to: string;
};

export type Mutant = {
  /** The rule that is broken. */
  readonly name: string;
  /** One, unless the rule is held in two places. */
  readonly patches: readonly Patch[];
  /** Run with a first seed and a count; it ends with 1 when a seed fails. Or a file of tests. */
  readonly simulation: string;
};

const SEEDS = 300;
const root = join(import.meta.dirname, '..');

/** @returns the line that tells which seed or test noticed, or null */
async function hunt(mutant: Mutant, seeds: number): Promise<string | null> {
  const copy = mkdtempSync(join(tmpdir(), 'forehand-mutant-'));
  try {
    for (const part of ['package.json', 'src', 'sim']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    for (const { file, from, to } of mutant.patches) {
      const path = join(copy, file);
      const parts = readFileSync(path, 'utf8').split(from);
      if (parts.length !== 2) throw new Error(`"${mutant.name}" is out of date: see ${file}`);
      writeFileSync(path, parts.join(to));
    }
    return await search(copy, mutant.simulation, seeds);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function search(copy: string, simulation: string, seeds: number): Promise<string | null> {
  const args = ['--disable-warning=ExperimentalWarning', simulation, '1', String(seeds)];
  const child = spawn(process.execPath, args, {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 600_000,
    env: { ...process.env, FIRST: '1' },
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const noticed = said.split('\n').find((line) => /^(seed|✖) /.test(line));
      resolve(code === 0 ? null : (noticed ?? `it ended with ${code}`));
    });
  });
}

const [word = ''] = process.argv.slice(2);
const waiting = MUTANTS.filter(({ name }) => name.includes(word));
let [passed, failed] = [0, 0];

async function work(): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const caught = await hunt(mutant, SEEDS);
    if (caught === null) failed++;
    else passed++;
    console.log(`${caught === null ? 'SURVIVES' : 'caught  '} ${mutant.name}: ${caught ?? ''}`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
