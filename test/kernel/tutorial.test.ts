/**
 * The labs of the tutorial print what it shows. The rest of it is in test/e2e/tutorial.test.ts.
 */
import { ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { blocksOf, isShown, tutorial } from '../tutorial-blocks.ts';

const ROOT = join(import.meta.dirname, '../..');
const labs = blocksOf(tutorial('en')).filter(({ kind }) => kind === 'sh lab');

for (const { line, command, printed } of labs) {
  test(`docs/tutorial/en.md:${line} prints what is shown`, { timeout: 240_000 }, async () => {
    const { stdout } = await promisify(execFile)('bash', ['-ec', command], { cwd: ROOT });
    ok(isShown(stdout, printed ?? ''), stdout);
  });
}
