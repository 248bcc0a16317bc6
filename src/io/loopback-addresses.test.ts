import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressPort } from './address-port.ts';
import { loopbackAddresses } from './loopback-addresses.ts';

const address = (host: string) => ({ interface: 'lo', address: host, prefixLength: 8 });

function rig() {
  const held: string[] = [];
  const links: string[] = [];
  const open = loopbackAddresses((all) => held.push(all.join(' ')));
  const handler = {
    onLost() {},
    onLink: (link: { interface: string; up: boolean }) =>
      links.push(`${link.interface} ${link.up}`),
    onClaim() {},
    onProblem() {},
  };
  return { port: open({ interfaces: ['lo'] }, handler) as AddressPort, held, links };
}

test('loopbackAddresses() tells all that are held, whenever that changes', () => {
  const { port, held } = rig();
  equal(port.hold(address('127.0.1.1'), 3_000), null);
  equal(port.hold(address('127.0.1.2'), 3_000), null);
  port.hold(address('127.0.1.1'), 3_000);
  deepEqual(port.ours(), [address('127.0.1.1'), address('127.0.1.2')]);
  equal(port.release(address('127.0.1.1')), null);
  port.release(address('127.0.1.1'));
  port.close();
  deepEqual(held, ['127.0.1.1', '127.0.1.1 127.0.1.2', '127.0.1.2', '']);
});

test('loopbackAddresses() says that its links are up, and that nobody is there to be told', async () => {
  const { port, links } = rig();
  await Promise.resolve();
  deepEqual(links, ['lo true']);
  deepEqual(port.links(), [{ interface: 'lo', mac: '', up: true }]);
  equal(port.announce(address('127.0.1.1')), null);
  deepEqual(port.neighbours(), []);
});
