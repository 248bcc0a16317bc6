/**
 * The guard: the parent of a node that holds addresses. It outlives the node, and takes its
 * addresses down at once when it dies or freezes, so that they can be taken over.
 *
 *     guard ── starts, passes signals on, starts again ──► node
 *       ▲                                                   │
 *       └────────── ready, beat, holding ◄──────────────────┘
 *
 * Three things remove an address, each when the one before it fails: the node itself when it is
 * told to stop; the guard, within milliseconds, when the node has died, and within `SILENCE_MS`
 * when it is frozen; the kernel, within seconds, when both are gone (`validMs`).
 *
 * What a newcomer gets wrong: the guard never kills. A node that is only slow goes on serving what
 * it serves, and takes its addresses back when it runs again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { InterfaceAddress } from '../../io/address-port.ts';
import type { AddressSweeper } from '../../io/address-sweeper.ts';
import type { DeathWatch } from '../../io/death-watch.ts';
import { afterExit, type Exit } from './after-exit.ts';
import { type FromGuard, GUARDED, SILENCE_MS, type ToGuard } from './guard-protocol.ts';
import type { LastWord } from './last-word.ts';
import { lockPool, whoLocks } from './pool-lock.ts';

/** The fifth in `stdio` below. */
const WATCH_FD = 4;

/** How precisely silence is measured. */
const LOOK_MS = 50;

/**
 * A collection that waits for V8's helper threads waits for ordinary threads, whatever the priority
 * of its own: on a busy machine the ring's thread then stood still for 20 ms and more.
 */
const NODE_FLAGS = ['--single-threaded-gc'];

export type GuardOptions = {
  /** Of the pool; on others nothing is touched. */
  readonly interfaces: readonly string[];
  /** What the node is started with: a program, and its arguments. */
  readonly command: readonly string[];
  readonly log: (message: string) => void;
};

/** Runs the command as a guarded child. @returns its exit code, at its end */
export async function runGuarded(options: GuardOptions): Promise<number> {
  const { interfaces, command, log } = options;
  const lock = await lockPool('guard', interfaces);
  // Before anything is swept: what another one holds would look like orphans.
  const taken = 'taken' in lock ? lock.taken : await whoLocks('node', interfaces);
  if ('taken' in lock || taken !== null) {
    log(`not started: ${taken}`);
    return 1;
  }
  // Imported here, as they are for Linux only.
  const { AddressSweeper } = await import('../../io/address-sweeper.ts');
  const { openDeathWatch } = await import('../../io/death-watch.ts');
  const { raiseThreadPriority } = await import('../../io/thread-priority.ts');
  const { LastWord } = await import('./last-word.ts');
  const sweeper = AddressSweeper.open(interfaces);
  if ('code' in sweeper) {
    log(`not started, as its addresses could not be guarded: ${sweeper.text}`);
    return 1;
  }
  raiseThreadPriority();
  const lastWord = new LastWord(log);
  const guard = new Guard({ sweeper, lastWord, openDeathWatch, command, log });
  guard.sweep('left by an earlier run');
  const exitCode = await guard.run();
  sweeper.close();
  lastWord.close();
  lock.release();
  return exitCode;
}

type GuardParts = {
  readonly sweeper: AddressSweeper;
  readonly lastWord: LastWord;
  readonly openDeathWatch: () => DeathWatch | null;
  readonly command: readonly string[];
  readonly log: (message: string) => void;
};

class Guard {
  readonly #sweeper: AddressSweeper;
  readonly #lastWord: LastWord;
  readonly #openDeathWatch: () => DeathWatch | null;
  readonly #command: readonly string[];
  readonly #log: (message: string) => void;
  #child: ChildProcess | null = null;
  #deathWatch: DeathWatch | null = null;
  #holding: readonly InterfaceAddress[] = [];
  #beatMs = 0;
  #startedMs = 0;
  #silent = false;
  #hasServed = false;
  #toldToStop = false;
  /** A node that does not listen for signals yet would end by these: it gets them when it does. */
  #hasSpoken = false;
  readonly #due = new Set<NodeJS.Signals>();
  #delayMs = 0;
  #end: (exitCode: number) => void = () => {};

  constructor(parts: GuardParts) {
    this.#sweeper = parts.sweeper;
    this.#lastWord = parts.lastWord;
    this.#openDeathWatch = parts.openDeathWatch;
    this.#command = parts.command;
    this.#log = parts.log;
  }

