/**
 * Every test with the whole demo and a real browser: `npm run test:e2e`.
 *
 * One file after the other, since each starts the demo and measures what the machine's two
 * processors let it. The last line is for whoever reads only that.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const files = globSync(join(import.meta.dirname, '*.test.ts')).toSorted();
let passed = 0;
let failed = 0;
let skipped = 0;

const execArgv = ['--disable-warning=ExperimentalWarning'];
const tests = run({ files, concurrency: 1, execArgv });
tests.on('test:pass', ({ skip }) => {
  if (skip === undefined) passed++;
  else skipped++;
});
tests.on('test:fail', () => failed++);
tests.compose(new spec()).pipe(process.stdout, { end: false });
tests.on('end', () => {
  const left = skipped === 0 ? '' : `, ${skipped} skipped`;
  process.stdout.write(`${passed} passed, ${failed} failed${left}\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
