/**
 * The tutorial is true: its commands are run here, and print what it shows.
 *
 * Run in a directory that looks like the clone, so that what the commands write is not left in it.
 * Ports are exchanged for free ones, since others may be following the tutorial on this computer.
 */
import { deepEqual, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type Block, blocksOf, isShown, tutorial } from '../tutorial-blocks.ts';

const ROOT = join(import.meta.dirname, '../..');
const MARK = '=== end of a block ===\n';
/** The ports that the tutorial says. */
const PORTS = ['8090', '4490'];

const blocks = blocksOf(tutorial('en'));

test('the tutorial has commands of every kind', () => {
  const count = (kind: Block['kind']) => blocks.filter((block) => block.kind === kind).length;
  ok(count('sh') >= 12);
  ok(count('sh lab') >= 4);
  ok(blocks.every(({ kind, printed }) => kind !== 'sh lab' || printed !== null));
});

test('both languages of the tutorial have the same commands, outputs and headings', () => {
  const told = ({ kind, command, printed }: Block) => ({ kind, command, printed });
  deepEqual(blocksOf(tutorial('ru')).map(told), blocks.map(told));
  const levels = (language: 'en' | 'ru') => {
    const prose = tutorial(language).replace(/^```.*?^```/gms, '');
    return [...prose.matchAll(/^(#+) (\d+\.)?/gm)].map(([, level, number]) => [level, number]);
  };
  deepEqual(levels('ru'), levels('en'));
});

test('the commands of the tutorial print what it shows', { timeout: 240_000 }, async () => {
  const run = blocks.filter(({ kind }) => kind === 'sh');
  const exchange = await freePorts();
  const script = run.map(({ command }) => `${command}printf '${MARK.replace('\n', '\\n')}'\n`);
  const outputs = (await shell(exchange(`set -e\nexec 2>&1\n${script.join('')}`))).split(MARK);
  for (const [index, { line, printed }] of run.entries()) {
    const output = outputs[index] ?? '';
    const where = `docs/tutorial/en.md:${line} printed\n${output}`;
    ok(index < outputs.length - 1, `the commands ended at ${where}`);
    if (printed !== null) ok(isShown(output, exchange(printed)), where);
  }
});

async function shell(script: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-tutorial-'));
  for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(directory, name));
  // Its own group, as it starts nodes: whatever happens, all of them are ended.
  const child = spawn('bash', ['-c', script], { cwd: directory, detached: true, stdio: 'pipe' });
  const ended = once(child, 'close');
  try {
    return await text(child.stdout);
  } finally {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // All have ended by themselves, as they should.
    }
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
}

async function freePorts(): Promise<(commands: string) => string> {
  const free = await Promise.all(PORTS.map(freePort));
  return (commands) => {
    return PORTS.reduce((changed, port, index) => changed.replaceAll(port, free[index]!), commands);
  };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? String(address.port) : '';
}
