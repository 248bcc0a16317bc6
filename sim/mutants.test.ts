import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MUTANTS } from './all-mutants.ts';

const root = join(import.meta.dirname, '..');

test('mutants: each of them takes out what is there, once, and is noticed by what is there', () => {
  const outdated = MUTANTS.flatMap(({ name, patches, simulation }) => {
    const missing = existsSync(join(root, simulation)) ? [] : [`${name}: no ${simulation}`];
    const stale = patches
      .filter(({ file, from }) => readFileSync(join(root, file), 'utf8').split(from).length !== 2)
      .map(({ file }) => `${name}: see ${file}`);
    return [...missing, ...stale];
  });
  deepEqual(outdated, []);
});

test('mutants: each has a name of its own, and changes something', () => {
  equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  for (const { patches } of MUTANTS) equal(patches.length > 0, true);
  const idle = MUTANTS.filter(({ patches }) => patches.some(({ from, to }) => from === to));
  deepEqual(idle, []);
});
