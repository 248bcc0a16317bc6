/** The channel between two threads, both ends in one: each has a loop of its own kind anyway. */
import { deepEqual, equal } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescriptorLoop } from './descriptor-loop.ts';
import { FarEnd, openChannel } from './thread-channel.ts';

type Rig = {
  readonly near: { send(message: unknown): void };
  readonly far: FarEnd;
  readonly nearHeard: unknown[];
  readonly farHeard: unknown[];
};

function rig(t: TestContext): Rig {
  const nearHeard: unknown[] = [];
  const farHeard: unknown[] = [];
  const near = openChannel((message) => nearHeard.push(message));
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
  { kind: 'state', refused: { own: 3 }, names: ['é', ''], nothing: undefined, none: null },
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
    near.send(bytes);
    far.send(bytes);
  }
  await until(() => nearHeard.length === sent.length && farHeard.length === sent.length);
  deepEqual(nearHeard, sent);
  deepEqual(farHeard, sent);
});

test('what was heard stays as it is when more comes', async (t) => {
  const { near, farHeard } = rig(t);
  near.send(new Uint8Array(100).fill(1));
  await until(() => farHeard.length === 1);
  near.send(new Uint8Array(100).fill(2));
  await until(() => farHeard.length === 2);
  deepEqual(farHeard[0], new Uint8Array(100).fill(1));
});

test('nobody is at the other end any more: nothing happens, and nothing spins', async (t) => {
  const near = openChannel(() => {});
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
  near.send('nobody hears it');
  await sleep(10);
  const before = turns;
  await sleep(50);
  equal(turns - before < 20, true, `${turns - before} turns`);
});
