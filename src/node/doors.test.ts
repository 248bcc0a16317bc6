import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterConfig } from '../core/cluster/config.ts';
import type { Address, Listener } from '../io/reactor.ts';
import type { Relay } from '../proxy/relay.ts';
import { Doors } from './doors.ts';

const config = { listen: [{ host: '127.0.0.1', port: 80 }] } as unknown as ClusterConfig;

/** A relay that only listens, and not where somebody else does. */
class Porter {
  readonly open = new Set<string>();
  readonly taken = new Set<string>();

  async listen(address: Address): Promise<Listener | string> {
    const name = JSON.stringify(address);
    for (const host of this.taken) if (name.includes(host)) return 'inUse';
    this.open.add(name);
    return { name } as unknown as Listener;
  }

  unlisten(listener: Listener): void {
    this.open.delete((listener as unknown as { name: string }).name);
  }
}

test('Doors.hold() listens at all addresses it can, and names those it cannot', async () => {
  const porter = new Porter();
  const doors = new Doors(porter as unknown as Relay);
  porter.taken.add('127.0.1.1');
  equal(
    await doors.hold(['127.0.1.1', '127.0.1.2'], config),
    'cannot listen at 127.0.1.1:80: inUse',
  );
  equal(porter.open.size, 1);
  porter.taken.clear();
  equal(await doors.hold(['127.0.1.1', '127.0.1.2'], config), null);
  equal(porter.open.size, 2);
  equal(await doors.hold([], config), null);
  deepEqual([...porter.open], []);
});
