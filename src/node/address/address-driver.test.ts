import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedLink, type SimulatedMachine } from '../../../sim/addresses.ts';
import type { KeeperEffect, KeeperEvent } from '../../core/address/keeper-events.ts';
import type { AddressesConfig } from '../../core/cluster/config.ts';
import { AddressDriver } from './address-driver.ts';
import { ADDRESSES, vip } from './addresses.fixture.ts';
import { ManualClock } from './manual-clock.ts';

const MAC = '02:00:00:00:00:01';
const MEMBER_MAC = '02:00:00:00:00:02';
const STRANGER_MAC = '02:00:00:00:00:99';

const CONFIG: AddressesConfig = {
  ...ADDRESSES,
  pool: [
    { name: '10.0.0.101', addresses: [vip('10.0.0.101'), vip('10.0.0.102')] },
    { name: '10.0.0.103', addresses: [vip('10.0.0.103')] },
  ],
};

function rig(config: Partial<AddressesConfig> = {}) {
  const clock = new ManualClock();
  const link = new SimulatedLink({
    nowMs: clock.nowMs,
    after: (run, ms) => void clock.after(run, ms),
  });
  const machine = link.machine('web1', { eth0: MAC });
  const visitor = link.machine('visitor', { eth0: STRANGER_MAC });
  const events: KeeperEvent[] = [];
  const logged: string[] = [];
  const counted: string[] = [];
  const said: string[] = [];
  const leaving: string[] = [];
  const busy = { is: false };
  const own = { has: true };
  let answers: readonly KeeperEffect[] = [];
  const driver = new AddressDriver(
    { ...CONFIG, ...config },
    {
      keeper: {
        step: (event) => {
          events.push(event);
          const now = answers;
          answers = [];
          return now;
        },
        knows: (mac) => mac === MAC || mac === MEMBER_MAC,
      },
      openPort: machine.open,
      hasOwnAddress: () => own.has,
      nowMs: clock.nowMs,
      after: clock.after,
      send: (bytes) => said.push(`send ${bytes.join(' ')}`),
      onCutOff: (cutOff) => said.push(`cut off ${cutOff}`),
      onServing: (on) => said.push(`serving ${on}`),
      isBusy: () => busy.is,
      onLeaving: ({ name }, now) => leaving.push(`${name} ${now ? 'now' : 'soon'}`),
      onHolding: (held) => said.push(`holding ${held.map(({ address }) => address).join(' ')}`),
      onChange: ({ event, group, cause }) => said.push(`${event} ${group}: ${cause}`),
      causeOf: () => 'because',
      count: (what) => counted.push(what),
      log: (text) => logged.push(text),
    },
  );
  /** The keeper answers the next event, whatever it is, with these. */
  const asks = (...effects: KeeperEffect[]): void => {
    answers = effects;
    driver.onGroup({ kind: 'blocked' });
  };
  const kinds = () => events.map(({ kind }) => kind);
  return {
    clock,
    link,
    machine,
    visitor,
    own,
    events,
    kinds,
    logged,
    counted,
    said,
    leaving,
    busy,
    driver,
    asks,
  };
}

const hold = (group = '10.0.0.101', probeFirst = false): KeeperEffect => {
  return { kind: 'hold', group, probeFirst };
};

/** What a neighbour on the link hears of an address. */
function claims(visitor: SimulatedMachine, clock: ManualClock, addresses: readonly string[]) {
  const heard: string[] = [];
  const port = visitor.open(
    { interfaces: ['eth0'] },
    {
      onLost: () => undefined,
      onLink: () => undefined,
      onClaim: ({ address }) => heard.push(`${address} ${clock.nowMs()}`),
      onProblem: () => undefined,
    },
  );
  ok('probe' in port);
  for (const address of addresses) port.probe(vip(address));
  return heard;
}

test('AddressDriver takes a group over at once, all of its addresses, and says so', () => {
  const { clock, link, visitor, driver, asks, said, events } = rig();
  equal(driver.start(), null);
  const heard = claims(visitor, clock, ['10.0.0.101', '10.0.0.102']);
  clock.run(10);
  asks(hold());
  deepEqual(link.holders('10.0.0.101'), ['web1']);
  deepEqual(link.holders('10.0.0.102'), ['web1']);
  deepEqual(driver.holding, ['10.0.0.101']);
  ok(events.some((event) => event.kind === 'held' && event.group === '10.0.0.101'));
  ok(said.includes('up 10.0.0.101: because'));
  clock.run(100);
  const times = [10, 20, 60].flatMap((ms) => [`10.0.0.101 ${ms}`, `10.0.0.102 ${ms}`]);
  deepEqual(heard, times);
});

