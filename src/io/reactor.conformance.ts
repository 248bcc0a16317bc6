/**
 * Connections as `reactor.ts` promises them: one suite for every body, over real sockets.
 *
 * Each test is one sentence of the contract. The listeners, timers and turns of the loop are in
 * `reactor-loop.conformance.ts`.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  acceptedPair,
  allOf,
  bytesOf,
  closePeers,
  DEADLINE_MS,
  pattern,
  Recorder,
} from './reactor.fixture.ts';
import {
  type Address,
  type Connection,
  DATA_BYTES_MAX,
  HEADROOM,
  type Reactor,
} from './reactor.ts';

const LARGE_BYTES = 20_000_000;

export function testConnections(name: string, makeReactor: () => Reactor): void {
  const check = (what: string, run: (reactor: Reactor) => Promise<void>): void => {
    test(`${name}: ${what}`, { timeout: DEADLINE_MS }, async () => {
      const reactor = makeReactor();
      try {
        await run(reactor);
      } finally {
        reactor.stop();
        closePeers();
      }
    });
  };
  for (const [what, run] of Object.entries({ ...reading, ...writing, ...ending, ...connecting })) {
    check(what, run);
  }
}

type Case = (reactor: Reactor) => Promise<void>;

const write = (connection: Connection, text: string): boolean => {
  const bytes = Buffer.from(text, 'latin1');
  return connection.write(bytes, 0, bytes.length);
};

const reading: Readonly<Record<string, Case>> = {
  'onData() is offered unread bytes again in front of the next ones': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    const offered: string[] = [];
    recorder.read = (_, memory, start, end) => {
      offered.push(Buffer.from(memory.subarray(start, end)).toString());
      return offered.length < 3 ? start + 1 : end;
    };
    for (const [count, text] of [
      [1, 'abc'],
      [2, 'de'],
      [3, 'f'],
    ] as const) {
      peer.write(text);
      await recorder.until(() => offered.length === count);
    }
    deepEqual(offered, ['abc', 'bcde', 'cdef']);
    equal(connection.unreadBytes, 0);
  },

  'onData() may change its bytes and those of the headroom, and send them': async (reactor) => {
    const { recorder, peer } = await acceptedPair(reactor);
    recorder.read = (connection, memory, start, end) => {
      ok(start >= HEADROOM);
      memory.fill(0x78, start - HEADROOM, end);
      connection.write(memory, start - HEADROOM, end);
      return end;
    };
    peer.write('hello');
    const echo = await bytesOf(peer, HEADROOM + 5);
    equal(echo.toString(), 'x'.repeat(HEADROOM + 5));
  },

  'onData() never brings more than DATA_BYTES_MAX': async (reactor) => {
    const { recorder, peer } = await acceptedPair(reactor);
    let largest = 0;
    let total = 0;
    recorder.read = (_, __, start, end) => {
      largest = Math.max(largest, end - start);
      // All is left until the buffer is nearly full, so that what is kept and what comes add up.
      const used = end - start < DATA_BYTES_MAX - 1 ? 0 : end - start;
      total += used;
      return start + used;
    };
    peer.end(pattern(1_000_000));
    await recorder.untilEvent('end');
    ok(largest <= DATA_BYTES_MAX, `${largest}`);
    ok(total >= DATA_BYTES_MAX - 1, `${total}`);
  },

  'pause() holds bytes and end back until resume()': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    connection.pause();
    connection.pause();
    peer.end('abc');
    await once(peer, 'finish');
    // Another connection's whole life: whatever was to come here would have come by now.
    const other = await acceptedPair(reactor);
    other.peer.end('x');
    await other.recorder.untilEvent('end');
    deepEqual(recorder.events, []);
    recorder.quietly(() => connection.resume());
    await recorder.untilEvent('end');
    deepEqual(recorder.events, ['data', 'end']);
    equal(recorder.text, 'abc');
  },

  'resume() offers unread bytes again without new ones': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    recorder.read = (held, _, start) => {
      held.pause();
      return start;
    };
    peer.end('abc');
    await recorder.untilEvent('data');
    equal(connection.unreadBytes, 3);
    recorder.read = null;
    recorder.quietly(() => connection.resume());
    await recorder.untilEvent('end');
    equal(recorder.text, 'abc');
    deepEqual(recorder.events, ['data', 'end']);
  },

  'resume() and pause() in one callback leave it paused': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    let times = 0;
    recorder.read = (held, _, start) => {
      times++;
      held.pause();
      held.resume();
      held.pause();
      return start;
    };
    peer.write('abc');
    await recorder.untilEvent('data');
    const other = await acceptedPair(reactor);
    other.peer.end('x');
    await other.recorder.untilEvent('end');
    equal(times, 1);
    equal(connection.unreadBytes, 3);
  },

  'onEnd() comes once, when unread bytes are gone': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    recorder.read = (_, __, start) => start;
    peer.end('abc');
    await recorder.untilEvent('end');
    connection.pause();
    connection.resume();
    write(connection, 'still here');
    connection.end();
    await recorder.untilEvent('close');
    equal(recorder.count('end'), 1);
    equal(recorder.error, null);
  },

  'quiet is true until something has come, and false after the end': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    equal(connection.quiet, true);
    peer.write('abc');
    await recorder.untilEvent('data');
    equal(connection.quiet, true, 'what was told and read does not count');
    peer.end();
    await recorder.untilEvent('end');
    equal(connection.quiet, false);
  },

  'handler may be replaced while it idles': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    peer.write('one');
    await recorder.until(() => recorder.text === 'one');
    const second = new Recorder();
    connection.handler = second;
    peer.end('two');
    await second.untilEvent('end');
    equal(second.text, 'two');
    equal(recorder.text, 'one');
  },
};

const writing: Readonly<Record<string, Case>> = {
  'write() keeps order and every byte when the reader is slow': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    const bytes = pattern(LARGE_BYTES);
    equal(
      recorder.quietly(() => connection.write(bytes, 0, LARGE_BYTES)),
      false,
    );
    ok(connection.backlogBytes > 0);
    // What was accepted has been copied: changing it now changes nothing.
    const expected = Buffer.from(bytes);
    bytes.fill(0);
    recorder.quietly(() => connection.end());
    const got = await allOf(peer);
    ok(got.equals(expected));
    ok(recorder.events.includes('drain'));
    equal(connection.backlogBytes, 0);
  },

  'write() and onData() carry 20 MB both ways at once': async (reactor) => {
    const { recorder, peer } = await acceptedPair(reactor);
    let total = 0;
    recorder.read = (connection, memory, start, end) => {
      total += end - start;
      if (!connection.write(memory, start, end)) connection.pause();
      return end;
    };
    recorder.onEvent = (event, connection) => {
      if (event === 'drain') connection.resume();
      if (event === 'end') connection.end();
    };
    const bytes = pattern(LARGE_BYTES);
    peer.end(bytes);
    const got = await allOf(peer);
    equal(total, LARGE_BYTES);
    ok(got.equals(bytes));
    await recorder.untilEvent('close');
    equal(recorder.error, null);
  },

  'write() of a part sends that part': async (reactor) => {
    const { peer, connection } = await acceptedPair(reactor);
    const bytes = Buffer.from('abcdef');
    equal(connection.write(bytes, 2, 4), true);
    connection.write(bytes, 3, 3);
    connection.end();
    equal((await allOf(peer)).toString(), 'cd');
  },

  'onDrain() comes only after a write() that returned false': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    equal(write(connection, 'small'), true);
    await bytesOf(peer, 5);
    peer.end('x');
    await recorder.untilEvent('end');
    equal(recorder.count('drain'), 0);
  },

  'write() after destroy() does nothing': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    recorder.quietly(() => connection.destroy());
    equal(connection.open, false);
    recorder.quietly(() => write(connection, 'late'));
    recorder.quietly(() => connection.destroy());
    await recorder.untilEvent('close');
    equal(recorder.error, null);
    peer.resume();
    await once(peer, 'end');
    deepEqual(recorder.events, ['close']);
  },
};

/** `node:net` destroys a socket whose write has failed, with all that it could still have read. */
function readsAfterFailedWrite(reactor: Reactor): boolean {
  return reactor.kind === 'epoll';
}

