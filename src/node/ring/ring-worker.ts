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
import { workerData } from 'node:worker_threads';
import { rehearse } from '../../core/ring/rehearsal.ts';
import { Ring } from '../../core/ring/ring.ts';
import type { RingEffect, RingEvent } from '../../core/ring/ring-events.ts';
import { DescriptorLoop } from '../../io/descriptor-loop.ts';
import { NeighbourSeeker } from '../../io/neighbour-seeker.ts';
import { FarEnd } from '../../io/thread-channel.ts';
import { raiseThreadPriority } from '../../io/thread-priority.ts';
import { rehearsalProblem } from '../rehearsal-problem.ts';
import { Lifelines } from './lifelines.ts';
import {
  type FromRing,
  MAIN_STALL_MS,
  type RingThreadStart,
  type ToRing,
  WILL_MS,
} from './ring-protocol.ts';
import { hostOf, listenHost, RingSocket } from './ring-socket.ts';
import { Seal, type SealRefusal } from './seal.ts';

/** Trouble that goes on is said again now and then. */
const PROBLEM_REPEAT_MS = 60_000;

/** Effects of a group in which nothing happens, or of a member that is long gone. */
const ROUTINE: ReadonlySet<RingEffect['kind']> = new Set(['cast', 'wake', 'seek']);

/**
 * A calm ring looks at what has come eight times per heartbeat, as far as that is often enough: so
 * what happens is noticed up to 5 ms later, and half of the processor time is saved. From then on
 * it waits for nothing, until it has been calm for ten heartbeats.
 */
const REST_MS_MAX = 5;
const CALM_HEARTBEATS = 10;

class RingThread {
  readonly #ring: Ring;
  readonly #seal: Seal;
  readonly #loop: DescriptorLoop;
  readonly #main: FarEnd;
  /** Null: nothing of it runs. */
  #socket: RingSocket | null = null;
  readonly #lifelines: Lifelines;
  /** Null: there is no address to ask from. */
  readonly #seeker: NeighbourSeeker | null;
  readonly #beats: Int32Array;
  readonly #port: number;
  readonly #refused = new Map<SealRefusal, number>();
  readonly #problems = new Map<string, number>();
  readonly #restMs: number;
  readonly #calmMs: number;
  #stirredMs = performance.now();
  #beatSeen = 0;
  #beatSeenMs = performance.now();
  #willing: NodeJS.Timeout | undefined;
  #left = false;

