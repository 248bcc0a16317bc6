/** With which rights the process of our Spread daemon runs, started as root and as a service. */
import { equal, match } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const RIGHTS = join(import.meta.dirname, 'spread-rights.ts');
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning', RIGHTS];

async function statusWith(...before: string[]): Promise<ReadonlyMap<string, string>> {
  const [command = '', ...args] = [...before, ...NODE];
  const { stdout } = await promisify(execFile)(command, args, { timeout: 20_000 });
  return new Map(
    stdout.split('\n').map((line) => {
      const [key = '', value = ''] = line.split(':\t');
      return [key, value.trim()] as const;
    }),
  );
}

test('spread: started as root its daemon is somebody else, for good', async () => {
  const status = await statusWith();
  match(status.get('Uid') ?? '', /^(?!0\b)(\d+)\s\1\s\1\s\1$/);
  match(status.get('Gid') ?? '', /^(?!0\b)(\d+)\s\1\s\1\s\1$/);
  equal(Number(status.get('Groups')), Number(status.get('Gid')?.split('\t')[0]));
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
    equal(BigInt(`0x${status.get(set)}`), 0n, set);
  }
});

test('spread: of the rights of a service its daemon keeps the one to a priority', async () => {
  const caps = '+net_admin,+net_raw,+net_bind_service,+sys_nice';
  const status = await statusWith(
    'setpriv',
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    `--inh-caps=${caps}`,
    `--ambient-caps=${caps}`,
    '--no-new-privs',
  );
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
    equal(BigInt(`0x${status.get(set)}`), 1n << 23n, set);
  }
});