const ending: Readonly<Record<string, Case>> = {
  'end() half-closes, and the other side may go on': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    write(connection, 'last');
    recorder.quietly(() => connection.end());
    equal((await allOf(peer)).toString(), 'last');
    peer.end('answer');
    await recorder.untilEvent('close');
    equal(recorder.text, 'answer');
    deepEqual(recorder.events, ['data', 'end', 'close']);
    equal(recorder.error, null);
  },

  'onEnd() leaves us writing': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    peer.end();
    await recorder.untilEvent('end');
    equal(connection.open, true);
    write(connection, 'still here');
    connection.end();
    equal((await allOf(peer)).toString(), 'still here');
    await recorder.untilEvent('close');
  },

  'finish() closes without waiting for the other side': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    write(connection, 'bye');
    recorder.quietly(() => connection.finish());
    equal((await allOf(peer)).toString(), 'bye');
    await recorder.untilEvent('close');
    equal(recorder.error, null);
  },

  'finish() sends its backlog first': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    const bytes = pattern(LARGE_BYTES);
    connection.write(bytes, 0, LARGE_BYTES);
    recorder.quietly(() => connection.finish());
    ok((await allOf(peer)).equals(bytes));
    await recorder.untilEvent('close');
    equal(recorder.error, null);
  },

  'destroy() inside any callback is followed by onClose() alone': async (reactor) => {
    for (const event of ['data', 'end', 'drain'] as const) {
      const { recorder, peer, connection } = await acceptedPair(reactor);
      recorder.onEvent = (name, own) => {
        if (name === event) own.destroy();
      };
      if (event === 'drain') {
        connection.write(pattern(LARGE_BYTES), 0, LARGE_BYTES);
        peer.resume();
      } else peer.end('abc');
      await recorder.untilEvent('close');
      equal(recorder.events.at(-2), event);
      equal(recorder.error, null);
    }
  },

  'finish() inside onData() with bytes to come brings no more of them': async (reactor) => {
    const { recorder, peer } = await acceptedPair(reactor);
    recorder.onEvent = (event, own) => {
      if (event === 'data') own.finish();
    };
    peer.write(pattern(1_000_000));
    await recorder.untilEvent('close');
    deepEqual(recorder.events, ['data', 'close']);
  },

  'onClose() says ECONNRESET when the other side resets': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    peer.write('abc');
    await recorder.untilEvent('data');
    peer.resetAndDestroy();
    await recorder.untilEvent('close');
    equal(recorder.error, 'ECONNRESET');
    equal(connection.open, false);
  },

  'bytes that arrived before a failed write are delivered': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    // All in one callback, so that nothing of it is read before the write has failed.
    peer.write('answer');
    peer.resetAndDestroy();
    const bytes = pattern(LARGE_BYTES);
    equal(
      recorder.quietly(() => connection.write(bytes, 0, LARGE_BYTES)),
      false,
    );
    equal(
      recorder.quietly(() => write(connection, 'more')),
      false,
    );
    await recorder.untilEvent('close');
    ok(recorder.error === 'ECONNRESET' || recorder.error === 'EPIPE', `${recorder.error}`);
    // Without an end, as a reset is none: what arrived may be only a part.
    if (readsAfterFailedWrite(reactor)) deepEqual(recorder.events, ['data', 'close']);
    equal(recorder.text, recorder.events.includes('data') ? 'answer' : '');
  },

  'an end that arrived before a failed write is told': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    peer.write('answer');
    peer.destroy();
    // The first is answered with a reset, the second meets it.
    write(connection, 'x');
    connection.write(pattern(LARGE_BYTES), 0, LARGE_BYTES);
    await recorder.untilEvent('close');
    ok(recorder.error === 'ECONNRESET' || recorder.error === 'EPIPE', `${recorder.error}`);
    if (readsAfterFailedWrite(reactor)) deepEqual(recorder.events, ['data', 'end', 'close']);
  },

  'a failed write closes a connection that is paused': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    connection.pause();
    peer.write('abc');
    peer.resetAndDestroy();
    connection.write(pattern(LARGE_BYTES), 0, LARGE_BYTES);
    await recorder.untilEvent('close');
    deepEqual(recorder.events, ['close']);
    ok(recorder.error === 'ECONNRESET' || recorder.error === 'EPIPE', `${recorder.error}`);
  },

  'pause() after a failed write closes': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    recorder.read = (own, _, __, end) => {
      own.pause();
      return end;
    };
    peer.write('abc');
    peer.resetAndDestroy();
    connection.write(pattern(LARGE_BYTES), 0, LARGE_BYTES);
    await recorder.untilEvent('close');
    if (readsAfterFailedWrite(reactor)) deepEqual(recorder.events, ['data', 'close']);
    ok(recorder.error === 'ECONNRESET' || recorder.error === 'EPIPE', `${recorder.error}`);
  },

  'onClose() comes once when the other side resets while we have a backlog': async (reactor) => {
    const { recorder, peer, connection } = await acceptedPair(reactor);
    connection.write(pattern(LARGE_BYTES), 0, LARGE_BYTES);
    peer.write('abc');
    peer.resetAndDestroy();
    await recorder.untilEvent('close');
    ok(recorder.error === 'ECONNRESET' || recorder.error === 'EPIPE', `${recorder.error}`);
  },
};

