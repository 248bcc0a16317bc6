/** `forehand run` as a process: what its signals do. */
import { deepEqual, match, ok } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

test('run loads its files again after SIGHUP; SIGTERM ends it with 0', async () => {
  const child = spawn(process.execPath, [...args, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  after(() => child.kill('SIGKILL'));
  await said(child, /serves at/);
  const hint = said(child, /nothing has changed\n/);
  child.kill('SIGHUP');
  match(await hint, /SIGHUP: .* reload: loaded, and nothing has changed\n$/s);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  deepEqual(await exit, [0, null]);
});

test('run --log-format json says every line as JSON; SIGUSR1 opens the access log anew', async () => {
  const log = join(directory, 'access.log');
  const logging = join(directory, 'logging.conf');
  writeFileSync(logging, `ServerName web1\nForehandWorkers 1\nCustomLog ${log} json\n`);
  const words = [...args.slice(0, -1), logging, '--listen', '127.0.0.1:0', '--log-format', 'json'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  after(() => child.kill('SIGKILL'));
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  await said(child, /serves at/);
  renameSync(log, `${log}.1`);
  // Sent again until it has come: a signal says nothing of when it was dealt with.
  while (!existsSync(log)) {
    child.kill('SIGUSR1');
    await new Promise((resolve) => setImmediate(resolve));
  }
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  deepEqual(await exit, [0, null]);
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
  ok(kinds.includes('started') && kinds.includes('stopping'), text);
  ok(!/[Dd]ebugger/.test(text), 'no debugger listens');
});