  async run(): Promise<number> {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const) {
      process.on(signal, () => this.#pass(signal));
    }
    const look = setInterval(() => this.#look(), LOOK_MS);
    const ended = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    this.#start();
    const exitCode = await ended;
    clearInterval(look);
    return exitCode;
  }

  /** @param cause for the log, when there was something */
  sweep(cause: string): void {
    const beganMs = performance.now();
    const { removed, problems } = this.#sweeper.sweep(this.#holding);
    const tookMs = (performance.now() - beganMs).toFixed(1);
    for (const problem of problems) this.#log(`guard: ${problem}`);
    if (removed.length === 0) return;
    const names = removed.map(({ address }) => address).join(', ');
    this.#log(`guard: ${names} removed in ${tookMs} ms: ${cause}`);
  }

  #start(): void {
    const watch = this.#openDeathWatch();
    const child = spawn(process.execPath, [...process.execArgv, ...NODE_FLAGS, ...this.#command], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc', watch?.fd ?? 'ignore'],
      env: { ...process.env, [GUARDED]: watch === null ? 'none' : String(WATCH_FD) },
      // A group of its own: what a terminal sends to ours would reach it twice.
      detached: true,
    });
    this.#child = child;
    this.#deathWatch = watch;
    this.#startedMs = performance.now();
    this.#hasSpoken = false;
    // It is about to read everything anew.
    this.#due.clear();
    child.on('message', (message: ToGuard) => {
      // Words of a life that is over may come after its exit.
      if (this.#child === child) this.#onMessage(message);
    });
    child.once('exit', (code, signal) => this.#onExit({ code, signal }));
    child.once('error', (error) => {
      this.#log(`guard: cannot start the node: ${error.message}`);
      if (child.pid === undefined) this.#onExit({ code: 1, signal: null });
    });
  }

  #onMessage(message: ToGuard): void {
    this.#beatMs = performance.now();
    if (!this.#hasSpoken) {
      this.#hasSpoken = true;
      for (const signal of this.#due) this.#child?.kill(signal);
    }
    if (message.kind === 'alive') this.#deathWatch?.start(() => this.#onDeath());
    if (message.kind === 'will') this.#lastWord.prepare(message.will);
    if (message.kind === 'ready') this.#hasServed = true;
    if (message.kind === 'holding') this.#holding = message.addresses;
    if (!this.#silent) return;
    this.#silent = false;
    this.#log('guard: the node runs again');
    this.#child?.send({ kind: 'swept' } satisfies FromGuard, () => {});
  }

  /** The addresses first: whoever hears of the death takes them at once. */
  #onDeath(): void {
    // Its exit came first, and all was done then; the sweeper may be closed by now.
    if (this.#child === null) return;
    this.sweep('the node has died');
    this.#lastWord.say();
  }

  #onExit(exit: Exit): void {
    // Most often done already, when its death was told. Others wait for the addresses.
    this.sweep('the node has ended');
    this.#child = null;
    this.#deathWatch?.close();
    this.#deathWatch = null;
    this.#holding = [];
    this.#lastWord.forget();
    this.#silent = false;
    const next = afterExit(exit, {
      toldToStop: this.#toldToStop,
      hasServed: this.#hasServed,
      livedMs: performance.now() - this.#startedMs,
      delayMs: this.#delayMs,
    });
    if (next.kind === 'end') {
      this.#end(next.exitCode);
      return;
    }
    const how = exit.signal ?? `exit code ${exit.code}`;
    this.#log(`guard: the node has ended (${how}); another one in ${next.delayMs / 1_000} s`);
    this.#delayMs = next.delayMs;
    setTimeout(() => {
      if (!this.#toldToStop) this.#start();
    }, next.delayMs);
  }

  #look(): void {
    if (!this.#isSilent()) return;
    // What it has said meanwhile may be unread, when it is we who have slept.
    setImmediate(() => {
      if (!this.#isSilent()) return;
      this.#silent = true;
      this.sweep(`the node has been silent for ${SILENCE_MS} ms`);
    });
  }

  #isSilent(): boolean {
    if (this.#child === null || this.#silent || this.#holding.length === 0) return false;
    return performance.now() - this.#beatMs > SILENCE_MS;
  }

  #pass(signal: NodeJS.Signals): void {
    if (signal === 'SIGTERM' || signal === 'SIGINT') this.#toldToStop = true;
    const canWait = signal === 'SIGHUP' || signal === 'SIGUSR1';
    if (this.#child !== null && canWait && !this.#hasSpoken) this.#due.add(signal);
    else if (this.#child !== null) this.#child.kill(signal);
    else if (this.#toldToStop) this.#end(0);
  }
}
