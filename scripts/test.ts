/**
 * `npm test`: types, format and lint, then every test that needs neither root nor a Debian package.
 *
 * The checks before the tests run beside them, since they share nothing. Arguments select test
 * files: `npm test -- src/core/http1/*.test.ts` runs only those, and no checks.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Unit tests stand beside their files; test/ holds what concerns several. */
const UNIT = ['{src,sim,demo,scripts}/**/*.test.ts', 'test/*.test.ts'];

/**
 * Tests of what has no life of its own (no sockets, timers or child processes) share one process:
 * they leave nothing there that the next could trip over, and a process costs more than most of
 * them do. All others have one for each file.
 */
const PURE = /^src\/(core|config|admin|lab)\//;

const bin = (path: string): string => join(root, 'node_modules', path);

type Check = { readonly name: string; readonly args: readonly string[] };

const checks: readonly Check[] = [
  { name: 'types', args: [bin('typescript/bin/tsc'), '--noEmit'] },
  { name: 'types of the page', args: [bin('typescript/bin/tsc'), '--noEmit', '-p', 'src/page'] },
  {
    name: 'format and lint',
    args: [bin('@biomejs/biome/bin/biome'), 'ci', '--colors=off', '--error-on-warnings'],
  },
];

const selected = process.argv.slice(2);
const files = UNIT.flatMap((glob) => globSync(glob, { cwd: root }));

function tests(name: string, args: readonly string[]): Check {
  const flags = ['--disable-warning=ExperimentalWarning', '--test', '--test-timeout=60000'];
  return { name, args: [...flags, ...args] };
}

// Node leaves one core to itself, which on a machine with two is half of it.
const concurrency = `--test-concurrency=${availableParallelism()}`;

const everything = (): readonly Check[] => [
  ...checks,
  tests('tests of what is pure', [
    '--test-isolation=none',
    ...files.filter((file) => PURE.test(file)),
  ]),
  tests('tests', [concurrency, ...files.filter((file) => !PURE.test(file))]),
];

const all = selected.length > 0 ? [tests('tests', [concurrency, ...selected])] : everything();
const results = await Promise.all(all.map(run));
process.exitCode = results.every((code) => code === 0) ? 0 : 1;

/** Output comes in one piece at the end, so that what runs side by side stays readable. */
function run({ name, args }: Check): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('close', (code) => {
      process.stdout.write(`\n=== ${name}: ${code === 0 ? 'ok' : `failed (${code})`}\n`);
      if (name.startsWith('tests') || code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}
