/**
 * Listeners, timers and turns of the loop as `reactor.ts` promises them: one suite for every body.
 *
 * What a newcomer gets wrong: a reactor runs in the thread that made it, beside Node's own loop,
 * and neither may starve the other. Tests that end at all show it one way; the busy one the other.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as netConnect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  acceptedPair,
  allOf,
  closePeers,
  DEADLINE_MS,
  listening,
  Recorder,
  SCALE,
} from './reactor.fixture.ts';
import { type Connection, type Listener, type Reactor, TIMER_SLACK_MS } from './reactor.ts';

const MANY = 2_000;

/** What a busy machine may add to any time that is measured here. */
const MACHINE_MS = 150 * SCALE;

export function testLoop(name: string, makeReactor: () => Reactor): void {
  for (const [what, run] of Object.entries({ ...listeners, ...turns })) {
    test(`${name}: ${what}`, { timeout: DEADLINE_MS }, async () => {
      const reactor = makeReactor();
      try {
        await run(reactor);
      } finally {
        reactor.stop();
        closePeers();
      }
    });
  }
  test(`${name}: stop() lets the thread end`, { timeout: DEADLINE_MS }, async () => {
    const worker = new Worker(new URL('./reactor-thread.fixture.ts', import.meta.url), {
      workerData: name,
    });
    const [port] = await once(worker, 'message');
    const peer = netConnect(port, '127.0.0.1');
    await once(peer, 'connect');
    const gone = once(worker, 'exit');
    worker.postMessage('stop');
    // Closed or reset, either is an end.
    await new Promise((resolve) => peer.on('error', resolve).on('close', resolve).resume());
    deepEqual(await gone, [0]);
  });
}

type Case = (reactor: Reactor) => Promise<void>;

const loopback = { kind: 'ip', host: '127.0.0.1', port: 0 } as const;

function accepting(reactor: Reactor): { recorders: Recorder[]; listener: Promise<Listener> } {
  const recorders: Recorder[] = [];
  const listener = listening(reactor, '127.0.0.1', (connection) => {
    const recorder = new Recorder();
    recorders.push(recorder);
    connection.handler = recorder;
  });
  return { recorders, listener };
}

async function peerTo(port: number): Promise<Socket> {
  const peer = netConnect(port, '127.0.0.1').on('error', () => {});
  await once(peer, 'connect');
  return peer;
}

