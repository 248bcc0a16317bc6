/**
 * The article's image servers on Corosync (examples/corosync): four real daemons of each kind.
 *
 * What a newcomer gets wrong: a Corosync that ends takes its node out of the group, and nothing
 * else: the node goes on alone, and by `serve` takes only what nobody answers for.
 */
import { match, ok } from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabMachine } from '../../src/lab/lab.ts';
import { corosyncMissing } from './corosync-missing.ts';
import { eventually } from './eventually.ts';
import { Pool } from './pool.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/corosync');
const ADDRESSES = [200, 201, 202, 203].map((last) => `192.168.100.${last}`);

const images = (address: string) => ({
  plugs: { lan: address },
  run: [`${EXAMPLE}/forehand.config.ts`],
  programs: [['sh', `${EXAMPLE}/start-corosync.sh`]],
});

const definition = {
  networks: { lan: '192.168.100.0/24' },
  machines: {
    images1: images('192.168.100.183'),
    images2: images('192.168.100.184'),
    images3: images('192.168.100.185'),
    images4: images('192.168.100.186'),
    visitor: { plugs: { lan: '192.168.100.1' } },
  },
};

/** `mature` by default, and the time it takes to ask. */
const MATURE_MS = 6_000;

/** The Corosync in the same network as the machine's daemon. */
function corosyncOf(machine: LabMachine): number {
  const network = readlinkSync(`/proc/${machine.nodePid}/ns/net`);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      return name === 'corosync' && readlinkSync(`/proc/${pid}/ns/net`) === network;
    } catch {
      return false;
    }
  });
  ok(found !== undefined, `no Corosync runs on ${machine.name}`);
  return Number(found);
}

describe('images on Corosync', { skip: corosyncMissing }, () => {
  let pool: Pool;
  before(async () => {
    pool = new Pool({ definition, addresses: ADDRESSES });
    await pool.start();
  });
  after(() => pool?.close());

  test('status names the engine', () => {
    match(pool.node(1).ask('status'), /^engine: Corosync, connected as 1:\d+/m);
  });

  for (const order of [
    [1, 2, 3],
    [4, 3, 2],
  ]) {
    test(`all four addresses answer while ${order.join(', ')} are switched off, and on`, async () => {
      const left = new Set(pool.nodes);
      for (const number of order) {
        pool.node(number).off();
        left.delete(pool.node(number));
        await pool.covered([...left]);
      }
      for (const number of order) {
        await pool.node(number).switchOn();
        left.add(pool.node(number));
      }
      await pool.settles(pool.nodes);
    });
  }

  test('a daemon killed is followed at once; its Corosync runs on', async () => {
    pool.node(2).kill();
    await pool.covered([pool.node(1), pool.node(3), pool.node(4)]);
    await pool.settles(pool.nodes);
  });

  test('a node without its Corosync lets go, and takes nothing that others have', async () => {
    const [lost, ...others] = pool.nodes;
    process.kill(corosyncOf(lost!), 'SIGKILL');
    await pool.covered(others);
    match(lost!.ask('status'), /^engine: Corosync, not connected: Corosync/m);
    // Longer than it takes to mature: it asks who has each address, and is answered. Where the
    // whole machine stood still meanwhile all have let go, and it may be the first to ask.
    await delay(MATURE_MS);
    await pool.covered(pool.nodes);
  });

  test('a Corosync that stands still is as good as none', async () => {
    const [, frozen, ...others] = pool.nodes;
    const pid = corosyncOf(frozen!);
    process.kill(pid, 'SIGSTOP');
    await pool.covered(others);
    process.kill(pid, 'SIGCONT');
    await pool.settles([frozen!, ...others]);
    match(frozen!.ask('status'), /^engine: Corosync, connected as .*, reconnected [1-9]/m);
  });

  test('machines that are cut off cover all on each side, and one side when it is over', async () => {
    const [, two, three, four] = pool.nodes;
    pool.lab.divide([two!], [three!, four!]);
    await eventually('two views', () => {
      match(two!.ask('status'), /^addresses: view .*\n/m);
      ok(!/^ {2}images3/m.test(two!.ask('status')), 'images2 goes on without images3');
    });
    pool.lab.heal();
    await pool.settles([two!, three!, four!]);
  });
});
