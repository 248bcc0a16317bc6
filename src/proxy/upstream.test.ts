/** Idle connections: the newest first, and none that is dead. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from './backend.ts';
import { Upstream } from './upstream.ts';

const ADDRESS = { kind: 'ip', host: '192.0.2.1', port: 80 } as const;

type Facts = { readonly open?: boolean; readonly quiet?: boolean };

/** What the pool looks at, and no more. */
function backend({ open = true, quiet = true }: Facts = {}, destroyed: string[] = []): Backend {
  const connection = { open, quiet, destroy: () => destroyed.push('destroyed') };
  return { connection } as unknown as Backend;
}

function upstream(...backends: readonly Backend[]): Upstream {
  const facts = { slot: 1, name: 'web1', idleMax: 3, isApplication: false };
  const made = new Upstream(ADDRESS, facts);
  for (const one of backends) made.give(one);
  return made;
}

test('take() gives the newest when there are several', () => {
  const [first, second] = [backend(), backend()];
  const pool = upstream(first, second);
  deepEqual([pool.take(false), pool.take(false), pool.take(false)], [second, first, null]);
});

test('take() passes over what is closed when it is still in the pool', () => {
  const good = backend();
  equal(upstream(good, backend({ open: false })).take(false), good);
});

test('take() drops what is not quiet when the request may be sent only once', () => {
  const destroyed: string[] = [];
  const good = backend();
  const pool = upstream(good, backend({ quiet: false }, destroyed));
  equal(pool.take(true), good);
  deepEqual(destroyed, ['destroyed']);
});

test('take() asks nothing of the kernel when the request may be sent again', () => {
  const loud = backend({ quiet: false });
  equal(upstream(backend(), loud).take(false), loud);
});

test('give() refuses when there are enough', () => {
  const pool = upstream(backend(), backend(), backend());
  equal(pool.give(backend()), false);
});

test('clear() closes all when the node is gone', () => {
  const destroyed: string[] = [];
  const pool = upstream(backend({}, destroyed), backend({}, destroyed));
  pool.clear();
  equal(destroyed.length, 2);
  equal(pool.take(false), null);
});