test('AddressDriver tells the guard before it holds, and after it has let go', () => {
  const { link, driver, asks, said } = rig();
  driver.start();
  const order: string[] = [];
  const { push } = said;
  said.push = (...texts) => {
    order.push(`${texts.join()} | ${link.holders('10.0.0.103').length}`);
    return push.apply(said, texts);
  };
  asks(hold('10.0.0.103'));
  asks({ kind: 'release', group: '10.0.0.103', handedOver: false });
  deepEqual(order, [
    'holding 10.0.0.103 | 0',
    'up 10.0.0.103: because | 1',
    'down 10.0.0.103: because | 0',
    'holding  | 0',
  ]);
});

test('AddressDriver tells the guard once of all that it is about to hold, and once of what is gone', () => {
  const { driver, asks, said, link } = rig();
  driver.start();
  const before = said.length;
  const addresses = ['10.0.0.101', '10.0.0.102', '10.0.0.103'];
  asks(...addresses.map((group) => hold(group)));
  asks(...addresses.map((group) => ({ kind: 'release', group, handedOver: false }) as const));
  const told = said.slice(before).filter((text) => text.startsWith('holding'));
  deepEqual(told, [`holding ${addresses.join(' ')}`, 'holding ']);
  equal(said.indexOf(told[0]!, before), before, 'before anything is held');
  for (const address of addresses) deepEqual(link.holders(address), []);
});

test('AddressDriver goes on answering for what was handed over, a moment, and announces nothing', () => {
  const { clock, link, driver, asks, said, counted, leaving } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  const announced = counted.length;
  asks({ kind: 'release', group: '10.0.0.103', handedOver: true });
  deepEqual(driver.holding, []);
  clock.run(39);
  deepEqual(leaving, ['10.0.0.103 soon']);
  clock.run(5);
  deepEqual(leaving, ['10.0.0.103 soon', '10.0.0.103 now']);
  deepEqual(link.holders('10.0.0.103'), ['web1']);
  equal(said.at(-1), 'up 10.0.0.103: because');
  clock.run(1);
  deepEqual(link.holders('10.0.0.103'), []);
  deepEqual(said.slice(-2), ['down 10.0.0.103: because', 'holding ']);
  equal(counted.length, announced);
});

test('AddressDriver goes on answering until the requests that came before are answered', () => {
  const { clock, link, driver, asks, leaving, busy } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  busy.is = true;
  asks({ kind: 'release', group: '10.0.0.103', handedOver: true });
  clock.run(500);
  deepEqual(link.holders('10.0.0.103'), ['web1']);
  busy.is = false;
  clock.run(60);
  deepEqual(link.holders('10.0.0.103'), []);
  equal(leaving.filter((text) => text.endsWith('now')).length, 1);
});

test('AddressDriver waits for no request for ever', () => {
  const { clock, link, driver, asks, busy } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  busy.is = true;
  asks({ kind: 'release', group: '10.0.0.103', handedOver: true });
  clock.run(1_990);
  deepEqual(link.holders('10.0.0.103'), ['web1']);
  clock.run(80);
  deepEqual(link.holders('10.0.0.103'), []);
});

test('AddressDriver keeps what comes back while it is answered for still', () => {
  const { clock, link, driver, asks, said } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  asks({ kind: 'release', group: '10.0.0.103', handedOver: true });
  clock.run(20);
  asks(hold('10.0.0.103'));
  clock.run(100);
  deepEqual(link.holders('10.0.0.103'), ['web1']);
  const changes = said.filter((text) => !text.startsWith('holding'));
  deepEqual(
    changes.map((text) => text.split(' ')[0]),
    ['up', 'down', 'up'],
  );
});

test('AddressDriver keeps what comes back after a reload, too', () => {
  const { clock, link, driver, asks, said } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  asks({ kind: 'release', group: '10.0.0.103', handedOver: true });
  // The same groups, as other objects.
  asks({ kind: 'adopt', options: structuredClone(CONFIG) });
  asks(hold('10.0.0.103'));
  const before = said.length;
  clock.run(3_000);
  deepEqual(link.holders('10.0.0.103'), ['web1']);
  deepEqual(
    said.slice(before).filter((text) => text.startsWith('down')),
    [],
  );
});

test('AddressDriver lets go of what was handed over with the next view, and when it stops', () => {
  for (const end of ['view', 'stop']) {
    const { link, driver, asks } = rig();
    driver.start();
    asks(hold('10.0.0.103'));
    asks({ kind: 'release', group: '10.0.0.103', handedOver: true });
    if (end === 'stop') driver.stop();
    else driver.onGroup({ kind: 'blocked' });
    deepEqual(link.holders('10.0.0.103'), [], end);
  }
});

test('AddressDriver steps what comes of an effect after all effects of that step', () => {
  const { driver, asks, kinds } = rig();
  driver.start();
  asks(hold('10.0.0.101'), hold('10.0.0.103'), { kind: 'send', bytes: Uint8Array.of(7) });
  deepEqual(kinds().slice(-3), ['group', 'held', 'held']);
});

