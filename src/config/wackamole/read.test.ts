/** wackamole.conf: each statement of the manual page, and how a file is recognised. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AddressesConfig } from '../../core/cluster/config.ts';
import { loadConfiguration } from '../load.ts';
import { memoryEnvironment } from '../memory.fixture.ts';
import { isComplaint } from '../values.ts';
import { looksLikeWackamole } from './keywords.ts';
import { readIpAddr, readTime } from './values.ts';

const POOL = 'VirtualInterfaces { eth0:10.0.0.1/24 eth0:10.0.0.2/24 eth0:10.0.1.1/24 }\n';

async function addressesOf(text: string): Promise<AddressesConfig> {
  const files = { '/wackamole.conf': POOL + text, '/group.secret': 'hush\n' };
  const { config, diagnostics } = await loadConfiguration(
    ['/wackamole.conf'],
    memoryEnvironment(files),
  );
  ok(config?.addresses, JSON.stringify(diagnostics));
  return config.addresses;
}

const spread = (daemon: string, retryMs: number) => {
  return { kind: 'spread', daemon, user: null, retryMs, otherwise: 'ring' };
};

test('readWackamole() gives what each statement of the manual page says', async () => {
  const cases: readonly (readonly [string, (config: AddressesConfig) => unknown, unknown])[] = [
    ['', ({ matureMs }) => matureMs, 5_000],
    ['', ({ balance }) => balance, { rate: 1, intervalMs: 4_000, enabled: true }],
    ['', ({ arpCacheMs }) => arpCacheMs, 60_000],
    ['', ({ group }) => [group.name, group.port, group.secrets], ['wack1', 4803, []]],
    ['', ({ prefer, notify }) => [prefer, notify], [[], []]],
    ['Spread = 4804', ({ group }) => group.port, 4804],
    ['Spread = 4804@10.0.0.9', ({ group }) => group.port, 4804],
    ['', ({ group }) => group.engine, spread('4803', 5_000)],
    ['Spread = 4804', ({ group }) => group.engine, spread('4804', 5_000)],
    [
      'Spread = 4804@wack.example\nSpreadRetryInterval = 2s',
      ({ group }) => group.engine,
      spread('4804@wack.example', 2_000),
    ],
    ['Group = one\nGroup = two', ({ group }) => group.name, 'two'],
    ['SecretFile = group.secret', ({ group }) => group.secrets, ['hush']],
    ['MATURE = 2M', ({ matureMs }) => matureMs, 120_000],
    ['Mature = 0s', ({ matureMs }) => matureMs, 0],
    ['Arp-Cache = 1h', ({ arpCacheMs }) => arpCacheMs, 3_600_000],
    ['Balance { Interval = 9s }', ({ balance }) => [balance.rate, balance.intervalMs], [1, 9_000]],
    ['Balance { AcquisitionsPerRound = all }', ({ balance }) => balance.rate, 'all'],
    ['Balance { acquisitionsperround = 3 }', ({ balance }) => balance.rate, 3],
    ['Prefer none', ({ prefer }) => prefer, []],
    ['Prefer eth0:10.0.0.2/32', ({ prefer }) => prefer, ['10.0.0.2']],
    ['Prefer 10.0.0.2', ({ prefer }) => prefer, ['10.0.0.2']],
    [
      'Prefer { eth0:10.0.1.1/32 eth0:10.0.0.1/32 }',
      ({ prefer }) => prefer,
      ['10.0.0.1', '10.0.1.1'],
    ],
    ['Prefer { eth0:10.0.0.0/24 }', ({ prefer }) => prefer, ['10.0.0.1', '10.0.0.2']],
    ['Notify none', ({ notify }) => notify, []],
    ['Notify arp-cache', ({ notify }) => notify, [{ kind: 'arp-cache', ping: false }]],
    [
      'Notify { eth0:10.0.0.0/24 throttle 16 ping\n arp-cache ping }',
      ({ notify }) => notify,
      [
        {
          kind: 'network',
          interface: 'eth0',
          address: '10.0.0.0',
          prefixLength: 24,
          throttle: 16,
          ping: true,
        },
        { kind: 'arp-cache', ping: true },
      ],
    ],
    ['VIPs { { eth1:10.0.2.1/24 eth2:10.0.2.2/16 } }', ({ pool }) => pool.length, 4],
    [
      'VIFs { { eth1:10.0.2.1/24 eth2:10.0.2.2/16 } }',
      ({ pool }) => pool[3],
      {
        name: '10.0.2.1',
        addresses: [
          { interface: 'eth1', address: '10.0.2.1', prefixLength: 24, notifyPrefixLength: 24 },
          { interface: 'eth2', address: '10.0.2.2', prefixLength: 16, notifyPrefixLength: 24 },
        ],
      },
    ],
  ];
  for (const [text, pick, expected] of cases) {
    deepEqual(pick(await addressesOf(text)), expected, text);
  }
});

test('readIpAddr() takes interface, address, length and NET', () => {
  const at = (name: string, address: string, prefixLength: number, notifyPrefixLength: number) => {
    return { value: { interface: name, address, prefixLength, notifyPrefixLength } };
  };
  deepEqual(readIpAddr('eth0:10.0.0.1/8'), at('eth0', '10.0.0.1', 8, 24));
  deepEqual(readIpAddr('bond0.7:10.0.0.1/32n16'), at('bond0.7', '10.0.0.1', 32, 16));
  deepEqual(readIpAddr('10.0.0.1/32'), at('', '10.0.0.1', 32, 24));
  deepEqual(readIpAddr('eth0:[FD00:0::1]/64'), at('eth0', 'fd00::1', 64, 64));
  for (const text of ['', 'eth0', 'eth0:', '10.0.0.1', 'eth0:10.0.0/24', 'eth0:1:10.0.0.1/24']) {
    ok(isComplaint(readIpAddr(text)), text);
  }
  for (const text of ['10.0.0.010/24', '10.0.0.1/33', '10.0.0.1/24n33', '[10.0.0.1]/24', '[]/1']) {
    ok(isComplaint(readIpAddr(text)), text);
  }
});

test('readTime() wants a unit and multiplies by it', () => {
  deepEqual(readTime('5s'), { value: 5_000 });
  deepEqual(readTime('2M'), { value: 120_000 });
  deepEqual(readTime('1h'), { value: 3_600_000 });
  for (const text of ['5', 's', '5ms', '5 s', '-5s', '1.5s', '99999h']) {
    ok(isComplaint(readTime(text)), text);
  }
});

test('looksLikeWackamole() goes by the name, then by the first word', () => {
  const cases: readonly (readonly [string, string | null, boolean])[] = [
    ['/etc/wackamole.conf', null, true],
    ['/etc/images.wackamole.conf', '', true],
    ['/etc/wackamole/httpd.conf', 'Listen 80', false],
    ['/etc/vips.conf', '# pool\nSpread = 4803\n', true],
    ['/etc/vips.conf', 'vips { eth0:10.0.0.1/24 }', true],
    ['/etc/vips.conf', 'Group = wack1', true],
    ['/etc/httpd.conf', 'Group nogroup', false],
    ['/etc/httpd.conf', 'ServerName x', false],
    ['/etc/httpd.conf', '', false],
    ['/etc/missing.conf', null, false],
  ];
  for (const [file, source, expected] of cases) {
    equal(looksLikeWackamole(file, source), expected, `${file}: ${source}`);
  }
});

test('loadConfiguration() joins httpd.conf and wackamole.conf, in either order', async () => {
  const files = {
    '/httpd.conf': 'Listen 8080\nForehandSecretFile /group.secret\n',
    '/wackamole.conf': `${POOL}Control = /run/wack.it\n`,
    '/group.secret': 'hush',
  };
  for (const order of [
    ['/httpd.conf', '/wackamole.conf'],
    ['/wackamole.conf', '/httpd.conf'],
  ]) {
    const { config } = await loadConfiguration(order, memoryEnvironment(files));
    equal(config?.listen[0]?.port, 8080);
    equal(config?.control, '/run/wack.it');
    // One secret is enough for a site.
    deepEqual(config?.addresses?.group.secrets, ['hush']);
  }
  const alone = await loadConfiguration(['/wackamole.conf'], memoryEnvironment(files));
  deepEqual(alone.config?.listen, [], 'no proxy');
});

test("loadConfiguration() reads the article's files without an error", async () => {
  for (const name of ['images', 'site-director']) {
    const path = `test/fixtures/article/${name}.wackamole.conf`;
    const environment = memoryEnvironment({ [path]: readFileSync(path, 'utf8') });
    const { config } = await loadConfiguration([path], environment);
    equal(config?.addresses?.pool.length, 4);
    equal(config?.addresses?.arpCacheMs, 90_000);
    deepEqual(config?.addresses?.balance, { rate: 'all', intervalMs: 4_000, enabled: true });
  }
});
