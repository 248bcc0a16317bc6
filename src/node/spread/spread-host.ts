/**
 * The sockets of a Spread daemon: TCP and a path in /tmp, as its clients look for it.
 *
 *     sockets ─┐                        ┌─► sockets
 *              ├─► SpreadServer.step ───┤
 *     group  ──┘                        └─► group
 *
 * What a newcomer gets wrong: nothing is written or sent at once. Whatever one turn of the event
 * loop brings is answered at its end, in one call for each socket and one message for the group.
 * At 20,000 messages a second that is the difference between one system call for each and one
 * for dozens.
 */
import { chmodSync } from 'node:fs';
import net from 'node:net';
import type { ListenAddress } from '../../core/cluster/config.ts';
import type { Group, GroupEvent } from '../../core/ring/group.ts';
import { type AccessRule, isAllowed } from '../../core/spread/server/access-rules.ts';
import { SpreadServer } from '../../core/spread/server/server.ts';
import type {
  ServerEffect,
  ServerEvent,
  SessionId,
  SpreadLimits,
  SpreadStatus,
} from '../../core/spread/server/server-events.ts';
import { unreachable } from '../../core/util/assert.ts';
import { clearSocketPath } from '../socket-path.ts';

export type SpreadHostOptions = {
  readonly node: string;
  readonly listen: readonly ListenAddress[];
  /** Where the unix socket is; null: there is none. */
  readonly path: string | null;
  readonly access: readonly AccessRule[];
  readonly limits: SpreadLimits;
};

const TICK_MS = 1_000;

/** A client that was told why has this long to read it. */
const FAREWELL_MS = 1_000;

/** Every user of the machine may connect, as with the C daemon; the rules say whether to `unix`. */
const SOCKET_MODE = 0o666;

type Connection = {
  readonly socket: net.Socket;
  /** To be written at the end of this turn. */
  pending: Uint8Array[];
};

export class SpreadHost {
  readonly #options: SpreadHostOptions;
  readonly #server: SpreadServer;
  readonly #log: (text: string) => void;
  readonly #connections = new Map<SessionId, Connection>();
  /** Those with something to write. */
  readonly #touched = new Set<SessionId>();
  readonly #listeners: net.Server[] = [];
  readonly #ticking: NodeJS.Timeout;
  #group: Pick<Group, 'send'> | null = null;
  /** Sent before the group is known. */
  #early: Uint8Array[] = [];
  #sessions = 0;
  #reading = true;
  #turning = false;

  constructor(options: SpreadHostOptions, log: (text: string) => void) {
    this.#options = options;
    this.#log = log;
    this.#server = new SpreadServer(options.node, options.limits);
    this.#ticking = setInterval(() => {
      this.#step({ kind: 'tick', nowMs: performance.now() });
    }, TICK_MS);
  }

  /** Events of it may have come already. */
  set group(group: Pick<Group, 'send'>) {
    this.#group = group;
    for (const bytes of this.#early) group.send(bytes);
    this.#early = [];
  }

  hear(event: GroupEvent): void {
    this.#step({ kind: 'group', event });
  }

  status(): SpreadStatus {
    return this.#server.status();
  }

  /** @returns what could not be listened on, and why */
  async listen(): Promise<readonly string[]> {
    const { listen, path } = this.#options;
    const problems = await Promise.all([
      ...listen.map(({ host, port }) => {
        return this.#listen(host === null ? { port } : { host, port }, `${host ?? '*'}:${port}`);
      }),
      ...(path === null ? [] : [this.#listenAt(path)]),
    ]);
    return problems.filter((problem) => problem !== null);
  }

  close(): void {
    clearInterval(this.#ticking);
    for (const listener of this.#listeners) listener.close();
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  async #listenAt(path: string): Promise<string | null> {
    const taken = await clearSocketPath(path);
    if (taken !== null) return `${path}: ${taken}`;
    const problem = await this.#listen({ path }, path);
    if (problem === null) chmodSync(path, SOCKET_MODE);
    return problem;
  }

  #listen(where: net.ListenOptions, name: string): Promise<string | null> {
    return new Promise((resolve) => {
      const options = { noDelay: true, keepAlive: true };
      const listener = net.createServer(options, (socket) => this.#accept(socket, where));
      listener.once('error', (error) => resolve(`${name}: ${codeOf(error)}`));
      listener.listen({ ...where, exclusive: true }, () => {
        listener.on('error', (error) => this.#log(`${name}: ${codeOf(error)}`));
        this.#listeners.push(listener);
        resolve(null);
      });
    });
  }

  #accept(socket: net.Socket, where: net.ListenOptions): void {
    const session = ++this.#sessions;
    const from = where.path === undefined ? (socket.remoteAddress ?? '') : null;
    this.#connections.set(session, { socket, pending: [] });
    socket.on('data', (bytes: Buffer) => this.#step({ kind: 'received', session, bytes }));
    // What went wrong is no matter: it is followed by 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#connections.delete(session);
      this.#step({ kind: 'closed', session });
    });
    if (!this.#reading) socket.pause();
    const allowed = isAllowed(this.#options.access, from);
    this.#step({ kind: 'opened', nowMs: performance.now(), session, allowed });
  }

  #step(event: ServerEvent): void {
    for (const effect of this.#server.step(event)) this.#apply(effect);
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => this.#turn());
  }

  /** The end of a turn of the event loop. */
  #turn(): void {
    this.#turning = false;
    for (const effect of this.#server.step({ kind: 'turn' })) this.#apply(effect);
    for (const session of this.#touched) this.#flush(session);
    this.#touched.clear();
  }

  #apply(effect: ServerEffect): void {
    switch (effect.kind) {
      case 'write':
        this.#connections.get(effect.session)?.pending.push(effect.bytes);
        this.#touched.add(effect.session);
        return;
      case 'send':
        if (this.#group === null) this.#early.push(effect.bytes);
        else this.#group.send(effect.bytes);
        return;
      case 'close':
        if (effect.code !== 0) this.#log(`${effect.who}: ${effect.reason} (${effect.code})`);
        this.#part(effect.session, effect.reads);
        return;
      case 'reading':
        this.#reading = effect.on;
        for (const { socket } of this.#connections.values()) {
          if (effect.on) socket.resume();
          else socket.pause();
        }
        return;
      case 'report':
        this.#log(effect.text);
        return;
      default:
        unreachable(effect);
    }
  }

  #flush(session: SessionId): void {
    const connection = this.#connections.get(session);
    if (connection === undefined) return;
    const { socket, pending } = connection;
    connection.pending = [];
    const last = pending.pop();
    if (last === undefined || socket.writableEnded) return;
    const written = { kind: 'written', session, count: pending.length + 1 } as const;
    socket.cork();
    for (const one of pending) socket.write(one);
    socket.write(last, (error) => {
      if (!error) this.#step(written);
    });
    socket.uncork();
  }

  #part(session: SessionId, reads: boolean): void {
    const socket = this.#connections.get(session)?.socket;
    if (socket === undefined) return;
    if (!reads) {
      socket.destroy();
      return;
    }
    this.#flush(session);
    // Read on: closing with bytes unread would take back what was written.
    socket.resume();
    socket.end();
    const patience = setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.once('close', () => clearTimeout(patience));
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
