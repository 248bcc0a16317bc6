/**
 * This node's Spread daemon: started, asked, started again when it dies, and stopped with it.
 *
 * What a newcomer gets wrong: nothing of the node waits for it. Addresses are held and requests
 * served whether or not old programs find a daemon to talk to.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AddressFigures } from '../../core/address/figures.ts';
import type { SpreadStatus } from '../../core/spread/server/server-events.ts';
import { lesserCommand } from './lesser-command.ts';
import type { FromSpread, SpreadStart, ToSpread } from './spread-protocol.ts';

const MAIN = fileURLToPath(new URL('./spread-main.ts', import.meta.url));

/** What dies at once, dies again: not more often than this. */
const AGAIN_MS = 2_000;
/** As many as `randomInt` gives. */
const BOOT_ID_MAX = 2 ** 48 - 1;

const ASK_MS = 1_000;
const STOP_MS = 1_000;

/** Between two looks, for the metrics: its status has every session in it. */
const LOOK_MS = 5_000;

export type SpreadServiceOptions = Pick<SpreadStart, 'host' | 'user'> & {
  readonly ring: Omit<SpreadStart['ring'], 'self'>;
};

export type SpreadServiceParts = {
  readonly log: (text: string) => void;
  readonly figures: AddressFigures;
};

export class SpreadService {
  readonly #options: SpreadServiceOptions;
  readonly #log: (text: string) => void;
  #child: ChildProcess | null = null;
  #again: NodeJS.Timeout | undefined;
  #asking: ((status: SpreadStatus | null) => void)[] = [];
  #stopping = false;
  readonly #looking: NodeJS.Timeout;

  constructor(options: SpreadServiceOptions, { log, figures }: SpreadServiceParts) {
    this.#options = options;
    this.#log = log;
    this.#run();
    this.#looking = setInterval(() => void this.#look(figures), LOOK_MS);
  }

  /** Null: it does not run, or is too busy to say. */
  async status(): Promise<SpreadStatus | null> {
    if (this.#child === null) return null;
    const answer = new Promise<SpreadStatus | null>((resolve) => this.#asking.push(resolve));
    this.#tell({ kind: 'ask' });
    const enough = new AbortController();
    const late = delay(ASK_MS, null, { signal: enough.signal }).catch(() => null);
    const status = await Promise.race([answer, late]);
    enough.abort();
    return status;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#looking);
    clearTimeout(this.#again);
    const child = this.#child;
    if (child === null) return;
    const gone = once(child, 'close');
    this.#tell({ kind: 'stop' });
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(patience);
  }

  async #look(figures: AddressFigures): Promise<void> {
    const status = await this.status();
    figures.set('spreadDaemons', status?.daemons.length ?? 0);
    figures.set('spreadSessions', status?.sessions.length ?? 0);
    if (status === null) return;
    figures.set('spreadDelivered', status.delivered);
    figures.set('spreadSlow', status.slow);
  }

  #run(): void {
    const [command, args] = lesserCommand([process.execPath, ...process.execArgv, MAIN]);
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    child.on('message', (message: FromSpread) => this.#hear(message));
    child.on('error', (error) => this.#log(`the Spread daemon: ${error.message}`));
    // 'exit' does not come where nothing could be started.
    child.once('close', (code, signal) => {
      this.#child = null;
      for (const answer of this.#asking.splice(0)) answer(null);
      if (this.#stopping) return;
      this.#log(`the Spread daemon has ended (${signal ?? code}), and is started again`);
      this.#again = setTimeout(() => this.#run(), AGAIN_MS);
    });
    const { ring, host, user } = this.#options;
    // Another life: to the others the old one is gone, whatever they still hold of it.
    const self = { name: host.node, bootId: randomInt(1, BOOT_ID_MAX) };
    this.#tell({ kind: 'start', ring: { ...ring, self }, host, user });
  }

  #hear(message: FromSpread): void {
    switch (message.kind) {
      case 'started': {
        const as = message.user === null ? '' : ` as ${message.user}`;
        for (const problem of message.problems) this.#log(`Spread is not served at ${problem}`);
        this.#log(`the Spread daemon runs${as}`);
        return;
      }
      case 'failed':
        this.#log(`the Spread daemon: ${message.message}`);
        return;
      case 'log':
        this.#log(`spread: ${message.text}`);
        return;
      case 'status':
        for (const answer of this.#asking.splice(0)) answer(message.status);
    }
  }

  #tell(message: ToSpread): void {
    // A child that is gone is told nothing, and 'exit' says so.
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }
}
