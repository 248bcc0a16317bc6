/** The pool in a few lines; transcripts show whole answers, this what they do not reach. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESS_DEFAULTS } from '../config/address-pool.ts';
import { fenceMs } from '../core/address/budget.ts';
import type { AddressesConfig } from '../core/cluster/config.ts';
import { SILENCE_MS } from '../node/guard/guard-protocol.ts';
import { addressLines } from './summary-addresses.ts';

const { matureMs, balance, arpCacheMs, refreshMs, validMs, weight, port } = ADDRESS_DEFAULTS;

function config(more: Partial<AddressesConfig>): AddressesConfig {
  const names = Array.from({ length: 10 }, (_, i) => `10.0.0.${i + 1}`);
  return {
    pool: names.map((name) => ({
      name,
      addresses: [{ interface: 'eth0', address: name, prefixLength: 24, notifyPrefixLength: 24 }],
    })),
    ...{ matureMs, balance, arpCacheMs, refreshMs, validMs, weight, notify: [], prefer: [] },
    policy: { kind: 'serve' },
    group: {
      engine: { kind: 'ring' },
      name: 'g',
      port,
      profile: 'lan',
      peers: [],
      multicast: null,
      host: null,
      secrets: ['x'],
    },
    hooks: { up: [], down: [] },
    compatibility: null,
    ...more,
  };
}

test('addressLines() counts what is too much to list', () => {
  const lines = addressLines(config({})).map(([, text]) => text);
  equal(lines[7], 'eth0 10.0.0.8/24');
  equal(lines[8], '... and 2 more');
});

test('addressLines() says how the nodes behave', () => {
  const lines = addressLines(
    config({ balance: { rate: 2, intervalMs: 60_000, enabled: true }, matureMs: 0 }),
  );
  const policy = lines.find(([label]) => label === 'policy')?.[1];
  deepEqual(
    policy,
    'serve: cut off, each side covers all; balance 2 at a time, after 1m; mature at once',
  );
  ok(lines.some(([, text]) => text.startsWith('daemon killed: at most 41 ms')));
});

test("fenceMs() knows the guard's patience", () => {
  equal(fenceMs(validMs).guardMs, SILENCE_MS);
});

test('addressLines() promises no fence where there is none', () => {
  const address = { interface: 'lo', address: '127.0.3.1', prefixLength: 8, notifyPrefixLength: 8 };
  const lines = addressLines(config({ pool: [{ name: '127.0.3.1', addresses: [address] }] }));
  equal(lines.at(-1)![1], 'what is frozen holds on: addresses of the loopback have no fence');
});

test('addressLines() says that the group is an old one', () => {
  const lines = addressLines(config({ compatibility: 'wackamole' }));
  const texts = new Map(lines);
  equal(texts.get('group'), 'g, an old one: its members may run Wackamole 2.1.4');
  equal(texts.get('engine'), 'the Spread daemon at 4803');
  equal(texts.get('fail-over')?.startsWith('as soon as Spread notices'), true);
});
