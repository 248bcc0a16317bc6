import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { NotifyTarget, VirtualAddress } from '../../core/address/pool.ts';
import { ManualClock } from './manual-clock.ts';
import { SharedNeighbours } from './neighbour-share.ts';
import { Notifier } from './notifier.ts';

const vip = (address: string, notifyPrefixLength = 24): VirtualAddress => {
  return { interface: 'eth0', address, prefixLength: 24, notifyPrefixLength };
};

const network = (text: string, more: object = {}): NotifyTarget => {
  const [address, bits] = text.split('/');
  const target = { kind: 'network', interface: 'eth0', address: address!, ping: false } as const;
  return { ...target, prefixLength: Number(bits), throttle: 0, ...more };
};

function rig(targets: readonly NotifyTarget[]) {
  const clock = new ManualClock();
  const shared = new SharedNeighbours();
  const told: string[] = [];
  const here = { is: true };
  const notifier = new Notifier(targets, {
    shared,
    isHere: () => here.is,
    after: clock.after,
    tell: ({ address }, to) => {
      told.push(
        `${clock.nowMs()}: ${to.address} ${to.mac ?? '?'} of ${address}${to.ping ? ' ping' : ''}`,
      );
    },
  });
  return { clock, shared, told, here, notifier };
}

test('Notifier tells the router of every address of the group', () => {
  const { told, notifier } = rig([network('10.0.0.1/32')]);
  notifier.start('g', [vip('10.0.0.5'), vip('10.0.0.6')]);
  deepEqual(told, ['0: 10.0.0.1 ? of 10.0.0.5', '0: 10.0.0.1 ? of 10.0.0.6']);
});

test('Notifier tells the hosts of a network, throttle in a second, and not the address itself', () => {
  const { clock, told, notifier } = rig([network('10.0.0.0/29', { throttle: 3, ping: true })]);
  notifier.start('g', [vip('10.0.0.5')]);
  clock.run(5_000);
  deepEqual(told, [
    '0: 10.0.0.1 ? of 10.0.0.5 ping',
    '0: 10.0.0.2 ? of 10.0.0.5 ping',
    '0: 10.0.0.3 ? of 10.0.0.5 ping',
    '1000: 10.0.0.4 ? of 10.0.0.5 ping',
    '1000: 10.0.0.6 ? of 10.0.0.5 ping',
  ]);
});

test('Notifier tells nobody beyond NET bits, on another interface, or in too large a network', () => {
  const targets = [network('10.0.1.1/32'), network('10.0.0.0/16', { interface: 'eth1' })];
  const { told, notifier } = rig([...targets, network('10.0.0.0/8')]);
  notifier.start('g', [vip('10.0.0.5')]);
  deepEqual(told, []);
  notifier.start('g', [vip('10.0.0.5', 16)]);
  deepEqual(told, ['0: 10.0.1.1 ? of 10.0.0.5']);
});

test('Notifier tells the shared cache twice, each at its hardware address', () => {
  const { clock, shared, told, notifier } = rig([{ kind: 'arp-cache', ping: false }]);
  shared.add([
    { address: '10.0.0.7', mac: '02:00:00:00:00:07' },
    { address: '10.9.0.7', mac: '02:00:00:00:00:08' },
  ]);
  notifier.start('g', [vip('10.0.0.5')]);
  clock.run(10_000);
  deepEqual(
    told,
    [0, 1_000].map((ms) => `${ms}: 10.0.0.7 02:00:00:00:00:07 of 10.0.0.5`),
  );
});

test('Notifier stops in the middle', () => {
  const { clock, told, notifier } = rig([network('10.0.0.0/24', { throttle: 1 })]);
  notifier.start('g', [vip('10.0.0.5')]);
  notifier.stop('g');
  clock.run(300_000);
  equal(told.length, 1);
});

test('Notifier tells nobody of what is not here, and all of them when it is back', () => {
  const targets = [
    network('10.0.0.0/30', { throttle: 1 }),
    { kind: 'arp-cache', ping: false } as const,
  ];
  const { clock, shared, told, here, notifier } = rig(targets);
  shared.add([{ address: '10.0.0.7', mac: '02:00:00:00:00:07' }]);
  notifier.start('g', [vip('10.0.0.5')]);
  told.length = 0;
  here.is = false;
  clock.run(2_500);
  deepEqual(told, []);
  here.is = true;
  clock.run(10_000);
  deepEqual(told, ['3000: 10.0.0.2 ? of 10.0.0.5', '3000: 10.0.0.7 02:00:00:00:00:07 of 10.0.0.5']);
});