const listeners: Readonly<Record<string, Case>> = {
  'listen() takes a free port for 0 and says which': async (reactor) => {
    const { connection, listener } = await acceptedPair(reactor);
    ok(listener.port > 0);
    equal(connection.remoteAddress, '127.0.0.1');
  },

  'listen() accepts on IPv6, and names the peer': async (reactor) => {
    const { connection } = await acceptedPair(reactor, '::1');
    equal(connection.remoteAddress, '::1');
  },

  'listen() accepts on a unix socket': async (reactor) => {
    const directory = mkdtempSync(join(tmpdir(), 'forehand-reactor-'));
    try {
      const path = join(directory, 'socket');
      const recorder = new Recorder();
      const accepted = Promise.withResolvers<Connection>();
      const listener = await reactor.listen(
        { address: { kind: 'unix', path }, backlog: 16, reusePort: false },
        (connection) => {
          connection.handler = recorder;
          accepted.resolve(connection);
        },
      );
      ok(typeof listener !== 'string');
      equal(listener.port, 0);
      netConnect(path).end('hello');
      const connection = await accepted.promise;
      equal(connection.remoteAddress, '');
      await recorder.untilEvent('end');
      equal(recorder.text, 'hello');
      connection.destroy();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },

  'listen() says EADDRINUSE, and EADDRNOTAVAIL': async (reactor) => {
    const { listener } = await acceptedPair(reactor);
    const address = { ...loopback, port: listener.port };
    const again = await reactor.listen({ address, backlog: 1, reusePort: false }, () => {});
    equal(again, 'EADDRINUSE');
    // TEST-NET-1 (RFC 5737) is nobody's address.
    const foreign = { kind: 'ip', host: '192.0.2.1', port: 0 } as const;
    equal(
      await reactor.listen({ address: foreign, backlog: 1, reusePort: false }, () => {}),
      'EADDRNOTAVAIL',
    );
  },

  'listen() shares an address when both ask for it': async (reactor) => {
    const options = { backlog: 16, reusePort: true };
    const first = await reactor.listen({ address: loopback, ...options }, adopt);
    ok(typeof first !== 'string');
    const address = { ...loopback, port: first.port };
    const second = await reactor.listen({ address, ...options }, adopt);
    ok(typeof second !== 'string', `${second}`);
    equal(second.port, first.port);
  },

  'pause() of a listener makes clients wait, resume() serves them': async (reactor) => {
    const { recorders, listener: promise } = accepting(reactor);
    const listener = await promise;
    listener.pause();
    const peer = await peerTo(listener.port);
    peer.end('hello');
    const other = await acceptedPair(reactor);
    other.peer.end();
    await other.recorder.untilEvent('end');
    equal(recorders.length, 0);
    listener.resume();
    peer.resume();
    // Our side answers the end with an end, so this ends only when it was served.
    const served = await untilOne(recorders, reactor);
    await served.untilEvent('end');
    equal(served.text, 'hello');
  },

  'close() of a listener leaves its connections alone': async (reactor) => {
    const { recorder, peer, connection, listener } = await acceptedPair(reactor);
    listener.close();
    listener.close();
    peer.write('on');
    await recorder.untilEvent('data');
    const refused = netConnect(listener.port, '127.0.0.1');
    const [error] = await once(refused, 'error');
    equal(error.code, 'ECONNREFUSED');
    connection.end();
    await allOf(peer);
  },

  'many connections at once are each served': async (reactor) => {
    const listener = await listening(reactor, '127.0.0.1', (connection) => {
      const recorder = new Recorder();
      recorder.read = (own, memory, start, end) => {
        own.write(memory, start, end);
        return end;
      };
      connection.handler = recorder;
    });
    const peers = await Promise.all(Array.from({ length: MANY }, () => peerTo(listener.port)));
    const answers = peers.map(async (peer, index) => {
      peer.write(`${index}`);
      const [answer] = await once(peer, 'data');
      return answer.toString();
    });
    deepEqual(
      await Promise.all(answers),
      peers.map((_, index) => `${index}`),
    );
    for (const peer of peers) peer.destroy();
  },
};

function adopt(connection: Connection): void {
  connection.handler = new Recorder();
}

/** Until the first is there, looked for at every turn. */
function untilOne(recorders: readonly Recorder[], reactor: Reactor): Promise<Recorder> {
  return new Promise((resolve) => {
    const timer = reactor.timer(() => look());
    const look = (): void => {
      const [first] = recorders;
      if (first === undefined) timer.set(1);
      else resolve(first);
    };
    look();
  });
}

const turns: Readonly<Record<string, Case>> = {
  'timer() fires once, not early and not much later': async (reactor) => {
    const fired: number[] = [];
    for (const delayMs of [1, 20, 100, 300]) {
      const startMs = performance.now();
      await new Promise<void>((resolve) => reactor.timer(resolve).set(delayMs));
      const lateMs = performance.now() - startMs - delayMs;
      ok(lateMs >= -1, `${delayMs} ms: ${-lateMs} ms early`);
      ok(lateMs <= TIMER_SLACK_MS + MACHINE_MS, `${delayMs} ms: ${lateMs} ms late`);
      fired.push(delayMs);
    }
    equal(fired.length, 4);
  },

  'set() replaces the deadline, clear() takes it away': async (reactor) => {
    const fired: string[] = [];
    const moved = reactor.timer(() => fired.push('moved'));
    const cleared = reactor.timer(() => fired.push('cleared'));
    moved.set(10);
    moved.set(200);
    cleared.set(10);
    cleared.clear();
    await new Promise<void>((resolve) => reactor.timer(resolve).set(100));
    deepEqual(fired, []);
    await new Promise<void>((resolve) => reactor.timer(resolve).set(300));
    deepEqual(fired, ['moved']);
  },

  'timer() set long after the last turn counts from now': async (reactor) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const startMs = performance.now();
    await new Promise<void>((resolve) => reactor.timer(resolve).set(100));
    ok(performance.now() - startMs >= 99);
  },

  "Node's own work runs while the reactor idles": async (reactor) => {
    await acceptedPair(reactor);
    await nodeWork();
  },

  "Node's own work runs while the reactor is busy": async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    // An echo of an echo: there is always something to read.
    recorder.read = (own, memory, start, end) => {
      own.write(memory, start, end);
      return end;
    };
    peer.on('data', (chunk) => peer.write(chunk));
    peer.write('x');
    const flood = new Recorder();
    flood.read = recorder.read;
    const ring = await ringOf(reactor, flood);
    const tookMs = await nodeWork();
    ok(tookMs <= MACHINE_MS + 200, `${tookMs} ms`);
    ring.destroy();
    connection.destroy();
  },

  'nowMs and monotonicMs tell the time of the turn': async (reactor) => {
    const { recorder, peer } = await acceptedPair(reactor);
    let offMs = Number.NaN;
    let monotonicOffMs = Number.NaN;
    recorder.onEvent = () => {
      offMs = Math.abs(Date.now() - reactor.nowMs);
      monotonicOffMs = Math.abs(performance.now() - reactor.monotonicMs);
    };
    peer.write('x');
    await recorder.untilEvent('data');
    ok(offMs <= MACHINE_MS && monotonicOffMs <= MACHINE_MS, `${offMs} ${monotonicOffMs}`);
  },
};

/** Two connections of the reactor to itself that throw bytes at each other for ever. */
async function ringOf(reactor: Reactor, recorder: Recorder): Promise<Connection> {
  const listener = await listening(reactor, '127.0.0.1', (connection) => {
    connection.handler = new Recorder();
    (connection.handler as Recorder).read = recorder.read;
  });
  const address = { kind: 'ip', host: '127.0.0.1', port: listener.port } as const;
  const connection = reactor.connect(address, recorder);
  const bytes = Buffer.from('ball');
  connection.write(bytes, 0, bytes.length);
  await recorder.untilEvent('data');
  return connection;
}

/** A promise, an immediate, a timer and a message, one after the other. @returns ms it took */
async function nodeWork(): Promise<number> {
  const startMs = performance.now();
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 1));
  const { port1, port2 } = new MessageChannel();
  const message = once(port1, 'message');
  port2.postMessage('x');
  await message;
  port1.close();
  return performance.now() - startMs;
}
