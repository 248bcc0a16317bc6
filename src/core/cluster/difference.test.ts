/** What a reload says for each kind of change, and what it leaves to a restart. */
import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressGroup } from '../address/pool.ts';
import { byLoad } from '../candidacy/by-load.ts';
import { candidacy } from '../candidacy/own.ts';
import {
  type AddressesConfig,
  type ClusterConfig,
  DEFAULT_LIMITS,
  type GroupConfig,
  type SpreadConfig,
  type Zone,
} from './config.ts';
import { applicable, differences, fingerprint } from './difference.ts';

function group(name: string, device = 'eth0'): AddressGroup {
  const address = { interface: device, address: name, prefixLength: 24, notifyPrefixLength: 24 };
  return { name, addresses: [address] };
}

const RING: GroupConfig = {
  engine: { kind: 'ring' },
  name: 'site',
  port: 4_803,
  profile: 'lan',
  peers: ['10.0.0.1'],
  multicast: null,
  host: null,
  secrets: ['old'],
};

const ADDRESSES: AddressesConfig = {
  pool: [group('10.0.0.101'), group('10.0.0.102')],
  matureMs: 5_000,
  balance: { rate: 1, intervalMs: 4_000, enabled: true },
  prefer: [],
  weight: 1,
  policy: { kind: 'serve' },
  group: RING,
  notify: [],
  compatibility: null,
  arpCacheMs: 60_000,
  refreshMs: 60_000,
  validMs: 3_000,
  hooks: { up: [{ kind: 'command', command: '/up', args: ['a'] }], down: [] },
};

const SHOP: Zone = {
  name: '<Location /shop>',
  scopes: [{ kind: 'location', match: { kind: 'prefix', path: '/shop' } }],
  chain: [byLoad()],
  handler: null,
  selfRedirect: null,
};

const CONFIG: ClusterConfig = {
  nodeName: 'web1',
  listen: [{ host: '127.0.0.1', port: 8_080 }],
  contact: { host: null, port: null },
  announce: {
    destinations: [{ host: '10.0.0.255', port: 4_445, ttl: 1 }],
    intervalMs: 1_000,
    secret: 'old',
  },
  accept: [{ address: '10.0.0.0', prefixLength: 24 }],
  loadFrom: null,
  stateDirectory: null,
  zones: [SHOP, { ...SHOP, name: 'the server', scopes: [] }],
  application: { kind: 'tcp', host: '127.0.0.1', port: 3_000 },
  capacity: 0,
  documentRoot: null,
  directoryIndex: ['index.html'],
  onEmpty: 'unavailable',
  connectionPools: true,
  workers: 2,
  reactor: 'auto',
  limits: DEFAULT_LIMITS,
  addresses: ADDRESSES,
  accessLog: null,
  record: true,
  control: null,
  spread: null,
};

const SPREAD: SpreadConfig = {
  listen: [{ host: '127.0.0.1', port: 4_803 }],
  path: '/tmp/4803',
  access: [{ kind: 'unix' }],
  user: null,
  messagesMax: 1_000,
  group: { name: 'x', port: 4_804, profile: 'lan', host: null, peers: [], secrets: ['secret'] },
};

function zones(...list: readonly Partial<Zone>[]): Partial<ClusterConfig> {
  return { zones: list.map((zone) => ({ ...SHOP, ...zone })) };
}

function pool(changed: Partial<AddressesConfig>): Partial<ClusterConfig> {
  return { addresses: { ...ADDRESSES, ...changed } };
}

function ring(changed: Partial<GroupConfig>): Partial<ClusterConfig> {
  return pool({ group: { ...RING, ...changed } });
}

const server = CONFIG.zones[1]!;
const RESTART = ': needs a restart';

