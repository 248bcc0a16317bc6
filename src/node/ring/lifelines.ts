/**
 * One TCP connection to each other member, on which nothing is said: it only has an end.
 *
 *     met ─► connect ─► hello, hello ─► (silence) ─► closed ─► connect again ─► refused: it died
 *                                                                    └► hello: it lives
 *
 * When a process dies its kernel closes its sockets at once, so the others know in a round trip
 * what silence would tell them after hundreds of ms. The member with the smaller name connects.
 *
 * What a newcomer gets wrong: the end of a connection is no proof by itself (a firewall may have
 * reset it). The proof is that nobody listens any more where that member listened.
 */
import net from 'node:net';
import type { Member } from '../../core/ring/group.ts';
import { sameMember } from '../../core/ring/group.ts';
import type { Seal } from './seal.ts';

export type LifelineParts = {
  readonly self: Member;
  /** Own address to listen on; `::` for all of them. */
  readonly host: string;
  /** The same on every node. */
  readonly port: number;
  readonly seal: Seal;
  /** A member's line has ended, whatever that means. */
  readonly onLost: () => void;
  /** Its machine says that nobody is there: the process has ended. */
  readonly onDied: (member: Member) => void;
  readonly onProblem: (problem: string) => void;
};

/** Each side introduces itself within this, or is nobody. */
const HELLO_MS = 2_000;

/** A machine that does not even refuse is left to the heartbeats. */
const PROOF_MS = 200;

/**
 * What proves it. A process that is being taken apart loses its sockets one by one: for some ms its
 * kernel still takes a new connection, and resets it when the listening socket goes.
 */
const PROOFS: readonly (string | undefined)[] = ['ECONNREFUSED', 'ECONNRESET'];

/** Between two tries to reach a member that is heard but cannot be connected to. */
const RETRY_MS = 250;

/** A hello is a sealed name: 18 bytes, at most 64 of name and its length, and 32 of signature. */
const HELLO_BYTES_MAX = 128;

/** Connections that have not introduced themselves, so that strangers cannot fill our table. */
const STRANGERS_MAX = 128;

/** Usually one connection; both sides may have made one. It lives while one of them does. */
type Line = {
  readonly member: Member;
  readonly host: string;
  readonly sockets: Set<net.Socket>;
};

export class Lifelines {
  readonly #parts: LifelineParts;
  readonly #server: net.Server;
  readonly #lines = new Map<number, Line>();
  readonly #sockets = new Set<net.Socket>();
  #strangers = 0;
  #closed = false;

  constructor(parts: LifelineParts) {
    this.#parts = parts;
    this.#server = net.createServer((socket) => this.#accept(socket));
    this.#server.on('error', (error: NodeJS.ErrnoException) => {
      parts.onProblem(`no lifelines: ${error.code} port ${parts.port}/tcp`);
    });
    this.#server.listen({ port: parts.port, host: parts.host });
  }

  /** A member worth having a lifeline to. */
  watch(member: Member, host: string): void {
    if (this.#lines.has(member.bootId)) return;
    const line: Line = { member, host, sockets: new Set() };
    this.#lines.set(member.bootId, line);
    if (this.#parts.self.name < member.name) this.#connect(line, 'first');
  }

  has(member: Member): boolean {
    return (this.#lines.get(member.bootId)?.sockets.size ?? 0) > 0;
  }

  forget(member: Member): void {
    const line = this.#lines.get(member.bootId);
    this.#lines.delete(member.bootId);
    for (const socket of line?.sockets ?? []) socket.destroy();
  }

  close(): void {
    this.#closed = true;
    this.#lines.clear();
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** @param reason `proof`: a line has ended, and whether the process has is to be found out */
  #connect(line: Line, reason: 'first' | 'proof'): void {
    if (this.#closed || this.#lines.get(line.member.bootId) !== line) return;
    const socket = net.connect({ host: line.host, port: this.#parts.port, noDelay: true });
    this.#adopt(socket);
    let failure = '';
    let kept = false;
    socket.setTimeout(reason === 'proof' ? PROOF_MS : HELLO_MS, () => socket.destroy());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failure = error.code ?? '';
    });
    socket.on('connect', () => socket.write(this.#hello()));
    this.#readHello(socket, (member) => {
      if (sameMember(member, line.member)) {
        kept = true;
        this.#keep(line, socket);
      }
      // Somebody else lives there now.
      else if (reason === 'proof' && member.name === line.member.name) this.#died(line);
      else socket.destroy();
    });
    socket.on('close', () => {
      if (line.sockets.size > 0 || kept) return;
      if (reason === 'proof' && PROOFS.includes(failure)) this.#died(line);
      else setTimeout(() => this.#connect(line, 'first'), RETRY_MS).unref();
    });
  }

  #accept(socket: net.Socket): void {
    if (this.#closed || this.#strangers >= STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    this.#adopt(socket);
    this.#strangers++;
    let known = false;
    const settle = (): void => {
      if (!known) this.#strangers--;
      known = true;
    };
    socket.setTimeout(HELLO_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', settle);
    this.#readHello(socket, (member) => {
      settle();
      const line = this.#lines.get(member.bootId);
      if (line === undefined || !sameMember(member, line.member)) {
        // Not heard yet: it comes again.
        socket.destroy();
        return;
      }
      socket.write(this.#hello());
      this.#keep(line, socket);
    });
  }

  #adopt(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #keep(line: Line, socket: net.Socket): void {
    socket.setTimeout(0);
    // A machine that loses power closes nothing; its old connections must not stay for ever.
    socket.setKeepAlive(true, 10_000);
    socket.on('data', () => undefined);
    line.sockets.add(socket);
    socket.once('close', () => {
      line.sockets.delete(socket);
      if (line.sockets.size > 0) return;
      this.#parts.onLost();
      this.#connect(line, 'proof');
    });
  }

  #died(line: Line): void {
    this.#lines.delete(line.member.bootId);
    this.#parts.onDied(line.member);
  }

  #hello(): Uint8Array {
    const name = Buffer.from(this.#parts.self.name);
    const sealed = this.#parts.seal.seal(name);
    return Buffer.concat([Buffer.from([sealed.length]), sealed]);
  }

  /** Calls back once, when a whole hello has come and is true. */
  #readHello(socket: net.Socket, onHello: (member: Member) => void): void {
    let read: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      read = Buffer.concat([read, chunk.subarray(0, HELLO_BYTES_MAX + 1)]);
      const size = read[0] ?? 0;
      if (read.length < 1 + size) return;
      socket.removeListener('data', onData);
      const opened = this.#parts.seal.open(read.subarray(1, 1 + size));
      if (opened.kind === 'refused') {
        socket.destroy();
        return;
      }
      onHello({ name: Buffer.from(opened.payload).toString(), bootId: opened.bootId });
    };
    socket.on('data', onData);
  }
}
