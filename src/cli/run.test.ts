/** `forehand run` as a process: what its signals do. */
import { deepEqual, match } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const directory = mkdtempSync(join(tmpdir(), 'forehand-run-'));
after(() => rmSync(directory, { recursive: true }));

const config = join(directory, 'httpd.conf');
writeFileSync(config, 'ServerName web1\nForehandWorkers 1\nForehandReactor uv\n');

/** Any port: nobody connects. */
const args = ['--disable-warning=ExperimentalWarning', 'bin/forehand.ts', 'run', config];
const options = ['--listen', '127.0.0.1:0'];

/** Resolves with all that was said once a line of it matches. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk;
      if (pattern.test(text)) resolve(text);
    });
    child.once('exit', () => reject(new Error(`ended: ${text}`)));
  });
}

test('run goes on after SIGHUP and says that a restart is needed; SIGTERM ends it with 0', async () => {
  const child = spawn(process.execPath, [...args, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  after(() => child.kill('SIGKILL'));
  await said(child, /serves at/);
  const hint = said(child, /SIGHUP.*\n/);
  child.kill('SIGHUP');
  match(await hint, /SIGHUP: a changed configuration needs a restart; going on\n$/);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  deepEqual(await exit, [0, null]);
});