const changes: readonly (readonly [Partial<ClusterConfig>, readonly string[]])[] = [
  [{}, []],
  [{ spread: SPREAD }, [`spread none -> 127.0.0.1:4803${RESTART}`]],
  [
    {
      listen: [
        { host: null, port: 8_081 },
        { host: '::1', port: 80 },
      ],
    },
    ['listen 127.0.0.1:8080 removed', 'listen *:8081 added', 'listen [::1]:80 added'],
  ],
  [
    { contact: { host: '10.0.0.7', port: null } },
    ['contact by address:by port -> 10.0.0.7:by port'],
  ],
  [
    { announce: { ...CONFIG.announce, destinations: [], secret: 'new' } },
    ['announce to 10.0.0.255:4445 removed', 'secret of the announcements changed'],
  ],
  [{ accept: [] }, ['accept 10.0.0.0/24 removed']],
  [zones({}), ['zone the server removed']],
  [zones({}, server, { name: 'x' }, { name: 'x' }), ['zone x added', 'zone x (2) added']],
  [zones(server, SHOP), ['zones: order changed']],
  [zones({ chain: [byLoad(2)] }, server), ['zone <Location /shop>: chain changed']],
  [zones({ chain: [] }, server), ['zone <Location /shop>: chain changed']],
  [
    zones({ scopes: [], handler: 'status', selfRedirect: true }, server),
    [
      'zone <Location /shop>: scope changed',
      'zone <Location /shop>: handler none -> status',
      'zone <Location /shop>: self redirect none -> true',
    ],
  ],
  [{ application: null }, ['application http://127.0.0.1:3000 -> none']],
  [{ application: { kind: 'unix', path: '/a' } }, ['application http://127.0.0.1:3000 -> unix:/a']],
  [{ onEmpty: 'local', capacity: 5 }, ['capacity 0 -> 5', 'on empty unavailable -> local']],
  [
    { limits: { ...DEFAULT_LIMITS, headTimeoutMs: 5_000 } },
    [`limit headTimeoutMs ${DEFAULT_LIMITS.headTimeoutMs} -> 5000`],
  ],
  [
    { accessLog: { path: '/log', format: 'json' }, record: false },
    ['access log none -> /log (json)', 'record true -> false'],
  ],
  [{ control: '/run/x.sock' }, ['control none -> /run/x.sock']],
  [
    { workers: 4, reactor: 'uv', onEmpty: 'local' },
    ['on empty unavailable -> local', `workers 2 -> 4${RESTART}`, `reactor auto -> uv${RESTART}`],
  ],
  [{ nodeName: 'web2' }, [`node name web1 -> web2${RESTART}`]],
  [{ listen: [] }, [`listen 127.0.0.1:8080 removed${RESTART}`]],
  [{ addresses: null }, [`addresses: this node leaves the pool${RESTART}`]],
  [
    pool({ pool: [group('10.0.0.102'), group('10.0.0.103')] }),
    ['addresses: group 10.0.0.101 removed', 'addresses: group 10.0.0.103 added'],
  ],
  [pool({ pool: ADDRESSES.pool.toReversed() }), ['addresses: order of the groups changed']],
  [
    pool({ pool: [...ADDRESSES.pool, group('10.0.0.103', 'eth1')] }),
    [`addresses: group 10.0.0.103 added${RESTART}`],
  ],
  [
    pool({
      policy: { kind: 'quorum', nodes: 3, marginMs: 200 },
      weight: 2,
      prefer: ['10.0.0.101'],
    }),
    [
      'addresses: policy serve -> quorum of 3 after 200 ms',
      'addresses: preference for 10.0.0.101 added',
      'addresses: weight 1 -> 2',
    ],
  ],
  [
    pool({ balance: { rate: 1, intervalMs: 4_000, enabled: false }, validMs: 5_000 }),
    ['addresses: balance 1 each 4000 ms -> off', 'addresses: valid, ms 3000 -> 5000'],
  ],
  [
    pool({ hooks: { up: [], down: [{ kind: 'call', call: () => 1 }] } }),
    ['addresses: hook up changed', 'addresses: hook down changed'],
  ],
  [
    ring({ secrets: ['old', 'new'], peers: ['10.0.0.2'] }),
    [
      'addresses: peer 10.0.0.1 removed',
      'addresses: peer 10.0.0.2 added',
      'addresses: secrets of the ring changed',
    ],
  ],
  [ring({ port: 4_804 }), [`addresses: port of the ring 4803 -> 4804${RESTART}`]],
  [
    ring({ peers: ['fd00::1'] }),
    [`addresses: peer 10.0.0.1 removed${RESTART}`, `addresses: peer fd00::1 added${RESTART}`],
  ],
];

for (const [changed, lines] of changes) {
  test(`differences() says ${lines.join('; ') || 'nothing'}`, () => {
    const wanted = { ...CONFIG, ...changed };
    deepEqual(
      differences(CONFIG, wanted).map(({ text }) => text),
      lines,
    );
    const kept = applicable(CONFIG, wanted);
    const rest = lines.filter((line) => line.endsWith(RESTART));
    equal(differences(CONFIG, kept).length, lines.length - rest.length);
    deepEqual(
      differences(kept, wanted).map(({ text }) => text),
      rest,
    );
  });
}

test('applicable() keeps the pool of an old group, and whether it is one', () => {
  const group = (address: string) => ({
    name: address,
    addresses: [{ interface: 'eth0', address, prefixLength: 24, notifyPrefixLength: 24 }],
  });
  const other = [...ADDRESSES.pool, group('10.0.0.250')];
  const running = { ...CONFIG, ...pool({ compatibility: 'wackamole' }) };
  const wanted = { ...CONFIG, ...pool({ compatibility: null, pool: other, matureMs: 1 }) };
  const kept = applicable(running, wanted).addresses;
  deepEqual(kept?.pool, ADDRESSES.pool);
  equal(kept?.compatibility, 'wackamole');
  equal(kept?.matureMs, 1);
});

test('differences() tells functions of the user by name and text, not by identity', () => {
  const made = (count: number) => [candidacy('own', (servers) => servers.slice(0, count))];
  const before = { ...CONFIG, ...zones({ chain: made(1) }) };
  deepEqual(differences(before, { ...CONFIG, ...zones({ chain: made(2) }) }), []);
  const other = zones({ chain: [candidacy('own', (servers) => servers.toReversed())] });
  equal(differences(before, { ...CONFIG, ...other }).length, 1);
});

test('fingerprint() is the same for what another thread has loaded, and for nothing else', () => {
  const again = { ...CONFIG, ...zones({ chain: [byLoad()] }, server) };
  equal(fingerprint(again), fingerprint(CONFIG));
  for (const [changed, lines] of changes.slice(1)) {
    notEqual(fingerprint({ ...CONFIG, ...changed }), fingerprint(CONFIG), lines.join());
  }
});
