/**
 * A relay in this process with scripted nodes and clients, for the tests beside it.
 *
 *     await using stage = await Stage.on('epoll', { nodes: [() => ANSWER] });
 *     equal(await stage.ask(GET), ANSWER);
 *
 * What a newcomer gets wrong: disposing of a stage is a test of its own. By then every request must
 * have ended with one outcome and every `sent` of the cluster table been `answered`.
 */
import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import {
  type AddressInfo,
  createServer,
  type Server as NetServer,
  connect as netConnect,
  type Socket,
} from 'node:net';
import { server } from '../core/candidacy/candidacy.fixture.ts';
import type { Candidacy, Server } from '../core/candidacy/candidates.ts';
import { removeSelf } from '../core/candidacy/remove-self.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/cluster/config.ts';
import { AT_WANTED, recordMemory } from '../core/report/record-layout.ts';
import { ZoneMap } from '../core/zone/zone-of.ts';
import { makeReactor } from '../io/make-reactor.ts';
import type { Reactor } from '../io/reactor.ts';
import { COUNTERS_BYTES, type CounterName, Counters, totals } from './counters.ts';
import type { LocalService } from './parts.ts';
import { RecordWriter } from './record-writer.ts';
import { Relay } from './relay.ts';

/** One variable for every deadline: 1 suits two busy processors. */
export const SCALE = Number(process.env['FOREHAND_TEST_SCALE'] ?? 1);
export const DEADLINE_MS = 60_000 * SCALE;
/** A limit that a test waits for. */
export const SHORT_MS = 300 * SCALE;

export const REACTORS = ['epoll', 'uv'] as const;

export const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
export const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/**
 * Told of each piece that arrives, with all that has arrived on this connection.
 *
 * @returns text to send, if any; `socket` is there for whatever else
 */
export type Script = (socket: Socket, text: string) => string | null;

/** Answers each whole request without a body. */
export function answering(answer: string): Script {
  return (_, text) => (text.endsWith('\r\n\r\n') ? answer : null);
}

export type StageOptions = {
  /** One for each node of the cluster, slots from 1; null: nobody listens there. */
  readonly nodes: readonly (Script | null)[];
  /** Of this node itself. */
  readonly application?: Script;
  readonly chain?: readonly Candidacy[];
  readonly limits?: Partial<Limits>;
  readonly onEmpty?: 'unavailable' | 'local';
  readonly files?: LocalService;
  /** Endless if not set, as a stage's nodes announce nothing. */
  readonly silenceMs?: number;
};

export class Stage {
  readonly reactor: Reactor;
  readonly relay: Relay;
  readonly port: number;
  readonly servers: Server[];
  /** Connections each script was given, by its place in `nodes`. */
  readonly accepted: number[];
  /** All that arrived at a node. */
  readonly arrived: string[];
  /** Every request is recorded. */
  readonly records: SharedArrayBuffer;
  readonly #counters: SharedArrayBuffer;
  readonly #listening: readonly NetServer[];
  readonly #sockets: Set<Socket>;
  readonly #open: ReadonlyMap<number, number>;

  private constructor(parts: {
    reactor: Reactor;
    relay: Relay;
    port: number;
    servers: Server[];
    accepted: number[];
    arrived: string[];
    counters: SharedArrayBuffer;
    records: SharedArrayBuffer;
    listening: readonly NetServer[];
    sockets: Set<Socket>;
    open: ReadonlyMap<number, number>;
  }) {
    this.reactor = parts.reactor;
    this.relay = parts.relay;
    this.port = parts.port;
    this.servers = parts.servers;
    this.accepted = parts.accepted;
    this.arrived = parts.arrived;
    this.records = parts.records;
    this.#counters = parts.counters;
    this.#listening = parts.listening;
    this.#sockets = parts.sockets;
    this.#open = parts.open;
  }

