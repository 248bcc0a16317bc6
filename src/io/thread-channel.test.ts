/** The channel between two threads, both ends in one: each has a loop of its own kind anyway. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DescriptorLoop } from './descriptor-loop.ts';
import { type Channel, FarEnd, openChannel } from './thread-channel.ts';

type Rig = {
  readonly near: Channel;
  readonly far: FarEnd;
  readonly nearHeard: unknown[];
  readonly farHeard: unknown[];
};

function open(onMessage: (message: unknown) => void): Channel {
  const channel = openChannel(onMessage);
  if (typeof channel === 'string') throw new Error(channel);
  return channel;
}

function rig(t: TestContext): Rig {
  const nearHeard: unknown[] = [];
  const farHeard: unknown[] = [];
  const near = open((message) => nearHeard.push(message));
  const loop = new DescriptorLoop();
  const far = new FarEnd(near.farFd, loop, (message) => farHeard.push(message));
  t.after(() => {
    far.close();
    loop.stop();
    near.close();
    near.close();
  });
  return { near, far, nearHeard, farHeard };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(1);
}

const MESSAGES = [
  { kind: 'ask' },
  { kind: 'send', bytes: new Uint8Array([1, 2, 3]) },
  { kind: 'send', bytes: new Uint8Array(0) },
  { kind: 'state', refused: { own: 3 }, names: ['é', '', '\ud800'], none: null, on: true },
  { kind: 'two', first: new Uint8Array([9]), list: [new Uint8Array([8, 7])], last: 'é' },
];

test('messages of every kind arrive whole and in order, both ways', async (t) => {
  const { near, far, nearHeard, farHeard } = rig(t);
  for (const message of MESSAGES) {
    near.send(message);
    far.send(message);
  }
  await until(() => nearHeard.length === MESSAGES.length && farHeard.length === MESSAGES.length);
  deepEqual(nearHeard, MESSAGES);
  deepEqual(farHeard, MESSAGES);
});

test('more than the kernel takes at once waits, and arrives in order', async (t) => {
  const { near, far, nearHeard, farHeard } = rig(t);
  const sent = Array.from({ length: 40 }, (_, i) => new Uint8Array(65_536).fill(i));
  for (const bytes of sent) {
    near.send({ bytes });
    far.send({ bytes });
  }
  await until(() => nearHeard.length === sent.length && farHeard.length === sent.length);
  const said = sent.map((bytes) => ({ bytes }));
  ok(isDeepStrictEqual(nearHeard, said) && isDeepStrictEqual(farHeard, said));
});

test('what was heard stays as it is when more comes', async (t) => {
  const { near, farHeard } = rig(t);
  near.send({ bytes: new Uint8Array(100).fill(1) });
  await until(() => farHeard.length === 1);
  near.send({ bytes: new Uint8Array(100).fill(2) });
  await until(() => farHeard.length === 2);
  deepEqual(farHeard[0], { bytes: new Uint8Array(100).fill(1) });
});

test('a Buffer arrives as its bytes, as does a part of something larger', async (t) => {
  const { near, far, nearHeard, farHeard } = rig(t);
  const bytes = Buffer.from('xabcx').subarray(1, 4);
  near.send({ bytes });
  far.send({ bytes: new Uint8Array([1, 2, 3, 4]).subarray(2) });
  await until(() => nearHeard.length === 1 && farHeard.length === 1);
  deepEqual(farHeard, [{ bytes: new Uint8Array([97, 98, 99]) }]);
  deepEqual(nearHeard, [{ bytes: new Uint8Array([3, 4]) }]);
});

test('what was said before the end is heard, though nobody had time to listen', (t) => {
  const { near, far, nearHeard } = rig(t);
  for (const number of [1, 2, 3]) far.send({ number, bytes: new Uint8Array(50_000) });
  near.close();
  equal(nearHeard.length, 3);
});

test('nobody is at the other end any more: nothing happens, and nothing spins', async (t) => {
  const near = open(() => {});
  let turns = 0;
  const restMs = (): number => {
    turns++;
    return 0;
  };
  const loop = new DescriptorLoop({ onWake: () => {}, restMs });
  t.after(() => loop.stop());
  const far = new FarEnd(near.farFd, loop, () => {});
  await sleep(5);
  far.close();
  near.close();
  near.send({ kind: 'nobody hears it' });
  await sleep(10);
  const before = turns;
  await sleep(50);
  equal(turns - before < 20, true, `${turns - before} turns`);
});
