/** The loop around descriptors, with UDP sockets, Node's timers and Node's sockets in it. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { DescriptorLoop } from './descriptor-loop.ts';
import { UdpSocket } from './udp-socket.ts';

function socketOf(t: TestContext, onDatagram: () => void): UdpSocket {
  const handler = { onDatagram, onProblem: () => {} };
  const socket = UdpSocket.open({ family: 'udp4', host: '127.0.0.1', port: 0 }, handler);
  ok(socket instanceof UdpSocket);
  t.after(() => socket.close());
  return socket;
}

function send(socket: UdpSocket): void {
  socket.sendTo(new Uint8Array(1), '127.0.0.1', socket.port);
}

test('what comes while it sleeps is read at once', async (t) => {
  const loop = new DescriptorLoop();
  t.after(() => loop.stop());
  const heard = await new Promise<string>((resolve) => {
    const socket = socketOf(t, () => resolve('heard'));
    loop.watch(socket.fd, () => socket.read());
    setTimeout(() => send(socket), 20);
  });
  equal(heard, 'heard');
});

test("Node's timers and sockets work in between", async (t) => {
  const loop = new DescriptorLoop();
  t.after(() => loop.stop());
  const server = net.createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [chunk] = await once(client, 'data');
  equal(String(chunk), 'hello');
  const startMs = performance.now();
  await sleep(30);
  ok(performance.now() - startMs < 1_000);
});

test('wakes once for each time that it was asked to, never early', async (t) => {
  const wokeMs: number[] = [];
  const startMs = performance.now();
  let woken = (): void => {};
  const loop = new DescriptorLoop({
    onWake: () => {
      wokeMs.push(performance.now() - startMs);
      woken();
    },
    restMs: () => 0,
  });
  t.after(() => loop.stop());
  loop.wakeAt(startMs + 10_000);
  // Replaces it.
  loop.wakeAt(startMs + 30.5);
  await new Promise<void>((resolve) => {
    woken = resolve;
  });
  await sleep(60);
  equal(wokeMs.length, 1);
  ok(wokeMs[0]! >= 30.5, `${wokeMs[0]}`);
});

test('sleeps: an idle loop turns only for what it was asked for', async (t) => {
  let turns = 0;
  const loop = new DescriptorLoop({
    onWake: () => {},
    restMs: () => {
      turns++;
      return 0;
    },
  });
  t.after(() => loop.stop());
  await sleep(20);
  const before = turns;
  await sleep(200);
  ok(turns - before <= 5, `${turns - before} turns`);
});

test('a loop that is alone in its thread sleeps as well, and ends when it is stopped', async () => {
  const module = JSON.stringify(new URL('./descriptor-loop.ts', import.meta.url).href);
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    import(${module}).then(({ DescriptorLoop }) => {
      let turns = 0;
      const loop = new DescriptorLoop({
        onWake: () => {
          parentPort.postMessage(turns);
          loop.stop();
        },
        restMs: () => {
          turns++;
          return 0;
        },
      });
      loop.wakeAt(performance.now() + 100);
    });`,
    { eval: true },
  );
  const [turns] = await once(worker, 'message');
  ok(turns <= 5, `${turns} turns`);
  await once(worker, 'exit');
});

test('rests: what comes meanwhile is read together, and the time is kept', async (t) => {
  let resting = false;
  let reads = 0;
  const heardAt: number[] = [];
  const loop = new DescriptorLoop({ onWake: () => {}, restMs: () => (resting ? 40 : 0) });
  t.after(() => loop.stop());
  const socket = socketOf(t, () => heardAt.push(reads));
  loop.watch(socket.fd, () => {
    reads++;
    return socket.read();
  });
  await sleep(5);
  resting = true;
  for (let i = 0; i < 5; i++) send(socket);
  while (heardAt.length < 5) await sleep(1);
  equal(new Set(heardAt).size, 1, 'with one read');

  const dueMs = performance.now() + 5;
  let wokeMs = 0;
  const other = new DescriptorLoop({
    onWake: () => {
      wokeMs = performance.now();
    },
    restMs: () => 10_000,
  });
  t.after(() => other.stop());
  other.wakeAt(dueMs);
  while (wokeMs === 0) await sleep(1);
  ok(wokeMs >= dueMs && wokeMs < dueMs + 5_000);
});

test('many reads in a row end when it is time to wake', async (t) => {
  let reads = 0;
  let readsAtWake = 0;
  const loop = new DescriptorLoop({
    onWake: () => {
      readsAtWake = reads;
    },
    restMs: () => 0,
  });
  t.after(() => loop.stop());
  const socket = socketOf(t, () => {});
  send(socket);
  loop.watch(socket.fd, () => {
    reads++;
    const untilMs = performance.now() + 20;
    while (performance.now() < untilMs);
    return true;
  });
  loop.wakeAt(performance.now() + 30);
  while (readsAtWake === 0) await sleep(1);
  ok(readsAtWake <= 3, `after ${readsAtWake} reads of 20 ms`);
  loop.unwatch(socket.fd);
});

test('a descriptor that never runs dry keeps nothing else waiting', async (t) => {
  const order: string[] = [];
  const loop = new DescriptorLoop({ onWake: () => order.push('woke'), restMs: () => 0 });
  t.after(() => loop.stop());
  const socket = socketOf(t, () => {});
  send(socket);
  // Never read, so always ready.
  loop.watch(socket.fd, () => true);
  loop.wakeAt(performance.now() + 5);
  await sleep(20);
  deepEqual(order, ['woke']);
  loop.unwatch(socket.fd);
  loop.unwatch(socket.fd);
});