/** Nobody listens there: it was listened on, and closed. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function serverAt(listen: { port: number; host: string } | { path: string }) {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.pipe(socket);
  }).listen(listen);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const connecting: Readonly<Record<string, Case>> = {
  'connect() sends what was written before it was connected': async (reactor) => {
    using server = await serverAt({ host: '127.0.0.1', port: 0 });
    const recorder = new Recorder();
    const address = { kind: 'ip', host: '127.0.0.1', port: server.port } as const;
    const connection = recorder.quietly(() => reactor.connect(address, recorder));
    recorder.quietly(() => write(connection, 'early'));
    recorder.quietly(() => connection.end());
    await recorder.untilEvent('connect');
    equal(connection.localAddress, '127.0.0.1');
    await recorder.untilEvent('close');
    equal(recorder.text, 'early');
    equal(recorder.events[0], 'connect');
    equal(connection.remoteAddress, '127.0.0.1');
    equal(connection.localAddress, '');
    equal(recorder.error, null);
  },

  'connect() reaches a unix socket': async (reactor) => {
    const directory = mkdtempSync(join(tmpdir(), 'forehand-reactor-'));
    try {
      const path = join(directory, 'socket');
      using _server = await serverAt({ path });
      const recorder = new Recorder();
      const connection = reactor.connect({ kind: 'unix', path }, recorder);
      write(connection, 'hello');
      connection.end();
      await recorder.untilEvent('close');
      equal(recorder.text, 'hello');
      equal(connection.remoteAddress, '');
    } finally {
      rmSync(directory, { recursive: true });
    }
  },

  'connect() fails by onClose() alone, with the reason': async (reactor) => {
    const host = '127.0.0.1';
    const cases: readonly (readonly [Address, readonly string[]])[] = [
      [{ kind: 'ip', host, port: await deadPort() }, ['ECONNREFUSED']],
      [{ kind: 'unix', path: join(tmpdir(), 'forehand-no-such-socket') }, ['ENOENT']],
      // Never routed (RFC 1112 4); which error it is depends on the machine's routes.
      [{ kind: 'ip', host: '240.0.0.1', port: 9 }, ['ENETUNREACH', 'EHOSTUNREACH', 'UNKNOWN']],
    ];
    for (const [address, reasons] of cases) {
      if (address.kind === 'ip' && address.host !== host && (await isRouted(address.host)))
        continue;
      const recorder = new Recorder();
      const connection = recorder.quietly(() => reactor.connect(address, recorder));
      recorder.quietly(() => write(connection, 'x'));
      await recorder.untilEvent('close');
      deepEqual(recorder.events, ['close']);
      ok(reasons.includes(`${recorder.error}`), `${address.kind}: ${recorder.error}`);
    }
  },

  'destroy() while connecting is followed by onClose(null)': async (reactor) => {
    using server = await serverAt({ host: '127.0.0.1', port: 0 });
    const recorder = new Recorder();
    const address = { kind: 'ip', host: '127.0.0.1', port: server.port } as const;
    const connection = reactor.connect(address, recorder);
    recorder.quietly(() => connection.destroy());
    await recorder.untilEvent('close');
    deepEqual(recorder.events, ['close']);
    equal(recorder.error, null);
  },

  'destroy() inside onConnect() is followed by onClose(null)': async (reactor) => {
    using server = await serverAt({ host: '127.0.0.1', port: 0 });
    const recorder = new Recorder();
    recorder.onEvent = (event, own) => {
      if (event === 'connect') own.destroy();
    };
    const address = { kind: 'ip', host: '127.0.0.1', port: server.port } as const;
    write(reactor.connect(address, recorder), 'x');
    await recorder.untilEvent('close');
    deepEqual(recorder.events, ['connect', 'close']);
    equal(recorder.error, null);
  },
};

/** Some machines route everything somewhere, and then nothing answers at once. */
async function isRouted(host: string): Promise<boolean> {
  const socket = netConnect({ host, port: 9 });
  const timer = Promise.withResolvers<boolean>();
  const timeout = setTimeout(() => timer.resolve(true), 1_000);
  const failed = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  const routed = await Promise.race([failed, timer.promise]);
  clearTimeout(timeout);
  socket.on('error', () => {}).destroy();
  return routed;
}
