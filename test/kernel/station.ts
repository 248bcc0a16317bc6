/**
 * Machines that run `forehand` and an application, as an operator would have them run.
 *
 * What a newcomer gets wrong: a node's configuration is what the files say, and nothing else; the
 * application is named on the command line, because the article's files leave the site to Apache.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cable, Machine, Room } from '../../src/lab/room.ts';
import { arribaOf, SYSTEM_ARRIBA_PARTS } from '../../src/node/arriba.ts';
import { eventually } from './eventually.ts';

const root = join(import.meta.dirname, '../..');

/** A file of the article, as it is. */
export function article(name: string): string {
  return join(root, 'test/fixtures/article', name);
}

export type StationOptions = {
  readonly cables: readonly Cable[];
  readonly files: readonly string[];
  /** Runs the application, and relays to it what falls to this machine. */
  readonly application: boolean;
};

/** A machine with `forehand` on it, and the application when it has one. */
export class Station {
  readonly machine: Machine;
  readonly address: string;
  /** The configuration: read when the node starts. */
  readonly files: string[];
  readonly #application: boolean;
  #node: ChildProcess | null = null;
  #served: ChildProcess | null = null;
  #log = '';

  constructor(room: Room, name: string, options: StationOptions) {
    this.machine = room.machine(name, options.cables);
    this.address = options.cables[0]!.address.replace(/\/.*/, '');
    this.files = [...options.files];
    this.#application = options.application;
  }

  get name(): string {
    return this.machine.name;
  }

  /** Starts application and node, and waits until the node serves. */
  async start(): Promise<void> {
    if (this.#application) this.startApplication();
    await this.#rememberArriba();
    await this.startNode();
  }

  async startNode(): Promise<void> {
    const options = this.#application ? ['--application', 'http://127.0.0.1:8080'] : [];
    this.#log = '';
    const node = this.machine.run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, 'bin/forehand.ts'), 'run'].concat(
        this.files,
        options,
      ),
      { stdio: ['ignore', 'ignore', 'pipe'], writes: true },
    );
    this.#node = node;
    node.stderr?.on('data', (chunk: Buffer) => {
      this.#log += chunk.toString();
    });
    await eventually(`${this.name} serves`, () => {
      if (this.log.includes(' serves at ')) return;
      throw new Error(`${this.name} says: ${this.log}`);
    });
  }

  startApplication(): void {
    this.#served = this.machine.run(
      process.execPath,
      [join(root, 'examples/site/application.ts'), this.name, this.address],
      { stdio: ['ignore', 'inherit', 'inherit'], writes: false },
    );
  }

  killNode(): Promise<void> {
    return ended(this.#node, 'SIGKILL');
  }

  /** Lets it finish what is under way. */
  stopNode(): Promise<void> {
    return ended(this.#node, 'SIGTERM');
  }

  killApplication(): Promise<void> {
    return ended(this.#served, 'SIGKILL');
  }

  /** As the power switch does. */
  async powerOff(): Promise<void> {
    this.machine.powerOff();
    await Promise.all([ended(this.#node, 'SIGKILL'), ended(this.#served, 'SIGKILL')]);
  }

  /** What the node has said on its standard error. */
  get log(): string {
    return this.#log;
  }

  /**
   * The speed of the machine is known from an earlier start. Otherwise every node would measure it
   * for two seconds, all at once, on the same few processors.
   */
  async #rememberArriba(): Promise<void> {
    const measure = () => Promise.resolve(1_000_000);
    const directory = join(this.machine.local, 'apache/backhand');
    await arribaOf(directory, { ...SYSTEM_ARRIBA_PARTS, measure });
  }
}

async function ended(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** A file beside the article's, on the machine's own disk. @returns its path for us */
export function extraFile({ machine }: Station, text: string): string {
  const directory = join(machine.local, 'etc');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'extra.conf');
  writeFileSync(path, text);
  return path;
}