  static async on(kind: (typeof REACTORS)[number], options: StageOptions): Promise<Stage> {
    const { nodes, application, chain = [removeSelf()], onEmpty = 'unavailable' } = options;
    const reactor = await makeReactor(kind);
    const sockets = new Set<Socket>();
    const accepted = nodes.map(() => 0);
    const arrived = nodes.map(() => '');
    const listening: NetServer[] = [];
    const listen = async (script: Script | null, index: number): Promise<number> => {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        if (accepted[index] !== undefined) accepted[index]++;
        sockets.add(socket.on('error', () => {}).setEncoding('latin1'));
        let text = '';
        socket.on('data', (piece: string) => {
          text += piece;
          if (arrived[index] !== undefined) arrived[index] += piece;
          const reply = script?.(socket, text) ?? null;
          if (reply === null) return;
          text = '';
          socket.write(reply, 'latin1');
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      if (script === null) await new Promise((resolve) => server.close(resolve));
      else listening.push(server);
      return port;
    };
    const ports = await Promise.all(nodes.map(listen));
    const servers = [0, ...ports].map((port, slot) => {
      return server(slot, { address: '127.0.0.1', port, heardMs: Date.now() });
    });
    const own = application === undefined ? null : await listen(application, nodes.length);
    const counters = new SharedArrayBuffer(COUNTERS_BYTES);
    const records = wantedRecords();
    const open = new Map<number, number>();
    const relay = new Relay(
      {
        nodeName: 'stage',
        accept: [],
        application: own === null ? null : { kind: 'ip', host: '127.0.0.1', port: own },
        onEmpty,
        admin: null,
        connectionPools: true,
        limits: { ...DEFAULT_LIMITS, connectTimeoutMs: DEADLINE_MS, ...options.limits },
        silenceMs: options.silenceMs ?? Number.POSITIVE_INFINITY,
      },
      {
        reactor,
        cluster: {
          known: () => servers,
          sent: (slot) => open.set(slot, (open.get(slot) ?? 0) + 1),
          answered: (slot) => open.set(slot, (open.get(slot) ?? 0) - 1),
          failed: (slot) => {
            servers[slot] = { ...servers[slot]!, suspect: true };
          },
        },
        zones: new ZoneMap({ zones: [everything(chain)], documentRoot: null }),
        counters: new Counters(counters),
        records: new RecordWriter(records),
        status: { serve: (_, answer) => answer.send(200, '', new Uint8Array(0)) },
        files: options.files ?? null,
        random: () => 0.5,
      },
    );
    const port = await listenAnywhere(relay);
    return new Stage({
      ...{ reactor, relay, port, servers, accepted, arrived },
      ...{ counters, records, listening, sockets, open },
    });
  }

  count(name: CounterName): number {
    return totals([this.#counters]).single[name];
  }

  /** Outcomes that have been counted, by their codes. */
  get outcomes(): Record<string, number> {
    const { outcomes } = totals([this.#counters]);
    return Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0));
  }

  async client(port = this.port): Promise<Client> {
    const socket = netConnect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const connected = once(socket, 'connect');
    this.#sockets.add(socket.on('error', () => {}));
    await connected;
    return new Client(socket);
  }

  /** A client of its own that sends this, and all that it gets until its end. */
  async ask(text: string): Promise<string> {
    const client = await this.client();
    client.send(text.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    return client.untilEnd();
  }

  /** Looks again at every turn of the loop, until it holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.until(() => this.relay.clientCount === 0);
    this.reactor.stop();
    for (const server of this.#listening) server.close();
    const ended = Object.values(this.outcomes).reduce((sum, count) => sum + count, 0);
    equal(ended, this.count('requests'), 'every request ends with one outcome');
    equal(this.count('requestsInFlight'), 0);
    const unanswered = [...this.#open].filter(([, count]) => count !== 0);
    deepEqual(unanswered, [], 'what was sent is answered, for each slot');
  }
}

/** A client that reads all it gets as text. */
export class Client {
  readonly socket: Socket;
  text = '';
  ended = false;
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (piece: string) => {
      this.text += piece;
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async untilEnd(): Promise<string> {
    while (!this.ended && !this.closed) await Promise.race(this.#news());
    return this.text;
  }

  async until(part: string): Promise<void> {
    while (!this.text.includes(part)) await Promise.race(this.#news());
  }

  #news(): Promise<unknown>[] {
    return ['data', 'end', 'close'].map(
      (event) => new Promise((resolve) => this.socket.once(event, resolve)),
    );
  }
}

function wantedRecords(): SharedArrayBuffer {
  const records = recordMemory();
  Atomics.store(new Int32Array(records), AT_WANTED, 1);
  return records;
}

async function listenAnywhere(relay: Relay): Promise<number> {
  const listener = await relay.listen({ kind: 'ip', host: '127.0.0.1', port: 0 });
  if (typeof listener === 'string') throw new Error(listener);
  return listener.port;
}

function everything(chain: readonly Candidacy[]) {
  return { name: 'everything', scopes: [], chain, handler: null, selfRedirect: null };
}
