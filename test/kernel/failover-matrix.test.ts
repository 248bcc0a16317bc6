/**
 * Every switch of the lab, with 2, 3, 5 and 8 nodes: each address is held once, as a visitor sees
 * it, and his kernel sends to who holds it.
 *
 * What a newcomer gets wrong: while a fault lasts, cover is asked of those who can be expected to
 * hold; after it, of all, and evenly.
 */
import { deepEqual, equal } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { LabMachine } from '../../src/lab/lab.ts';
import { Pool } from './pool.ts';

const NETWORK = '10.30.0';

/** What happens to the victim, who may hold while it lasts, and how it ends. */
type Fault = {
  readonly name: string;
  readonly nodesMin?: number;
  readonly begin: (victim: LabMachine, pool: Pool) => Promise<void> | void;
  readonly end: (victim: LabMachine, pool: Pool) => Promise<void> | void;
  /** `others`: the victim must hold nothing. */
  readonly holders: 'others' | 'any';
};

const nothing = (): void => undefined;

const FAULTS: readonly Fault[] = [
  {
    name: 'power off',
    begin: (victim) => victim.off(),
    end: (victim) => victim.switchOn(),
    holders: 'others',
  },
  {
    name: 'cable out',
    begin: ({ machine }) => machine.unplug(),
    end: ({ machine }) => machine.plug(),
    holders: 'others',
  },
  {
    name: 'kill -9, and the guard starts another',
    begin: (victim) => victim.kill(),
    end: nothing,
    holders: 'any',
  },
  {
    name: 'daemon frozen',
    begin: (victim) => victim.freezeDaemon(true),
    end: (victim) => victim.freezeDaemon(false),
    holders: 'others',
  },
  {
    name: 'machine frozen, guard and all',
    begin: ({ machine }) => machine.freeze(),
    end: ({ machine }) => machine.thaw(),
    holders: 'others',
  },
  {
    name: 'stopped by its operator',
    begin: (victim) => victim.stop(),
    end: (victim) => victim.start(),
    holders: 'others',
  },
  {
    name: 'apart from the others and the visitor',
    begin: (victim, pool) => pool.lab.divide([victim], [...others(victim, pool), pool.visitor]),
    end: (_, pool) => pool.lab.heal(),
    holders: 'others',
  },
  {
    name: 'not heard by another node, which it hears',
    nodesMin: 3,
    begin: (victim, pool) => pool.lab.deafen(victim, others(victim, pool)[0]!),
    end: (_, pool) => pool.lab.heal(),
    holders: 'any',
  },
  {
    name: 'apart from one other node only',
    nodesMin: 3,
    begin: (victim, pool) => pool.lab.divide([victim], [others(victim, pool)[0]!]),
    end: (_, pool) => pool.lab.heal(),
    holders: 'any',
  },
  {
    name: 'addresses flushed by a foreign tool',
    begin: (victim) => victim.flush(),
    end: nothing,
    holders: 'any',
  },
  {
    name: 'clock an hour ahead, and a day behind',
    begin: (victim) => victim.clock(3_600_000),
    end: (victim) => victim.clock(-86_400_000),
    holders: 'any',
  },
];

for (const nodes of [2, 3, 5, 8]) {
  describe(`${nodes} nodes and a pool of ${nodes + 1}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'forehand-matrix-'));
    let pool: Pool;
    before(async () => {
      pool = makePool(nodes, directory);
      await pool.start();
    });
    after(() => {
      pool?.close();
      rmSync(directory, { recursive: true, force: true });
    });

    FAULTS.filter(({ nodesMin = 2 }) => nodes >= nodesMin).forEach((fault, index) => {
      test(`${fault.name}: every address is held once, and found`, async () => {
        const victim = pool.nodes[index % nodes]!;
        const held = pool.census();
        await fault.begin(victim, pool);
        const by = fault.holders === 'others' ? others(victim, pool) : pool.nodes;
        await pool.follows(await pool.covered(by));
        await fault.end(victim, pool);
        await pool.settles(pool.nodes);
        await pool.follows(await pool.covered(pool.nodes));
        if (fault.name.startsWith('clock') || fault.name.startsWith('addresses flushed')) {
          deepEqual(pool.census(), held, 'nothing has moved');
        }
      });
    });

    test('nobody has ended that nobody has ended', () => {
      const ended = pool.log.match(/another one in .*|ended: .*/g) ?? [];
      equal(ended.length, 1, `the kill -9 and no other: ${ended.join('; ')}`);
    });
  });
}

function others(victim: LabMachine, pool: Pool): LabMachine[] {
  return pool.nodes.filter((node) => node !== victim);
}

function makePool(nodes: number, directory: string): Pool {
  const file = join(directory, 'forehand.config.ts');
  const names = Array.from({ length: nodes }, (_, index) => `n${index + 1}`);
  const addresses = Array.from({ length: nodes + 1 }, (_, index) => `${NETWORK}.${101 + index}`);
  const addressOf = (index: number): string => `${NETWORK}.${11 + index}`;
  const own = names.map((name, index) => `${name}: { address: '${addressOf(index)}' }`);
  writeFileSync(
    file,
    `import { defineCluster } from 'forehand';
export default defineCluster({
  listen: [],
  nodes: { ${own.join(', ')} },
  addresses: {
    pool: [${addresses.map((address) => `'eth0 ${address}/24'`).join(', ')}],
    mature: '1s',
    balance: { interval: '500ms' },
    group: { secret: 'of the matrix' },
  },
});
`,
  );
  const machines = names.map((name, index) => {
    return [name, { plugs: { lan: addressOf(index) }, run: [file] }] as const;
  });
  return new Pool({
    addresses,
    definition: {
      networks: { lan: `${NETWORK}.0/24` },
      machines: {
        ...Object.fromEntries(machines),
        visitor: { plugs: { lan: `${NETWORK}.1` } },
      },
    },
  });
}
