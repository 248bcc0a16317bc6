/**
 * What goes wrong between the nodes of a pool: same names, different pools, strangers, wrong keys,
 * partitions under each policy. Each is said on both sides, and stops nobody else.
 */
import { doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { Pool } from './pool.ts';

const NETWORK = '10.40.0';
const ADDRESSES = [101, 102, 103].map((last) => `${NETWORK}.${last}`);
const ALL = ADDRESSES.map((address) => `eth0 ${address}/24`);

let directory: string;
let pool: Pool | null = null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'forehand-trouble-'));
});
afterEach(() => {
  pool?.close();
  pool = null;
  absent = 0;
  rmSync(directory, { recursive: true, force: true });
});

type Settings = {
  readonly pool?: readonly (string | readonly string[])[];
  readonly secret?: string;
  readonly policy?: string;
  /** More keys of `addresses`, as text. */
  readonly more?: string;
  /** Arguments of the daemon. */
  readonly arguments?: readonly string[];
};

/** Configured on every node, and never there; more than fill a socket's send buffer. */
let absent = 0;

/** One entry for each node; the names are n1, n2, n3. */
function made(...settings: readonly Settings[]): Pool {
  const names = Array.from({ length: settings.length + absent }, (_, index) => `n${index + 1}`);
  const nodes = names.map((name, index) => `${name}: { address: '${NETWORK}.${11 + index}' }`);
  const machines = settings.map((own, index) => {
    const file = join(directory, `${names[index]}.config.ts`);
    const policy = own.policy === undefined ? '' : `policy: ${own.policy},`;
    writeFileSync(
      file,
      `import { defineCluster } from 'forehand';
export default defineCluster({
  listen: [],
  nodes: { ${nodes.join(', ')} },
  addresses: {
    pool: ${JSON.stringify(own.pool ?? ALL)},
    mature: '1s', balance: { interval: '500ms' }, ${policy} ${own.more ?? ''}
    group: { secret: '${own.secret ?? 'the same'}' },
  },
});
`,
    );
    const plugs = { lan: `${NETWORK}.${11 + index}` };
    return [names[index]!, { plugs, run: [file], arguments: own.arguments ?? [] }] as const;
  });
  pool = new Pool({
    addresses: ADDRESSES,
    definition: {
      networks: { lan: `${NETWORK}.0/24` },
      machines: { ...Object.fromEntries(machines), visitor: { plugs: { lan: `${NETWORK}.1` } } },
    },
  });
  return pool;
}

const said = (made: Pool, pattern: RegExp) =>
  eventually(`somebody says ${pattern}`, () => match(made.log, pattern));

test('a node with a different pool holds nothing, both sides name the difference, others go on', async () => {
  const three = made({}, {}, { pool: ALL.slice(0, 2) });
  await Promise.all(three.nodes.map((node) => node.start()));
  await three.settles([three.node(1), three.node(2)]);
  await said(three, /^n1: .*config-differs: n3 lacks 10\.40\.0\.103, which n1, n2 have/m);
  await said(three, /^n3: .*config-differs: n3 lacks 10\.40\.0\.103, which n1, n2 have/m);
  match(three.node(1).ask('status'), /n3: not fit, holds 0: config-differs/);
});

test('of two nodes with one name the later one stays out, both say so, and it joins when the other is gone', async () => {
  const three = made({}, {}, { arguments: ['--node', 'n1'] });
  await three.node(1).start();
  await three.node(2).start();
  await three.settles([three.node(1), three.node(2)]);
  await three.node(3).start();
  await said(three, /^n3: .*another n1 is in the group: we stay out/m);
  await said(three, /^n1: .*another n1, at 10\.40\.0\.13 4803, stays out/m);
  await three.settles([three.node(1), three.node(2)]);
  three.node(1).off();
  await three.settles([three.node(2), three.node(3)]);
});

test('a node with another key is heard by nobody, and it is counted', async () => {
  const two = made({}, {}, { secret: 'another' });
  await two.node(1).start();
  await two.node(2).start();
  await two.settles([two.node(1), two.node(2)]);
  await two.node(3).start();
  await eventually('refused datagrams are counted', () => {
    match(two.node(1).ask('status'), /datagrams refused: .*bad-signature [1-9]/);
  });
  ok(!two.node(1).ask('status').includes('n3'));
});