test('AddressDriver keeps what it holds, and the kernel takes all when it stops running', () => {
  const { clock, link, driver, asks } = rig();
  driver.start();
  asks(hold());
  clock.run(20_000);
  deepEqual(link.holders('10.0.0.101'), ['web1']);
  driver.stop();
  deepEqual(link.holders('10.0.0.101'), []);
});

test('AddressDriver asks first for what nobody held, and takes it when nobody answers', () => {
  const { clock, link, driver, asks } = rig();
  driver.start();
  asks(hold('10.0.0.103', true));
  clock.run(170);
  deepEqual(link.holders('10.0.0.103'), []);
  clock.run(20);
  deepEqual(link.holders('10.0.0.103'), ['web1']);
});

test('AddressDriver that still holds what a member has claimed says so again, but does not fight', () => {
  const { clock, link, visitor, driver, asks, kinds } = rig();
  const member = link.machine('web2', { eth0: MEMBER_MAC });
  const port = member.open(
    { interfaces: ['eth0'] },
    {
      onLost: () => undefined,
      onLink: () => undefined,
      onClaim: () => undefined,
      onProblem: () => undefined,
    },
  );
  ok('announce' in port);
  driver.start();
  asks(hold('10.0.0.103'));
  clock.run(20_000);
  const heard = claims(visitor, clock, ['10.0.0.103']);
  clock.run(1);
  heard.length = 0;
  port.announce(vip('10.0.0.103'));
  clock.run(255);
  deepEqual(heard, ['10.0.0.103 20001', '10.0.0.103 20251'], 'the claim, and the answer to it');
  for (let round = 0; round < 50; round++) {
    port.announce(vip('10.0.0.103'));
    clock.run(100);
  }
  const answers = heard.length - 51;
  ok(answers <= 3 * 6, `${answers} announcements for 51 claims`);
  asks({ kind: 'release', group: '10.0.0.103', handedOver: false });
  clock.run(30_000);
  heard.length = 0;
  asks(hold('10.0.0.103'));
  clock.run(20_000);
  heard.length = 0;
  port.announce(vip('10.0.0.103'));
  clock.run(100);
  asks({ kind: 'release', group: '10.0.0.103', handedOver: false });
  clock.run(1_000);
  equal(heard.length, 1, 'it was given away meanwhile');
  equal(kinds().includes('inUse'), false);
});

test('AddressDriver tells the keeper of a stranger, and when he has gone', () => {
  const { clock, visitor, driver, asks, events, kinds } = rig();
  driver.start();
  visitor.add(vip('10.0.0.103'));
  asks(hold('10.0.0.103', true));
  clock.run(100);
  const inUse = events.find((event) => event.kind === 'inUse');
  deepEqual(inUse, {
    kind: 'inUse',
    nowMs: 0,
    group: '10.0.0.103',
    address: '10.0.0.103',
    mac: STRANGER_MAC,
  });
  asks({ kind: 'release', group: '10.0.0.103', handedOver: false });
  clock.run(30_000);
  equal(kinds().includes('free'), false, 'he answers still');
  visitor.remove(vip('10.0.0.103'));
  clock.run(10_000);
  equal(kinds().includes('free'), true);
});

test('AddressDriver puts back what another program deletes, and gives up a war', () => {
  const { clock, link, machine, driver, asks, logged, counted } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  for (let round = 0; round < 25; round++) {
    machine.remove(vip('10.0.0.103'));
    clock.run(1);
    if (round < 20) deepEqual(link.holders('10.0.0.103'), ['web1'], `round ${round}`);
  }
  deepEqual(link.holders('10.0.0.103'), []);
  equal(logged.filter((text) => text.includes('another program')).length, 20);
  equal(counted.filter((what) => what === 'restored').length, 20);
  clock.run(1_000);
  deepEqual(link.holders('10.0.0.103'), ['web1'], 'the next renewal');
});

test('AddressDriver announces nothing that was deleted while it was stopped, before it is back', () => {
  const { clock, machine, visitor, driver, asks } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  clock.run(1_500);
  const heard = claims(visitor, clock, ['10.0.0.103']);
  clock.run(1);
  heard.length = 0;
  machine.remove(vip('10.0.0.103'));
  clock.stop(350);
  clock.run(110);
  asks({ kind: 'announce', group: '10.0.0.103' });
  clock.run(30);
  deepEqual(heard, []);
  clock.run(100);
  equal(heard[0], '10.0.0.103 2000', 'the renewal puts it up, and says so');
});

