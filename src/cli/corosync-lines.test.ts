import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESS_DEFAULTS } from '../config/address-pool.ts';
import type { AddressesConfig } from '../core/cluster/config.ts';
import { corosyncLines } from './corosync-lines.ts';

function linesOf(text: string | null, kind: 'corosync' | 'ring' = 'corosync'): string[] {
  const { port, profile } = ADDRESS_DEFAULTS;
  const config = {
    group: {
      engine: { kind },
      ...{ name: 'g', port, profile, host: null, multicast: null, secrets: [] },
      peers: ['10.0.0.1', '10.0.0.2'],
    },
  } as unknown as AddressesConfig;
  const readFile = (): string => {
    if (text === null) throw Object.assign(new Error('none'), { code: 'ENOENT' });
    return text;
  };
  return corosyncLines(config, 'web1', { readFile, addresses: ['10.0.0.1'] }).map(
    ([, line]) => line,
  );
}

const node = (name: string, address: string) =>
  `nodelist {\n node {\n name: ${name}\n ring0_addr: ${address}\n }\n}\n`;

test('corosyncLines() says how long a fail-over takes, and where the two files differ', () => {
  const budget =
    'machine without power or network: at most 2250 ms (token 1000, consensus 1200, view 50)';
  const totem = 'totem {\n token: 1000\n}\n';
  const path = '/etc/corosync/corosync.conf';
  deepEqual(linesOf(totem + node('web1', '10.0.0.1') + node('web2', '10.0.0.2')), [budget]);
  deepEqual(linesOf(totem + node('other', '10.0.0.1')), [
    budget,
    `${path} has no node at 10.0.0.2, which shares the pool`,
    `${path} calls this machine other, not web1`,
  ]);
  deepEqual(linesOf(null), [`cannot read ${path}: there is no such file`]);
  deepEqual(linesOf(totem, 'ring'), []);
});
