import { equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { lockPool, whoLocks } from './pool-lock.ts';

const card = `test${process.pid}`;
const skip = process.platform === 'linux' ? false : 'abstract sockets are a thing of Linux';

test('lockPool() gives an interface to one holder of each kind, until released', {
  skip,
}, async () => {
  const guard = await lockPool('guard', ['other', card]);
  ok('release' in guard);
  const second = await lockPool('guard', [card]);
  ok('taken' in second);
  equal(
    second.taken,
    `a guard of forehand runs on this machine already, with addresses on ${card}`,
  );
  equal(await whoLocks('node', [card]), null);
  const node = await lockPool('node', [card]);
  ok('release' in node, 'asking had kept nothing');
  equal(typeof (await whoLocks('node', [card])), 'string');
  guard.release();
  node.release();
  await new Promise((resolve) => setImmediate(resolve));
  equal(await whoLocks('guard', [card]), null);
});

test('lockPool() is undone by the end of the process that holds it', { skip }, async () => {
  const script = `
    const { lockPool } = await import('${new URL('./pool-lock.ts', import.meta.url)}');
    const lock = await lockPool('node', ['${card}']);
    process.stdout.write(JSON.stringify(Object.keys(lock)));
    process.kill(process.pid, 'SIGKILL');
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  equal(stdout.toString(), '["release"]');
  equal(await whoLocks('node', [card]), null);
});
