/** The client against a daemon that is played here, byte by byte, on unix and TCP sockets. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { encodeMethods, encodeRefusal, encodeWelcome } from '../../core/spread/handshake.ts';
import type { SpreadEvent } from '../../core/spread/session-events.ts';
import { probeSpread, SpreadClient } from './spread-client.ts';

/** What a daemon answers to each connection, in turn. */
type Answer = (socket: net.Socket) => void;

const welcome: Answer = (socket) => {
  socket.write(encodeMethods(['NULL']));
  socket.write(encodeWelcome({ version: [4, 4, 0], privateName: '#a#n1' }));
};
const taken: Answer = (socket) => socket.end(encodeRefusal(-6));

async function daemon(...answers: Answer[]) {
  const sockets: net.Socket[] = [];
  const received: Buffer[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    (answers[sockets.length] ?? welcome)(socket);
    sockets.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { at: `${port}@127.0.0.1`, sockets, close, received };
}

/** Events as they come, and somebody who waits for one. */
function listener() {
  const events: SpreadEvent[] = [];
  let wake = (): void => {};
  return {
    events,
    onEvent: (event: SpreadEvent) => {
      events.push(event);
      wake();
    },
    async until(count: number): Promise<void> {
      while (events.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function kinds(events: readonly SpreadEvent[]): (string | number)[] {
  return events.map((event) => (event.kind === 'lost' ? event.code : event.kind));
}

test('SpreadClient connects again when its name is still taken, and when the daemon goes', async () => {
  const { at, sockets, close } = await daemon(taken, taken, welcome, welcome);
  const { events, onEvent, until } = listener();
  const client = new SpreadClient({ daemon: at, user: 'a', retryMs: 1 }, onEvent);
  client.open();
  await until(3);
  equal(client.privateName, '#a#n1');
  sockets[2]!.destroy();
  await until(5);
  deepEqual(kinds(events), [-6, -6, 'connected', -8, 'connected']);
  client.close();
  close();
});

test('SpreadClient writes what is asked for once it is connected, and a last word', async () => {
  const { at, sockets, received, close } = await daemon();
  const { onEvent, until } = listener();
  const client = new SpreadClient({ daemon: at, user: 'a', retryMs: 1 }, onEvent);
  equal(client.join('chat'), -11);
  client.open();
  await until(1);
  equal(client.join('chat'), 0);
  equal(client.join('#a#n1'), -14);
  const bytes = new Uint8Array(3);
  equal(client.multicast({ service: 0x10, groups: ['chat'], type: 1, bytes }), 0);
  equal(
    client.multicast({ service: 0x10, groups: ['chat'], type: 1, bytes: new Uint8Array(2 ** 20) }),
    -17,
  );
  client.close();
  equal(client.leave('chat'), -11);
  await once(sockets[0]!, 'end');
  // Hello, choice, join, message, kill.
  equal(Buffer.concat(received).length, 6 + 90 + 80 + 83 + 80);
  close();
});

test('SpreadClient says why it is not connected, each time', async () => {
  const { events, onEvent, until } = listener();
  const client = new SpreadClient({ daemon: '1@127.0.0.1', user: 'a', retryMs: 1 }, onEvent);
  client.open();
  await until(2);
  deepEqual(kinds(events).slice(0, 2), [-2, -2]);
  equal(events[0]!.kind === 'lost' && events[0]!.reason, 'ECONNREFUSED');
  client.close();
});

test('SpreadClient may be closed by what it says', async () => {
  const { at, close, sockets } = await daemon();
  const events: SpreadEvent[] = [];
  const client = new SpreadClient({ daemon: at, user: 'a', retryMs: 1 }, (event) => {
    events.push(event);
    client.close();
  });
  client.open();
  while (sockets.length === 0) await new Promise(setImmediate);
  await once(sockets[0]!, 'end');
  deepEqual(kinds(events), ['connected']);
  close();
});

test('probeSpread() tells a daemon from what is none', async () => {
  const mute: Answer = () => {};
  const gone: Answer = (socket) => socket.end();
  const { at, close } = await daemon(welcome, taken, gone, mute);
  equal(await probeSpread(at, 1_000), null);
  equal(await probeSpread(at, 1_000), null);
  equal(await probeSpread(at, 1_000), 'it closes the connection');
  equal(await probeSpread(at, 10), 'it said nothing for 10 ms');
  equal(await probeSpread('1@127.0.0.1', 1_000), 'ECONNREFUSED');
  ok((await probeSpread('nonsense', 1_000))?.includes('no daemon'));
  close();
});

test('SpreadClient reaches a daemon through a unix socket', async () => {
  const server = net.createServer((socket) => welcome(socket.resume()));
  // A port that is no port of TCP's here: its name in /tmp is all that counts.
  const port = 40_000 + (process.pid % 20_000);
  const path = `/tmp/${port}`;
  rmSync(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  const { onEvent, until } = listener();
  const client = new SpreadClient({ daemon: String(port), user: 'a', retryMs: 1 }, onEvent);
  client.open();
  await until(1);
  equal(client.privateName, '#a#n1');
  client.close();
  server.close();
});