test('AddressDriver removes what a former life has left behind', () => {
  const { clock, link, machine, driver, logged } = rig();
  const former = machine.open(
    { interfaces: ['eth0'] },
    {
      onLost: () => undefined,
      onLink: () => undefined,
      onClaim: () => undefined,
      onProblem: () => undefined,
    },
  );
  ok('hold' in former);
  former.hold({ interface: 'eth0', address: '10.0.0.103', prefixLength: 24 }, 60_000);
  driver.start();
  deepEqual(link.holders('10.0.0.103'), []);
  ok(logged.some((text) => text.includes('orphan')));
  former.hold({ interface: 'eth0', address: '10.0.0.102', prefixLength: 24 }, 60_000);
  clock.run(1_100);
  deepEqual(link.holders('10.0.0.102'), []);
});

test('AddressDriver that was stopped puts nothing back before it has heard of the group', () => {
  const { clock, link, driver, asks } = rig();
  driver.start();
  asks(hold());
  clock.run(900);
  clock.stop(10_000);
  clock.run(1);
  deepEqual(link.holders('10.0.0.101'), [], 'the kernel took it down');
  clock.run(90);
  deepEqual(link.holders('10.0.0.101'), [], 'and it is waited for');
  asks({ kind: 'release', group: '10.0.0.101', handedOver: false });
  clock.run(10_000);
  deepEqual(link.holders('10.0.0.101'), []);
});

test('AddressDriver says that links are down, and that there is no way to the others', () => {
  const { clock, machine, driver, events, said } = rig();
  driver.start();
  machine.plug('eth0', false);
  clock.run(1);
  const reasons = events.filter((event) => event.kind === 'eligibility').at(-1)?.reasons;
  deepEqual(reasons, [{ reason: 'link-down', detail: 'eth0 has no carrier' }]);
  ok(said.includes('cut off true'));
  machine.plug('eth0', true);
  clock.run(3_000);
  deepEqual(events.filter((event) => event.kind === 'eligibility').at(-1)?.reasons, []);
  ok(said.includes('cut off false'));
});

test('AddressDriver that is back on the link does not hold before it has met the others', () => {
  const { clock, machine, driver, events } = rig();
  driver.start();
  const reasons = () => events.filter((event) => event.kind === 'eligibility').at(-1)?.reasons;
  deepEqual(reasons(), []);
  machine.plug('eth0', false);
  clock.run(1);
  machine.plug('eth0', true);
  clock.run(1_900);
  deepEqual(
    reasons()?.map(({ reason }) => reason),
    ['link-down'],
  );
  clock.run(1_200);
  deepEqual(reasons(), []);
});

test('AddressDriver lets go when the machine has lost its own address, and puts nothing back', () => {
  const { clock, link, machine, own, driver, asks, events, said } = rig();
  driver.start();
  asks(hold('10.0.0.103'));
  own.has = false;
  machine.remove(vip('10.0.0.103'));
  clock.run(10);
  deepEqual(link.holders('10.0.0.103'), []);
  const reasons = () => events.filter((event) => event.kind === 'eligibility').at(-1)?.reasons;
  deepEqual(reasons(), [{ reason: 'link-down', detail: 'eth0 has lost its own address' }]);
  ok(said.includes('cut off true'));
  asks({ kind: 'release', group: '10.0.0.103', handedOver: false });
  own.has = true;
  clock.run(5_000);
  deepEqual(reasons(), []);
  ok(said.includes('cut off false'));
});

test('AddressDriver asks the gateways, and says when none answers', () => {
  const policy = { kind: 'gateway', addresses: ['10.0.0.1'] } as const;
  const { clock, visitor, driver, events } = rig({ policy });
  visitor.add(vip('10.0.0.1'));
  driver.start();
  clock.run(10_000);
  const last = () => events.filter((event) => event.kind === 'eligibility').at(-1)?.reasons;
  deepEqual(last(), []);
  visitor.remove(vip('10.0.0.1'));
  clock.run(4_500);
  deepEqual(
    last()?.map(({ reason }) => reason),
    ['gateway-unreachable'],
  );
});

test('AddressDriver hands on what is for the keeper, and shares neighbours when asked to', () => {
  const { driver, events, said } = rig({ notify: [{ kind: 'arp-cache', ping: false }] });
  driver.start();
  ok(said.includes('send 2'), 'nobody is known yet, and that is said');
  driver.onGroup({ kind: 'message', senderIndex: 3, bytes: Uint8Array.of(1, 42) });
  const last = events.at(-1);
  ok(last?.kind === 'group' && last.event.kind === 'message');
  deepEqual([last.event.senderIndex, ...last.event.bytes], [3, 42]);
  const count = events.length;
  for (const bytes of [[2, 1, 2, 3], [9, 9], []]) {
    driver.onGroup({ kind: 'message', senderIndex: 0, bytes: Uint8Array.from(bytes) });
  }
  equal(events.length, count, 'what is for nobody is dropped');
});
