/** A socket's path is taken from the dead, and from nobody and nothing else. */
import { equal } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clearSocketPath } from './socket-path.ts';

const NO_SOCKET = 'something else than a socket is there';

/** Ends without removing what it has made. */
const LEAVE_BEHIND = `
  require('node:net').createServer().listen({ path: process.argv[1] }, () => process.kill(process.pid, 9));
`;

test('clearSocketPath() removes what a dead process has left, and nothing else', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-socket-'));
  const at = (name: string): string => join(directory, name);
  try {
    try {
      execFileSync(process.execPath, ['-e', LEAVE_BEHIND, at('dead')], { timeout: 10_000 });
    } catch {
      // It kills itself.
    }
    equal(existsSync(at('dead')), true);
    writeFileSync(at('file'), 'dear to somebody');
    mkdirSync(at('directory'));
    symlinkSync(at('file'), at('link'));
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen({ path: at('alive') }, resolve));
    const table: [name: string, problem: string | null, stays: boolean][] = [
      ['nothing', null, false],
      ['dead', null, false],
      ['alive', 'another process answers there', true],
      ['file', NO_SOCKET, true],
      ['directory', NO_SOCKET, true],
      ['link', NO_SOCKET, true],
    ];
    for (const [name, problem, stays] of table) {
      equal(await clearSocketPath(at(name)), problem, name);
      equal(existsSync(at(name)), stays, name);
    }
    await new Promise((resolve) => server.close(resolve));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
