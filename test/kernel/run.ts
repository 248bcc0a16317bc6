/**
 * Runs the tests on machines made of network namespaces, one file after another.
 *
 *     npm run test:kernel                    all of them
 *     npm run test:kernel -- faults          those whose file name contains it
 *     npm run test:kernel -- --sweep         only remove what a killed run has left
 *
 * The last line is `N passed, N failed`. Where the kernel or the user does not allow namespaces, it
 * says so in one line and fails nothing.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { sweep, unavailable } from '../../src/lab/room.ts';

const selected = process.argv.slice(2);
const reason = unavailable();

if (reason !== null) {
  console.log(`test/kernel: skipped: ${reason}`);
  console.log('0 passed, 0 failed');
} else if (selected.includes('--sweep')) sweep();
else await runTests();

async function runTests(): Promise<void> {
  sweep();
  const files = globSync('*.test.ts', { cwd: import.meta.dirname })
    .filter((name) => selected.length === 0 || selected.some((part) => name.includes(part)))
    .map((name) => join(import.meta.dirname, name))
    .toSorted();
  const counts = { passed: 0, failed: 0 };
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stopping.abort());
  }
  const { signal } = stopping;
  // One at a time: a cluster alone keeps two processors busy while it starts.
  const tests = run({ files, concurrency: false, execArgv: process.execArgv, signal });
  tests.on('test:summary', ({ file, success, counts: { tests: count, passed, skipped } }) => {
    if (file !== undefined) return;
    // What was cancelled has failed; so has a suite whose clean-up did, with all its tests well.
    const failed = count - passed - skipped;
    Object.assign(counts, { passed, failed: success ? failed : Math.max(1, failed) });
  });
  const printed = tests.compose(spec);
  printed.pipe(process.stdout);
  await new Promise((resolve) => printed.once('end', resolve));
  const failed = files.length === 0 ? 1 : counts.failed;
  console.log(`${counts.passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
