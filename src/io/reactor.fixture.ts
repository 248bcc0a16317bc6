/**
 * What the reactor's conformance suites need: a handler that writes down what it is told, and the
 * far end of a connection made of `node:net`, which the suites take to be right.
 *
 * What a newcomer gets wrong: nothing here sleeps. A test waits for an event; the test runner's own
 * deadline, stretched by `FOREHAND_TEST_SCALE`, is what ends one that does not come.
 */
import { equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { connect as netConnect, type Socket } from 'node:net';
import type { Connection, ConnectionHandler, Listener, Reactor, SocketError } from './reactor.ts';

/** One variable for every deadline: 1 suits two busy processors. */
export const SCALE = Number(process.env['FOREHAND_TEST_SCALE'] ?? 1);

/** Far longer than any of these tests takes. */
export const DEADLINE_MS = 60_000 * SCALE;

type EventName = 'connect' | 'data' | 'end' | 'drain' | 'close';

type OnData = ConnectionHandler['onData'];

export class Recorder implements ConnectionHandler {
  /** In order; runs of `data` are one. */
  readonly events: EventName[] = [];
  readonly chunks: Buffer[] = [];
  /** Of `onClose`; undefined before it. */
  error: SocketError | null | undefined = undefined;
  /** True while the test is inside a call that must not call back. */
  inCall = false;
  /** Called with each event, inside the callback. */
  onEvent: (event: EventName, connection: Connection) => void = () => {};
  /** Decides how far the bytes are read; takes all of them if not set. */
  read: OnData | null = null;
  #waiting: { readonly when: () => boolean; readonly resolve: () => void }[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  count(event: EventName): number {
    return this.events.filter((name) => name === event).length;
  }

  /** Resolves once `when` holds, looking after each event. */
  until(when: () => boolean): Promise<void> {
    if (when()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ when, resolve }));
  }

  untilEvent(event: EventName): Promise<void> {
    return this.until(() => this.events.includes(event));
  }

  onConnect(connection: Connection): void {
    this.#note('connect', connection);
  }

  onData(connection: Connection, memory: Uint8Array, start: number, end: number): number {
    ok(connection.open, 'bytes come only while it is open');
    let to = end;
    if (this.read === null) this.chunks.push(Buffer.from(memory.subarray(start, end)));
    else to = this.read(connection, memory, start, end);
    this.#note('data', connection);
    return to;
  }

  onEnd(connection: Connection): void {
    equal(connection.unreadBytes, 0, 'bytes left unread are gone');
    this.#note('end', connection);
  }

  onDrain(connection: Connection): void {
    equal(connection.backlogBytes, 0, 'a drain says that nothing is left');
    this.#note('drain', connection);
  }

  onClose(connection: Connection, error: SocketError | null): void {
    equal(connection.open, false);
    this.error = error;
    this.#note('close', connection);
  }

  #note(event: EventName, connection: Connection): void {
    equal(this.inCall, false, `${event} must not come from inside a call`);
    ok(!this.events.includes('close'), `nothing comes after close, and this is ${event}`);
    if (event !== 'data' || this.events.at(-1) !== 'data') this.events.push(event);
    this.onEvent(event, connection);
    const due = this.#waiting.filter(({ when }) => when());
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const { resolve } of due) resolve();
  }

  /** Does what must not call back from inside. */
  quietly<T>(call: () => T): T {
    this.inCall = true;
    try {
      return call();
    } finally {
      this.inCall = false;
    }
  }
}

export type Pair = {
  readonly connection: Connection;
  readonly recorder: Recorder;
  readonly peer: Socket;
  readonly listener: Listener;
};

const peers: Socket[] = [];

/** After each test: whatever far end it left would keep the process alive. */
export function closePeers(): void {
  for (const peer of peers.splice(0)) peer.destroy();
}

/** A connection that the reactor accepted, and its far end. */
export async function acceptedPair(reactor: Reactor, host = '127.0.0.1'): Promise<Pair> {
  const recorder = new Recorder();
  const accepted = Promise.withResolvers<Connection>();
  const listener = await listening(reactor, host, (connection) => {
    connection.handler = recorder;
    accepted.resolve(connection);
  });
  const peer = netConnect({ host, port: listener.port, allowHalfOpen: true });
  // How it ends is seen on our side.
  peer.on('error', () => {});
  peers.push(peer);
  await once(peer, 'connect');
  return { connection: await accepted.promise, recorder, peer, listener };
}

export async function listening(
  reactor: Reactor,
  host: string,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const address = { kind: 'ip', host, port: 0 } as const;
  const listener = await reactor.listen(
    { address, backlog: 4_096, reusePort: false },
    onConnection,
  );
  if (typeof listener === 'string') throw new Error(`cannot listen at ${host}: ${listener}`);
  return listener;
}

/** Everything until the far end has heard the end. */
export async function allOf(peer: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(peer, 'end');
  return Buffer.concat(chunks);
}

/** The next `count` bytes. */
export async function bytesOf(peer: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = peer.read(count);
    if (bytes !== null) return bytes;
    await once(peer, 'readable');
  }
}

/** Bytes that tell their place, so that a lost or doubled block shows. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4)
    bytes.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
  return bytes;
}
