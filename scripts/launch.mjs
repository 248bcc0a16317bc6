#!/usr/bin/env node
/**
 * Runs a program of this project under the Node it was written for, installing first if needed.
 *
 *     node scripts/launch.mjs bin/forehand.ts check httpd.conf
 *
 * Plain JavaScript for any Node from 20 on, because it is what a fresh clone runs before there is a
 * Node 26 to strip types. It installs when `node_modules` is missing or older than the lock file.
 * The program ends with its launcher, killed or not (leash.ts): who stops the one means the other.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodePath = join(root, 'node_modules', 'node', 'bin', 'node');
const installing = join(root, '.installing');

install();
const [program = '', ...rest] = process.argv.slice(2);
// FFI is marked experimental by Node 26; one decision record covers it, so no line per start.
const leash = pathToFileURL(join(root, 'scripts', 'leash.ts')).href;
const flags = ['--disable-warning=ExperimentalWarning', '--import', leash];
// What has been compiled once is not again, in any process or thread: a node serves in half the
// time. It lies in the installation, as whoever could change it there could change the code; not in
// node_modules, which npm could not empty of another user's files. Where it cannot be written, Node
// goes on without it (docs/decisions/0019).
const compiled = join(root, '.compiled');
const child = spawn(nodePath, [...flags, resolve(root, program), ...rest], {
  stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  env: { NODE_COMPILE_CACHE: compiled, ...process.env, FOREHAND_LEASH: '3' },
});

// The terminal sends SIGINT to the whole group already; what `kill` sends reaches only us.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
  process.on(signal, () => child.kill(signal));
}
child.on('error', (error) => fail(`cannot run ${nodePath}: ${error.message}`));
child.on('exit', (code, signal) => {
  process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0));
});

function install() {
  if (isInstalled()) return;
  // Two npm in one directory spoil it for each other.
  while (!isMine()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  process.once('exit', unlock);
  if (!isInstalled()) runNpm();
  process.removeListener('exit', unlock);
  unlock();
}

function isInstalled() {
  // npm writes this file last, so its age is the age of a finished installation.
  const done = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  return existsSync(nodePath) && existsSync(done) && isNewer(done, lock);
}

/** @returns whether this process is the one to install now; the file says who is */
function isMine() {
  try {
    writeFileSync(installing, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`cannot write ${installing}: ${error.message}`);
  }
  try {
    const pid = Number(readFileSync(installing, 'utf8'));
    // Empty for an instant: it has just been made.
    if (pid > 0) process.kill(pid, 0);
  } catch (error) {
    // Whoever it was has been killed.
    if (error.code === 'ESRCH') unlock();
  }
  return false;
}

function unlock() {
  rmSync(installing, { force: true });
}

function runNpm() {
  process.stderr.write('forehand: installing what it needs (npm ci), once ...\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(npm, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) fail('npm ci failed; its output is above');
  if (existsSync(nodePath)) return;
  // The package `node` fetches the binary for this platform in its install script, and only there.
  fail(
    `npm ci left no ${nodePath}, so install scripts are switched off; once with them:\n` +
      '  npm_config_ignore_scripts=false npm ci',
  );
}

function isNewer(path, other) {
  return statSync(path).mtimeMs >= statSync(other).mtimeMs;
}

function fail(message) {
  process.stderr.write(`forehand: ${message}\n`);
  process.exit(1);
}
