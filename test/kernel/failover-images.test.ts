/**
 * The article's images.wackamole.conf, as it is, on four machines: any three of them may be off.
 */
import { deepEqual, equal, match } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pool } from './pool.ts';
import { article } from './station.ts';

const ADDRESSES = [200, 201, 202, 203].map((last) => `192.168.100.${last}`);
const run = [article('images.wackamole.conf')];

const definition = {
  networks: { lan: '192.168.100.0/24' },
  machines: {
    images1: { plugs: { lan: '192.168.100.11' }, run },
    images2: { plugs: { lan: '192.168.100.12' }, run },
    images3: { plugs: { lan: '192.168.100.13' }, run },
    images4: { plugs: { lan: '192.168.100.14' }, run },
    visitor: { plugs: { lan: '192.168.100.1' } },
  },
};

/** Orders in which three of four are switched off, so that each is the last one once. */
const ORDERS = [
  [1, 2, 3],
  [4, 3, 2],
  [2, 4, 1],
  [3, 1, 4],
] as const;

describe('images.wackamole.conf on four machines', () => {
  let pool: Pool;
  before(async () => {
    pool = new Pool({ definition, addresses: ADDRESSES });
    await pool.start();
  });
  after(() => pool?.close());

  for (const order of ORDERS) {
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
        await pool.covered([...left]);
      }
      await pool.settles(pool.nodes);
    });
  }

  test('status says who holds what, and why each other node does not', () => {
    const text = pool.node(1).ask('status');
    for (const address of ADDRESSES) match(text, new RegExp(`^${address}  images[1-4]`, 'm'));
    equal([...text.matchAll(/^ {4}not images[1-4]: holds 1 already/gm)].length, 12);
    const { addresses } = JSON.parse(pool.node(2).ask('status', '--json'));
    const owners = addresses.keeper.groups.map(({ owner }: { owner: string }) => owner);
    deepEqual(owners.toSorted(), ['images1', 'images2', 'images3', 'images4']);
  });

  test('drain gives all away and says so; undrain takes part again', async () => {
    match(pool.node(3).ask('drain'), /^images3 is taken out$/m);
    match(pool.node(3).ask('status'), /images3 \(this node\): not fit, holds 0: draining/);
    const others = pool.nodes.filter((node) => node !== pool.node(3));
    await pool.covered(others);
    pool.node(3).ask('undrain');
    await pool.settles(pool.nodes);
  });
});
