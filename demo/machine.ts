/**
 * A machine of the demo: a node of the cluster, and the shop it serves.
 *
 * Both live and die together. `kill` on the node is the power switch, so its shop goes too; nothing
 * starts it again. What a newcomer gets wrong: both are in a session of their own, or Ctrl-C would
 * reach them before us and look like five machines failing at once; the leash ends them with us.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const LEASH = join(ROOT, 'scripts', 'leash.ts');

export type MachineOptions = {
  readonly name: string;
  readonly address: string;
  readonly config: string;
  /** What both print goes here. */
  readonly log: string;
  /** Argument of `shop.ts`; null: this machine has no shop. */
  readonly shop: string | null;
};

export class Machine {
  readonly options: MachineOptions;
  /** Called once, when the node is gone without having been told to go. */
  onGone: (how: string) => void = () => {};
  readonly #node: ChildProcess;
  readonly #shop: ChildProcess | null;
  readonly #gone: Promise<unknown>;
  #running = true;

  constructor(options: MachineOptions) {
    this.options = options;
    const log = openSync(options.log, 'a');
    const { shop, config, name } = options;
    this.#shop = shop === null ? null : run(['demo/shop.ts', shop], log);
    this.#node = run(['bin/forehand.ts', 'run', '--node', name, config], log);
    this.#gone = Promise.all([gone(this.#node), this.#shop === null ? null : gone(this.#shop)]);
    this.#node.once('exit', (code, signal) => {
      const expected = !this.#running;
      this.stop();
      if (!expected) this.onGone(signal === null ? `exit code ${code}` : signal);
    });
    this.#shop?.once('exit', () => {
      if (this.#running) this.onShopGone();
    });
  }

  /** The node lives on and announces that its application takes no connections. */
  onShopGone: () => void = () => {};

  get pid(): number {
    return this.#node.pid ?? 0;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Pulls the plug. Resolves when nothing is left of it. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#node.kill('SIGKILL');
    this.#shop?.kill('SIGKILL');
    await this.#gone;
  }
}

function run(args: readonly string[], log: number): ChildProcess {
  const flags = ['--disable-warning=ExperimentalWarning', '--import', LEASH];
  return spawn(process.execPath, [...flags, ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...process.env, FOREHAND_LEASH: '3' },
  });
}

function gone(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
}
