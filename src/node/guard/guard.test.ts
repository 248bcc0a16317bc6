/**
 * The guard as a parent, without root and without addresses. What it is there for, addresses of
 * nodes that are killed and stopped, is in test/kernel/addresses-guard.test.ts.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, test } from 'node:test';

const FIXTURE = join(import.meta.dirname, 'guard.fixture.ts');
const skip = process.platform === 'linux' ? false : 'the guard is for Linux';

function start(mode: 'fail' | 'serve' | 'slow'): { process: ChildProcess; said: () => string } {
  const args = ['--disable-warning=ExperimentalWarning', FIXTURE, mode];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  return { process: child, said: () => said };
}

async function heard(program: ReturnType<typeof start>, text: string): Promise<void> {
  while (!program.said().includes(text)) await once(program.process.stdout!, 'data');
}

test('runGuarded() passes on the exit code of a start that failed, and tries no other', {
  skip,
}, async () => {
  const program = start('fail');
  deepEqual(await once(program.process, 'exit'), [3, null]);
  deepEqual(program.said(), '');
});

test('runGuarded() passes signals on, each once, and ends with what was told to stop', {
  skip,
}, async () => {
  const program = start('serve');
  await heard(program, 'serving guarded, leaves no mark\n');
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGINT'] as const) {
    program.process.kill(signal);
    await heard(program, `${signal}\n`);
  }
  program.process.kill('SIGTERM');
  deepEqual(await once(program.process, 'exit'), [0, null]);
  deepEqual(program.said().split('\n').slice(1), ['SIGHUP', 'SIGUSR1', 'SIGINT', 'SIGTERM', '']);
});

test('runGuarded() keeps signals that would end a node which does not listen for them yet', {
  skip,
}, async () => {
  const program = start('slow');
  await heard(program, 'starting\n');
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGHUP'] as const) program.process.kill(signal);
  await heard(program, 'SIGUSR1\n');
  await heard(program, 'SIGHUP\n');
  program.process.kill('SIGTERM');
  deepEqual(await once(program.process, 'exit'), [0, null]);
  equal(program.said().match(/SIGHUP/g)?.length, 1);
});

test('openGuardLink() is null for a program that nobody guards', async () => {
  const { openGuardLink } = await import('./guard-link.ts');
  ok(openGuardLink({ onSwept: () => {}, onGuardLost: () => {} }) === null);
});
