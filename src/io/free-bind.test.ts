/** Listening on an address that this machine does not have yet: one of the pool. */
import { equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { makeReactor } from './make-reactor.ts';

/** RFC 5737 and RFC 3849: for documentation, so on no machine. */
const FOREIGN = ['192.0.2.1', '2001:db8::1'];

for (const host of FOREIGN) {
  const address = { kind: 'ip', host, port: 0 } as const;
  const options = { address, backlog: 1, reusePort: true };

  test(`EpollReactor.listen() takes ${host} when it may come later`, async () => {
    const reactor = await makeReactor('epoll');
    const listener = await reactor.listen({ ...options, freeBind: true }, () => {});
    notEqual(typeof listener, 'string', String(listener));
    if (typeof listener !== 'string') notEqual(listener.port, 0);
    equal(await reactor.listen(options, () => {}), 'EADDRNOTAVAIL');
    reactor.stop();
  });

  test(`UvReactor.listen() cannot take ${host}, and says so`, async () => {
    const reactor = await makeReactor('uv');
    const listener = await reactor.listen({ ...options, freeBind: true }, () => {});
    equal(listener, 'EADDRNOTAVAIL');
    reactor.stop();
  });
}