  constructor(start: RingThreadStart) {
    const { self, group, timing, secrets } = start;
    this.#ring = new Ring({ self, group, timing }, performance.now());
    this.#seal = new Seal(secrets, self.bootId);
    this.#beats = new Int32Array(start.beats);
    this.#port = start.socket.port;
    this.#restMs = Math.min(REST_MS_MAX, timing.heartbeatMs / 8);
    this.#calmMs = CALM_HEARTBEATS * timing.heartbeatMs;
    this.#loop = new DescriptorLoop({
      onWake: () => this.#step({ kind: 'tick', nowMs: performance.now() }),
      restMs: () => (this.#calm ? this.#restMs : 0),
    });
    this.#main = new FarEnd(start.channelFd, this.#loop, (said) => this.#obey(said as ToRing));
    this.#seeker = start.seekFrom === undefined ? null : new NeighbourSeeker(start.seekFrom);
    this.#lifelines = new Lifelines({
      self,
      host: listenHost(start.socket) ?? '::',
      port: start.socket.port,
      seal: this.#seal,
      onDied: (member) => this.#step({ kind: 'died', nowMs: performance.now(), member }),
      // It may be a death: what follows is not to wait.
      onLost: () => {
        this.#stirredMs = performance.now();
      },
      onProblem: this.#onProblem,
    });
    // Also after an error, as the process may go on. Not where the thread is terminated.
    process.once('exit', () => this.#socket?.close());
  }

  run({ socket: options }: RingThreadStart, problem: string | null): void {
    const socket = RingSocket.open(options, {
      onDatagram: (bytes, from) => this.#hear(bytes, from),
      onProblem: this.#onProblem,
    });
    if (typeof socket === 'string') {
      this.#lifelines.close();
      this.#tell({ kind: 'failed', message: socket });
      return;
    }
    this.#socket = socket;
    this.#loop.watch(socket.fd, () => socket.read());
    if (raiseThreadPriority() === 'ordinary') {
      this.#onProblem('heartbeats run at ordinary priority: a busy machine may look dead');
    }
    this.#tell({ kind: 'joined' });
    if (problem !== null) this.#onProblem(problem);
    this.#willing = setInterval(() => this.#makeWill(), WILL_MS);
    this.#step({ kind: 'tick', nowMs: performance.now() });
  }

  #obey(message: ToRing): void {
    const nowMs = performance.now();
    switch (message.kind) {
      case 'send':
        this.#step({ kind: 'send', nowMs, bytes: message.bytes });
        return;
      case 'link':
        this.#step({ kind: 'link', nowMs, up: message.up });
        return;
      case 'serving':
        this.#step({ kind: 'serving', nowMs, on: message.on });
        return;
      case 'reload':
        this.#seal.secrets = message.secrets;
        if (this.#socket !== null) this.#socket.peers = message.peers;
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
    const isRoutine = event.kind === 'tick' || event.kind === 'datagram';
    if (!isRoutine) this.#stirredMs = event.nowMs;
    for (const effect of this.#ring.step(event)) {
      if (!ROUTINE.has(effect.kind)) this.#stirredMs = event.nowMs;
      this.#apply(effect, event.nowMs);
    }
  }

  /** Nothing is said but heartbeats, and they say nothing new. */
  get #calm(): boolean {
    return !this.#left && performance.now() - this.#stirredMs > this.#calmMs;
  }

  /** Steps that are left out look to the ring like a time in which it did not run. */
  #mainRuns(nowMs: number): boolean {
    const beat = Atomics.load(this.#beats, 0);
    if (beat !== this.#beatSeen) {
      this.#beatSeen = beat;
      this.#beatSeenMs = nowMs;
    }
    if (nowMs - this.#beatSeenMs <= MAIN_STALL_MS) return true;
    this.#loop.wakeAt(nowMs + MAIN_STALL_MS / 10);
    return false;
  }

  #apply(effect: RingEffect, nowMs: number): void {
    switch (effect.kind) {
      case 'cast':
        this.#socket?.cast(this.#seal.seal(effect.bytes), nowMs);
        return;
      case 'transmit':
        this.#socket?.transmit(this.#seal.seal(effect.bytes), effect.to);
        return;
      case 'deliver':
        this.#tell({ kind: 'event', event: effect.event });
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
        this.#loop.wakeAt(effect.atMs);
        return;
      case 'report':
        this.#tell({ kind: 'report', text: effect.text });
    }
  }

  #leave(nowMs: number): void {
    if (this.#left) return;
    this.#step({ kind: 'leave', nowMs });
    this.#left = true;
    clearInterval(this.#willing);
    this.#lifelines.close();
    if (this.#socket !== null) this.#loop.unwatch(this.#socket.fd);
    this.#socket?.close();
    this.#seeker?.close();
    this.#main.close();
    this.#loop.stop();
  }

  #makeWill(): void {
    const sealed = this.#seal.seal(this.#ring.lastWord());
    const datagram = Buffer.from(sealed).toString('base64');
    const hosts = this.#socket?.castHosts ?? [];
    this.#tell({ kind: 'will', will: { datagram, hosts, port: this.#port } });
  }

  #tellState(): void {
    const hears = this.#ring.hears();
    this.#tell({
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

  #tell(message: FromRing): void {
    this.#main.send(message);
  }

  /** The same trouble comes back with every datagram. */
  readonly #onProblem = (problem: string): void => {
    const nowMs = performance.now();
    const saidMs = this.#problems.get(problem) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - saidMs < PROBLEM_REPEAT_MS) return;
    this.#problems.set(problem, nowMs);
    this.#tell({ kind: 'report', text: problem });
  };
}

const problem = rehearsalProblem(rehearse);
const start = workerData as RingThreadStart;
new RingThread(start).run(start, problem);
