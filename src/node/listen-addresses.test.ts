/** What can be listened on, and in which words it cannot. */
import { equal, match } from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { AddressesConfig } from '../core/cluster/config.ts';
import { cannotListen, checkListen, isOfPool } from './listen-addresses.ts';

/** For documentation (RFC 5737), so on no machine. */
const OF_POOL = '192.0.2.1';
const addresses = {
  pool: [{ name: OF_POOL, addresses: [{ address: OF_POOL }, { address: '2001:db8::1' }] }],
} as unknown as AddressesConfig;

test('checkListen() leaves an address of the pool to the epoll reactor', async () => {
  const wanted = [{ host: OF_POOL, port: 80 }];
  equal(await checkListen(wanted, { addresses, reactor: 'auto' }), null);
  const problem = await checkListen(wanted, { addresses, reactor: 'uv' });
  match(problem ?? '', /192\.0\.2\.1:80: .* "uv" can listen only on what is there .* "epoll" can/);
});

test('checkListen() refuses an address of nobody, and a port that is taken', async () => {
  const config = { addresses: null, reactor: 'auto' } as const;
  const foreign = await checkListen([{ host: OF_POOL, port: 80 }], config);
  match(foreign ?? '', /this machine does not have that address/);
  await using server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  match((await checkListen([{ host: '127.0.0.1', port }], config)) ?? '', /another program has it/);
});

test('isOfPool() knows an address however it is written', () => {
  equal(isOfPool('2001:0db8:0:0::1', { addresses }), true);
  equal(isOfPool('192.0.2.2', { addresses }), false);
  equal(isOfPool(null, { addresses }), false);
  equal(isOfPool(OF_POOL, { addresses: null }), false);
});

test('cannotListen() says what an operator can do', () => {
  const port80 = { host: null, port: 80 };
  match(cannotListen(port80, 'EACCES', { addresses: null }), /\*:80: .*CAP_NET_BIND_SERVICE/);
});
