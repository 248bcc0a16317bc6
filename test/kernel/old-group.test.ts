/**
 * Nodes as members of an old group, over Spread daemons of their own: real kernels, real sessions,
 * and wackatrl's twin on the control socket.
 */
import { equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Pool } from './pool.ts';

const NETWORK = '10.41.0';
const ADDRESSES = [101, 102, 103, 104].map((last) => `${NETWORK}.${last}`);
const WACKATRL = join(import.meta.dirname, '../wackatrl/wackatrl.py');

/** As it stood on the machine; its daemon is the other node's. */
const OLD_FILE = `Spread = 24803@${NETWORK}.11
SpreadRetryInterval = 1s
Group = wack1
Mature = 1s
Balance { AcquisitionsPerRound = 1  Interval = 1s }
Prefer none
Notify { arp-cache }
VirtualInterfaces { ${ADDRESSES.map((address) => `eth0:${address}/24`).join(' ')} }
`;

function makePool(directory: string, options: { readonly oldFile: boolean }): Pool {
  const names = ['n1', 'n2'];
  const addressOf = (index: number): string => `${NETWORK}.${11 + index}`;
  const own = names.map((name, index) => `${name}: { address: '${addressOf(index)}' }`);
  const machines = names.map((name, index) => {
    const file = join(directory, `${name}.config.ts`);
    // One /tmp for all machines of this room, so each daemon has a port of its own.
    const port = 24_803 + 10 * index;
    if (index === 1 && options.oldFile) {
      const old = join(directory, 'wackamole.conf');
      writeFileSync(old, OLD_FILE);
      const args = ['--compatibility', 'wackamole', '--node', name];
      return [name, { plugs: { lan: addressOf(index) }, run: [old], arguments: args }] as const;
    }
    writeFileSync(
      file,
      `import { defineCluster } from 'forehand';
export default defineCluster({
  listen: [],
  nodes: { ${own.join(', ')} },
  control: '${join(directory, `${name}.it`)}',
  spread: {
    serve: true, port: 24804, accept: ['localhost', '${NETWORK}.0/24'],
    listen: ['127.0.0.1:${port}', '${addressOf(index)}:${port}'],
  },
  addresses: {
    pool: [${ADDRESSES.map((address) => `'eth0 ${address}/24'`).join(', ')}],
    compatibility: 'wackamole',
    mature: '1s',
    balance: { rate: 1, interval: '500ms' },
    notify: 'arp-cache',
    group: {
      name: 'wack1', secret: 'of the old group',
      engine: { spread: '${port}@127.0.0.1', retry: '200ms' },
    },
  },
});
`,
    );
    return [name, { plugs: { lan: addressOf(index) }, run: [file] }] as const;
  });
  return new Pool({
    addresses: ADDRESSES,
    definition: {
      networks: { lan: `${NETWORK}.0/24` },
      machines: { ...Object.fromEntries(machines), visitor: { plugs: { lan: `${NETWORK}.1` } } },
    },
  });
}

test('two members of an old group hold, balance, hand over and obey wackatrl', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-old-group-'));
  const pool = makePool(directory, { oldFile: false });
  const wackatrl = (number: number, option: string): string => {
    const path = join(directory, `n${number}.it`);
    return pool.node(number).machine.exec('python3', WACKATRL, path, option);
  };
  try {
    await pool.start();
    match(pool.log, /a member of the old group "wack1" as 10\.41\.0\.11/);
    const told = wackatrl(1, '-l');
    equal(told.match(/^Owner: 10\.41\.0\.11$/gm)?.length, 2, told);
    equal(told.match(/^Owner: 10\.41\.0\.12$/gm)?.length, 2, told);
    equal(wackatrl(2, '-l'), told, 'all members say the same');

    ok(wackatrl(1, '-f').includes('not acquired'));
    await pool.follows(await pool.covered([pool.node(2)]));
    wackatrl(1, '-s');
    await pool.settles(pool.nodes);

    await pool.node(2).stop();
    await pool.follows(await pool.covered([pool.node(1)]));
    await pool.node(2).start();
    await pool.settles(pool.nodes);
    await pool.follows(await pool.covered(pool.nodes));
  } finally {
    pool.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a node runs by a wackamole.conf, over the daemon of another', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-old-file-'));
  const pool = makePool(directory, { oldFile: true });
  try {
    await pool.start();
    match(pool.log, /n2: .*a member of the old group "wack1" as 10\.41\.0\.12/);
    await pool.node(2).stop();
    await pool.covered([pool.node(1)]);
  } finally {
    pool.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
