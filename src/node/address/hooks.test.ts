import { deepEqual, match } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Hook, HookChange } from '../../core/cluster/config.ts';
import { Hooks } from './hooks.ts';

const change = (event: 'up' | 'down', group = '10.0.0.5'): HookChange => ({
  event,
  group,
  addresses: [
    { interface: 'eth0', address: group, prefixLength: 24 },
    { interface: 'eth1', address: 'fd00::5', prefixLength: 64 },
  ],
  cause: 'web2 is gone',
});

const shell = (script: string): Hook => ({ kind: 'command', command: 'sh', args: ['-c', script] });

async function ran(hooks: { up?: Hook[]; down?: Hook[] }, changes: readonly HookChange[]) {
  const logged: string[] = [];
  const runner = new Hooks({ up: [], down: [], ...hooks }, { log: (text) => logged.push(text) });
  for (const one of changes) runner.run(one);
  await runner.settled();
  return logged;
}

test('Hooks give a command the change in its environment', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hooks-'));
  try {
    const file = join(directory, 'said');
    const say = shell(`env | grep ^FOREHAND_ | sort > ${file}`);
    deepEqual(await ran({ up: [say] }, [change('up')]), []);
    deepEqual(readFileSync(file, 'utf8').trim().split('\n'), [
      'FOREHAND_ADDRESSES=eth0 10.0.0.5/24,eth1 fd00::5/64',
      'FOREHAND_CAUSE=web2 is gone',
      'FOREHAND_EVENT=up',
      'FOREHAND_GROUP=10.0.0.5',
    ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('Hooks run one after the other in the order of the changes, each at its event only', async () => {
  const seen: string[] = [];
  const slow = async ({ event, group }: HookChange) => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${group} ${event}`);
  };
  const changes = [change('up', 'a'), change('down', 'a'), change('up', 'b')];
  const call: Hook = { kind: 'call', call: slow };
  await ran({ up: [call], down: [call] }, changes);
  deepEqual(seen, ['a up', 'a down', 'b up']);
  await ran({ down: [call] }, [change('up', 'c')]);
  deepEqual(seen.length, 3);
});

test('Hooks that fail are logged with what they said, and the next one runs', async () => {
  const seen: string[] = [];
  const up: Hook[] = [
    shell('echo no disk >&2; exit 3'),
    { kind: 'command', command: '/nonexistent/program', args: [] },
    shell('kill -9 $$'),
    {
      kind: 'call',
      call: () => {
        throw new Error('of the user');
      },
    },
    { kind: 'call', call: () => seen.push('last') },
  ];
  const logged = await ran({ up }, [change('up')]);
  deepEqual(seen, ['last']);
  deepEqual(logged.slice(0, 3), [
    'hook for 10.0.0.5 up: sh ended with code 3: no disk',
    'hook for 10.0.0.5 up: /nonexistent/program could not be run (ENOENT)',
    'hook for 10.0.0.5 up: sh ended by SIGKILL',
  ]);
  match(logged[3] ?? '', /Error: of the user/);
});

test('Hooks that cannot keep up are left out, and that is said', async () => {
  const up: Hook[] = [{ kind: 'call', call: () => undefined }];
  const logged = await ran(
    { up },
    Array.from({ length: 258 }, () => change('up')),
  );
  deepEqual(logged, Array(2).fill('hook for 10.0.0.5 up left out: too many are waiting'));
});
