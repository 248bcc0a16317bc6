/** A program ends with its launcher, even when that is killed. */
import { equal } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';

const root = new URL('..', import.meta.url);

/** Says when it is ready, and when it is told to end; it ends by itself, should all else fail. */
const PROGRAM = 'scripts/leash.fixture.ts';

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`launch.mjs takes its program along with SIGTERM when it ends by ${signal}`, async () => {
    const launcher = spawn('node', ['scripts/launch.mjs', PROGRAM], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    after(() => launcher.kill('SIGKILL'));
    let text = '';
    launcher.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text === 'ready\n') launcher.kill(signal);
    });
    // The program holds the other end of the pipe, so this is when both are gone.
    await once(launcher.stdout, 'close');
    equal(text, 'ready\nSIGTERM\n');
  });
}
