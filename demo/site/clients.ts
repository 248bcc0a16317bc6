/**
 * The clients of the demo: a constant rate of requests to the shared addresses, and what came of
 * them, second by second.
 *
 * What a newcomer gets wrong: they do not wait. What a switched-off machine costs its users is seen
 * because requests go on being made while it is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { hasFailed, parseLine, type Request, SLOW_MS } from '../../src/lab/drill/tally.ts';

const ROOT = join(import.meta.dirname, '../..');
const LOAD = join(ROOT, 'src/lab/drill/load.ts');
const LEASH = join(ROOT, 'scripts/leash.ts');

/** Drawn, with a little more than fits. */
const SECONDS_MAX = 180;

/** A request may be over this long after it was begun. */
const OPEN_SECONDS = 12;

/** What one second looked like; one that is over may still change while requests are under way. */
export type ClientSecond = {
  readonly atMs: number;
  sent: number;
  ok: number;
  slow: number;
  failed: number;
  retried: number;
  maxMs: number;
  /** Of those that were answered, by target. */
  readonly okAt: number[];
};

/** Of Node, to ask these targets so many times a second. */
export function loadArguments(targets: readonly string[], perSecond: number): string[] {
  return ['--disable-warning=ExperimentalWarning', LOAD, String(perSecond), ...targets];
}

/** Clients on this computer, which end with us. */
export function startClients(targets: readonly string[], perSecond: number): Clients {
  const args = ['--import', LEASH, ...loadArguments(targets, perSecond)];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    env: { ...process.env, FOREHAND_LEASH: '3' },
  });
  return new Clients(targets, child);
}

export class Clients {
  readonly targets: readonly string[];
  readonly #child: ChildProcess;
  readonly #seconds = new Map<number, ClientSecond>();
  readonly totals = { sent: 0, failed: 0, slow: 0, retried: 0 };

  /** @param child one that `loadArguments` has started */
  constructor(targets: readonly string[], child: ChildProcess) {
    this.targets = targets;
    this.#child = child;
    let rest = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const request = parseLine(line);
        if (request !== null) this.#count(request);
      }
    });
  }

  /** Oldest first; those of the last moments are not complete. */
  seconds(count: number): readonly ClientSecond[] {
    return [...this.#seconds.values()].toSorted((a, b) => a.atMs - b.atMs).slice(-count);
  }

  /** How many of the last seconds may still change. */
  get openSeconds(): number {
    return OPEN_SECONDS;
  }

  stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.kill('SIGKILL');
    });
  }

  #count(request: Request): void {
    const second = this.#second(Math.floor(request.beganMs / 1_000) * 1_000);
    const failed = hasFailed(request);
    second.sent++;
    this.totals.sent++;
    if (request.tries > 0) {
      second.retried++;
      this.totals.retried++;
    }
    second.maxMs = Math.max(second.maxMs, request.tookMs);
    if (failed) {
      second.failed++;
      this.totals.failed++;
      return;
    }
    second.okAt[request.target]!++;
    if (request.tookMs > SLOW_MS) {
      second.slow++;
      this.totals.slow++;
    } else second.ok++;
  }

  #second(atMs: number): ClientSecond {
    const known = this.#seconds.get(atMs);
    if (known !== undefined) return known;
    const okAt = this.targets.map(() => 0);
    const made = { atMs, sent: 0, ok: 0, slow: 0, failed: 0, retried: 0, maxMs: 0, okAt };
    this.#seconds.set(atMs, made);
    if (this.#seconds.size > SECONDS_MAX) this.#seconds.delete(Math.min(...this.#seconds.keys()));
    return made;
  }
}
