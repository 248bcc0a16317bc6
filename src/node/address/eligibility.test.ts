import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Eligibility } from './eligibility.ts';

const words = (eligibility: Eligibility, nowMs: number) =>
  eligibility.reasons(nowMs).map(({ reason }) => reason);

test('Eligibility: an interface of the pool that is down rules out, and names itself', () => {
  const eligibility = new Eligibility(['eth0', 'eth1'], [], 0);
  equal(eligibility.cutOff, true, 'nothing is known to be up yet');
  for (const name of ['eth0', 'eth1']) eligibility.link(name, true, 0);
  deepEqual(eligibility.reasons(0), []);
  eligibility.link('eth1', false, 10);
  deepEqual(eligibility.reasons(0), [{ reason: 'link-down', detail: 'eth1 has no carrier' }]);
  equal(eligibility.cutOff, false);
  eligibility.link('eth0', false, 10);
  equal(eligibility.cutOff, true);
  equal(eligibility.link('docker0', false, 10), false);
});

test('Eligibility: a link that is back is believed after two seconds, at the start at once', () => {
  const eligibility = new Eligibility(['eth0'], [], 0);
  eligibility.link('eth0', true, 0);
  deepEqual(words(eligibility, 0), []);
  eligibility.link('eth0', false, 1_000);
  eligibility.link('eth0', true, 5_000);
  equal(eligibility.cutOff, false, 'the others are to be met');
  deepEqual(words(eligibility, 6_999), ['link-down']);
  deepEqual(words(eligibility, 7_000), []);
});

test('Eligibility: an own address that was never there is not missed, one that is lost is', () => {
  const eligibility = new Eligibility(['eth0', 'eth1'], [], 0);
  for (const name of ['eth0', 'eth1']) eligibility.link(name, true, 0);
  eligibility.ownAddress('eth0', true, 0);
  eligibility.ownAddress('eth1', false, 0);
  deepEqual(words(eligibility, 0), []);
  eligibility.ownAddress('eth0', false, 10);
  const lost = { reason: 'link-down', detail: 'eth0 has lost its own address' } as const;
  deepEqual(eligibility.reasons(10), [lost]);
});

test('Eligibility: one gateway that answers is enough', () => {
  const eligibility = new Eligibility([], ['10.0.0.1', '10.0.0.2'], 0);
  deepEqual(words(eligibility, 3_000), []);
  deepEqual(words(eligibility, 3_001), ['gateway-unreachable']);
  eligibility.gatewayHeard('10.0.0.2', 3_500);
  deepEqual(words(eligibility, 6_500), []);
  deepEqual(words(eligibility, 6_501), ['gateway-unreachable']);
});

test('Eligibility: a sick proxy is believed well only after a while, longer each time', () => {
  const eligibility = new Eligibility([], [], 0);
  for (const [failure, waitMs] of [2_000, 4_000, 8_000].entries()) {
    const atMs = 100_000 * (failure + 1);
    eligibility.proxy('refused', atMs);
    deepEqual(eligibility.reasons(atMs), [{ reason: 'proxy-sick', detail: 'refused' }]);
    eligibility.proxy(null, atMs + 1_000);
    deepEqual(words(eligibility, atMs + 999 + waitMs), ['proxy-sick']);
    deepEqual(words(eligibility, atMs + 1_000 + waitMs), []);
  }
  eligibility.proxy('refused', 5_000_000);
  eligibility.proxy(null, 5_000_000);
  deepEqual(words(eligibility, 5_002_000), [], 'what is long ago is forgiven');
});

test('Eligibility: saying the same again changes nothing', () => {
  const eligibility = new Eligibility([], [], 0);
  eligibility.proxy(null, 0);
  deepEqual(words(eligibility, 0), []);
  eligibility.proxy('refused', 0);
  eligibility.proxy('refused', 10);
  eligibility.proxy(null, 20);
  eligibility.proxy(null, 1_000);
  deepEqual(words(eligibility, 2_020), []);
});
