/**
 * A pool that grows by one address while it is in use: the file is changed, and the nodes load it
 * one after the other. Nobody lets go of anything, and the proxy listens on the new address before
 * any node holds it.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from './eventually.ts';
import { Pool } from './pool.ts';
import { Visitor } from './visitor.ts';

const BEFORE = [101, 102, 103].map((last) => `10.66.0.${last}`);
const ADDED = '10.66.0.104';
const AFTER = [...BEFORE, ADDED];

const directory = mkdtempSync(join(tmpdir(), 'forehand-reload-'));
const file = join(directory, 'forehand.config.ts');

/** @param nonsense something that is wrong */
function write(addresses: readonly string[], nonsense = ''): void {
  const pool = addresses.map((address) => `'eth0 ${address}/24'`).join(', ');
  const nodes = [1, 2, 3].map((number) => {
    const own = `10.66.0.${10 + number}:80`;
    const listen = [own, ...addresses.map((address) => `${address}:80`)];
    return `web${number}: { address: '${own}', listen: ${JSON.stringify(listen)} }`;
  });
  writeFileSync(
    file,
    `import { defineCluster } from 'forehand';
export default defineCluster({
  nodes: { ${nodes.join(', ')} },
  workers: 1,
  announce: { secret: 'of the test' },
  documentRoot: '${directory}',
  zones: [{ location: '/backhand', handler: 'status' }],
  addresses: { pool: [${pool}], mature: '1s' },${nonsense}
});\n`,
  );
}

const machine = (number: number) => ({
  plugs: { lan: `10.66.0.${10 + number}` },
  run: [file],
});

const definition = {
  networks: { lan: '10.66.0.0/24' },
  machines: {
    web1: machine(1),
    web2: machine(2),
    web3: machine(3),
    visitor: { plugs: { lan: '10.66.0.1' } },
  },
};

describe('a pool that grows by a reload', () => {
  let pool: Pool;
  before(async () => {
    write(BEFORE);
    pool = new Pool({ definition, addresses: BEFORE });
    await pool.start();
  });
  after(() => {
    pool?.close();
    rmSync(directory, { recursive: true });
  });

  /** The node that serves there, as the visitor sees it. */
  function served(address: string): string {
    const url = `http://${address}/backhand/status.json`;
    const script = `fetch('${url}').then((r) => r.json()).then((s) => console.log(s.node.name))`;
    return pool.visitor.machine.exec(process.execPath, '-e', script).trim();
  }

  /** What came up or went since, as the nodes say. */
  function changes(from: number): string[] {
    const found = pool.log.slice(from).matchAll(/(\S+) is (up|down) here/g);
    return [...found].map(([, group, event]) => `${group} ${event}`);
  }

  test('each address is served by the node that holds it, though all listen on all', () => {
    for (const [address, holders] of pool.census()) deepEqual([served(address)], holders);
  });

  test('a file that is wrong changes nothing and says why', async () => {
    write(AFTER, ' nonsense: 1,');
    const from = pool.log.length;
    let refusal = '';
    try {
      pool.node(1).ask('reload');
    } catch (error) {
      refusal = String((error as { stderr?: unknown }).stderr ?? error);
    }
    match(refusal, /unknown key "nonsense"(?:.|\n)*nothing was changed/);
    await eventually('the log says it, too', () => {
      match(pool.log.slice(from), /CONFIG_UNKNOWN_KEY/);
    });
  });

  test('one node after the other loads it, and none lets go of what it holds', async () => {
    const census = pool.census();
    write(AFTER);
    const from = pool.log.length;
    const answers = pool.nodes.map((node, index) => {
      const answer = node.ask('reload');
      const status = pool.node(1).ask('status');
      const waits = /waits for (.*) to load it/.exec(status)?.[1] ?? null;
      equal(waits, ['web2, web3', 'web3', null][index]);
      return answer;
    });
    for (const answer of answers) {
      match(answer, /^listen 10\.66\.0\.104:80 added$/m);
      match(answer, /^addresses: group 10\.66\.0\.104 added$/m);
    }
    const covered = await eventually('the new address is held', () => {
      const now = pool.census(AFTER);
      equal(now.get(ADDED)?.length, 1);
      return now;
    });
    deepEqual([...covered].slice(0, 3), [...census]);
    equal(served(ADDED), covered.get(ADDED)![0]);
    await eventually('the log says it, too', () => deepEqual(changes(from), [`${ADDED} up`]));
    const said = pool.log.slice(from);
    ok(!/released|orphan|config-differs/.test(said), said);
  });

  test('a group that is taken away is let go, and no other', async () => {
    const census = pool.census();
    write(BEFORE);
    const from = pool.log.length;
    for (const node of pool.nodes) node.reload();
    await eventually('the address is nobody’s', () =>
      deepEqual(pool.census([ADDED]).get(ADDED), []),
    );
    deepEqual(pool.census(), census);
    await eventually('the log says it, too', () => deepEqual(changes(from), [`${ADDED} down`]));
  });

  test('SIGTERM: others hold its addresses, nobody who asks anew is refused, exit 0', async () => {
    const visitor = new Visitor(pool.visitor.machine);
    // It takes a moment to start, and must not miss the moment.
    await visitor.status(BEFORE[0]!);
    const failures: string[] = [];
    let asked = 0;
    let running = true;
    const asking = BEFORE.map(async (address) => {
      while (running) {
        asked++;
        const url = `http://${address}/backhand/status.json`;
        // A connection that is on its way when the address moves is reset by the new holder, which
        // knows nothing of it. Whoever asks anew then must be answered.
        const answer = await visitor.ask(url).catch(() => visitor.ask(url).catch(String));
        if (typeof answer === 'string') failures.push(answer);
        else if (answer.status !== 200) failures.push(`${url}: ${answer.status}`);
      }
    });
    const [first, ...others] = pool.nodes;
    const from = pool.log.length;
    await first!.stop();
    await pool.covered(others);
    running = false;
    await Promise.all(asking);
    deepEqual(failures, []);
    ok(asked > 30, `only ${asked} were asked`);
    await eventually('it ends well', () => match(pool.log.slice(from), /has ended \(code 0\)/));
  });
});