test('an address that a stranger has is not taken, and is when he has gone', async () => {
  const two = made({}, {});
  const { machine } = two.visitor;
  machine.exec('ip', 'address', 'add', `${ADDRESSES[1]}/24`, 'dev', 'eth0');
  await Promise.all(two.nodes.map((node) => node.start()));
  await said(two, /10\.40\.0\.102: in use by [0-9a-f:]{17}/);
  await eventually('the other addresses are held', () => {
    const census = two.census();
    equal(census.get(ADDRESSES[0]!)?.length, 1);
    equal(census.get(ADDRESSES[2]!)?.length, 1);
    equal(census.get(ADDRESSES[1]!)?.length, 0, 'the visitor does not answer itself');
  });
  await eventually('the status names him', () => {
    match(two.node(1).ask('status'), /10\.40\.0\.102 {2}nobody/);
  });
  machine.exec('ip', 'address', 'delete', `${ADDRESSES[1]}/24`, 'dev', 'eth0');
  await two.settles(two.nodes);
});

test('under quorum a minority is dark, and says with how many it is', async () => {
  const policy = "'quorum'";
  const three = made({ policy }, { policy }, { policy });
  await three.start();
  three.lab.divide([three.node(1)], [three.node(2), three.node(3)]);
  // The visitor hears both sides: nobody but the majority answers.
  await three.covered([three.node(2), three.node(3)]);
  match(three.node(1).ask('status'), /no-quorum \(1 of 3 nodes reachable\)/);
  three.lab.heal();
  await three.settles(three.nodes);
});

test('under gateway only who reaches it holds addresses', async () => {
  const policy = `{ gateway: '${NETWORK}.1' }`;
  const two = made({ policy }, { policy });
  await two.start();
  two.lab.deafen(two.visitor, two.node(1));
  await said(two, /^n1: .*gateway-unreachable/m);
  await eventually('n2 has all', () => {
    for (const address of two.addresses)
      match(two.node(2).ask('status'), new RegExp(`${address}  n2`));
  });
  two.lab.heal();
  await two.settles(two.nodes);
});

test('a group of IPv4 and IPv6 addresses moves whole, and hooks run', async () => {
  const file = join(directory, 'hooks');
  const hook = `['sh', '-c', 'echo "$(hostname) $FOREHAND_EVENT $FOREHAND_ADDRESSES" >> ${file}']`;
  const group = [['eth0 10.40.0.101/24', 'eth0 fd00:40::101/64']];
  const settings = { pool: group, more: `hooks: { up: ${hook}, down: ${hook} },` };
  const two = made(settings, settings);
  await Promise.all(two.nodes.map((node) => node.start()));
  const holder = await eventually('both are on one machine', () => {
    const found = two.nodes.filter(({ machine }) => {
      const text = machine.exec('ip', '-o', 'address', 'show', 'dev', 'eth0');
      equal(text.includes('10.40.0.101/'), text.includes('fd00:40::101/'));
      return text.includes('10.40.0.101/');
    });
    equal(found.length, 1);
    return found[0]!;
  });
  const other = two.nodes.find((node) => node !== holder)!;
  holder.off();
  await eventually('both are on the other one', () => {
    const text = other.machine.exec('ip', '-o', 'address', 'show', 'dev', 'eth0');
    match(text, /inet 10\.40\.0\.101\//);
    match(text, /inet6 fd00:40::101\//);
    ok(!/fd00:40::101.*(tentative|dadfailed)/.test(text), text);
  });
  await eventually('hooks have run', () => {
    const all = '10.40.0.101/24,eth0 fd00:40::101/64';
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    ok(lines.includes(`${holder.name} up eth0 ${all}`), lines.join('\n'));
    ok(lines.includes(`${other.name} up eth0 ${all}`), lines.join('\n'));
  });
});

test('two that were apart hear each other at once, though their kernels look only once a second', async () => {
  const two = made({}, {});
  await two.start();
  const [one, other] = two.nodes.map(({ machine }) => machine);
  // Nothing is heard of the other side for a while, and both kernels have begun to look for it.
  const tookMs: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    two.lab.divide([two.node(1)], [two.node(2)]);
    await sleep(400);
    for (const machine of [one!, other!]) machine.exec('ip', 'neigh', 'flush', 'dev', 'eth0');
    await sleep(250);
    const before = two.log.length;
    two.lab.heal();
    const fromMs = performance.now();
    await eventually('both hear each other', () => {
      const news = two.log.slice(before);
      match(news, /n2 is back/);
      match(news, /n1 is back/);
    });
    tookMs.push(performance.now() - fromMs);
  }
  // The kernels would have looked again after another 750 ms.
  ok(tookMs.toSorted((a, b) => a - b)[1]! < 500, `${tookMs}`);
});

test('nodes that are off, however many, part nobody who is there', async () => {
  absent = 10;
  const two = made({}, {});
  await two.start();
  // The kernel keeps for a second or more what is for a neighbour that does not answer.
  const before = two.log.length;
  await sleep(6_000);
  const news = two.log.slice(before);
  doesNotMatch(news, /is gone|EAGAIN/);
  await two.settles(two.nodes);
});
