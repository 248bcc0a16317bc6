/**
 * The ring's thread: datagrams in, steps of `core/ring`, datagrams out. Nothing else runs here.
 *
 * A heap of its own, some MB, so no collection is long enough to look like a death; and the
 * highest right to run that the kernel gives, so that no load on the machine delays a heartbeat.
 *
 * What a newcomer gets wrong: a node whose main thread hangs must not look alive. The main thread
 * counts up a shared number; when that stands still this thread does nothing more, heartbeats
 * included, and the others go on without us.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Ring } from '../../core/ring/ring.ts';
import type { RingEffect, RingEvent } from '../../core/ring/ring-events.ts';
import { NeighbourSeeker } from '../../io/neighbour-seeker.ts';
import { raiseThreadPriority } from '../../io/thread-priority.ts';
import { Lifelines } from './lifelines.ts';
import {
  type FromRing,
  MAIN_STALL_MS,
  type RingStart,
  type ToRing,
  WILL_MS,
} from './ring-protocol.ts';
import { hostOf, RingSocket } from './ring-socket.ts';
import { Seal, type SealRefusal } from './seal.ts';

/** Trouble that goes on is said again now and then. */
const PROBLEM_REPEAT_MS = 60_000;

class RingThread {
  readonly #ring: Ring;
  readonly #seal: Seal;
  readonly #socket: RingSocket;
  readonly #lifelines: Lifelines;
  /** Null: there is no address to ask from. */
  readonly #seeker: NeighbourSeeker | null;
  readonly #beats: Int32Array;
  readonly #port: number;
  readonly #refused = new Map<SealRefusal, number>();
  readonly #problems = new Map<string, number>();
  #beatSeen = 0;
  #beatSeenMs = performance.now();
  #timer: NodeJS.Timeout | null = null;
  #willing: NodeJS.Timeout | undefined;
  #left = false;

  constructor(start: RingStart) {
    const { self, group, timing, secrets } = start;
    this.#ring = new Ring({ self, group, timing }, performance.now());
    this.#seal = new Seal(secrets, self.bootId);
    this.#beats = new Int32Array(start.beats);
    this.#port = start.socket.port;
    this.#socket = new RingSocket(start.socket, {
      onDatagram: (bytes, from) => this.#hear(bytes, from),
      onProblem: this.#onProblem,
    });
    this.#seeker = start.seekFrom === undefined ? null : new NeighbourSeeker(start.seekFrom);
    this.#lifelines = new Lifelines({
      self,
      host: start.socket.host ?? '::',
      port: start.socket.port,
      seal: this.#seal,
      onDied: (member) => this.#step({ kind: 'died', nowMs: performance.now(), member }),
      onProblem: this.#onProblem,
    });
  }

  async run(): Promise<void> {
    const failure = await this.#socket.open();
    if (failure !== null) {
      this.#lifelines.close();
      tell({ kind: 'failed', message: failure });
      return;
    }
    if (raiseThreadPriority() === 'ordinary') {
      this.#onProblem('heartbeats run at ordinary priority: a busy machine may look dead');
    }
    tell({ kind: 'joined' });
    this.#willing = setInterval(() => this.#makeWill(), WILL_MS);
    this.#step({ kind: 'tick', nowMs: performance.now() });
  }

  obey(message: ToRing): void {
    const nowMs = performance.now();
    switch (message.kind) {
      case 'send':
        this.#step({ kind: 'send', nowMs, bytes: message.bytes });
        return;
      case 'link':
        this.#step({ kind: 'link', nowMs, up: message.up });
        return;
      case 'reload':
        this.#seal.secrets = message.secrets;
        this.#socket.peers = message.peers;
        return;
      case 'ask':
        this.#tellState();
        return;
      case 'leave':
        this.#leave(nowMs);
    }
  }

  #hear(datagram: Uint8Array, from: string): void {
    const opened = this.#seal.open(datagram);
    if (opened.kind === 'refused') {
      this.#refused.set(opened.reason, (this.#refused.get(opened.reason) ?? 0) + 1);
      return;
    }
    const { payload } = opened;
    this.#step({ kind: 'datagram', nowMs: performance.now(), from, bytes: payload });
  }

  #step(event: RingEvent): void {
    if (this.#left || !this.#mainRuns(event.nowMs)) return;
    for (const effect of this.#ring.step(event)) this.#apply(effect, event.nowMs);
  }

  /** Steps that are left out look to the ring like a time in which it did not run. */
  #mainRuns(nowMs: number): boolean {
    const beat = Atomics.load(this.#beats, 0);
    if (beat !== this.#beatSeen) {
      this.#beatSeen = beat;
      this.#beatSeenMs = nowMs;
    }
    if (nowMs - this.#beatSeenMs <= MAIN_STALL_MS) return true;
    this.#wakeAt(nowMs + MAIN_STALL_MS / 10, nowMs);
    return false;
  }

  #apply(effect: RingEffect, nowMs: number): void {
    switch (effect.kind) {
      case 'cast':
        this.#socket.cast(this.#seal.seal(effect.bytes), nowMs);
        return;
      case 'transmit':
        this.#socket.transmit(this.#seal.seal(effect.bytes), effect.to);
        return;
      case 'deliver':
        tell({ kind: 'event', event: effect.event });
        return;
      case 'met':
        this.#lifelines.watch(effect.member, hostOf(effect.at));
        return;
      case 'forget':
        this.#lifelines.forget(effect.member);
        return;
      case 'seek':
        this.#seeker?.seek(hostOf(effect.at), nowMs);
        return;
      case 'wake':
        this.#wakeAt(effect.atMs, nowMs);
        return;
      case 'report':
        tell({ kind: 'report', text: effect.text });
    }
  }

  #wakeAt(atMs: number, nowMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        const firedMs = performance.now();
        // Timers may be early by a part of a ms.
        if (firedMs < atMs) this.#wakeAt(atMs, firedMs);
        else this.#step({ kind: 'tick', nowMs: firedMs });
      },
      Math.max(0, atMs - nowMs),
    );
  }

  #leave(nowMs: number): void {
    if (this.#left) return;
    this.#step({ kind: 'leave', nowMs });
    this.#left = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    clearInterval(this.#willing);
    this.#lifelines.close();
    // A turn of the loop later the datagrams have left.
    setImmediate(() => {
      this.#socket.close();
      this.#seeker?.close();
      tell({ kind: 'left' });
      parentPort?.close();
    });
  }

  #makeWill(): void {
    const sealed = this.#seal.seal(this.#ring.lastWord());
    const datagram = Buffer.from(sealed).toString('base64');
    tell({ kind: 'will', will: { datagram, hosts: this.#socket.castHosts, port: this.#port } });
  }

  #tellState(): void {
    const hears = this.#ring.hears();
    tell({
      kind: 'state',
      state: {
        hears,
        view: this.#ring.view,
        refused: Object.fromEntries(this.#refused),
        dropped: this.#ring.dropped,
        lifelines: hears
          .map(({ member }) => member)
          .filter((member) => this.#lifelines.has(member))
          .map(({ name }) => name),
      },
    });
  }

  /** The same trouble comes back with every datagram. */
  readonly #onProblem = (problem: string): void => {
    const nowMs = performance.now();
    const saidMs = this.#problems.get(problem) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - saidMs < PROBLEM_REPEAT_MS) return;
    this.#problems.set(problem, nowMs);
    tell({ kind: 'report', text: problem });
  };
}

function tell(message: FromRing): void {
  parentPort?.postMessage(message);
}

const thread = new RingThread(workerData as RingStart);
parentPort?.on('message', (message: ToRing) => thread.obey(message));
void thread.run();
