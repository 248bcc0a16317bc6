/**
 * A whole cluster on one machine, with switches to break it: each machine of the lab file is a
 * network namespace with a daemon of its own, plugged into a bridge.
 *
 * What a newcomer gets wrong: "off" is what a power cut does. The cable goes first, so that nothing
 * the dying machine says is heard; "kill" ends the daemon alone, and its kernel goes on to talk.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LabDefinition, type MachineDefinition, rangeOf } from './definition.ts';
import { childOf, type Machine, Room } from './room.ts';

const FOREHAND = join(import.meta.dirname, '../../bin/forehand.ts');
const CLOCK = join(import.meta.dirname, 'clock-shift.ts');

/** A stop drains first, and so may wait for answers under way. */
const STOP_MS = 40_000;

export type LabParts = {
  /** What a daemon says, line by line. */
  readonly onLog: (machine: string, line: string) => void;
};

export class Lab {
  readonly machines: ReadonlyMap<string, LabMachine>;
  readonly #room: Room;

  /** @throws what the kernel says against namespaces; see `unavailable` in room.ts */
  constructor(definition: LabDefinition, parts: LabParts) {
    this.#room = new Room();
    const machines = Object.entries(definition.machines).map(([name, machine]) => {
      const cables = Object.entries(machine.plugs).map(([network, address]) => {
        const { prefixLength } = rangeOf(definition.networks[network])!;
        return { network, address: `${address}/${prefixLength}` };
      });
      const built = this.#room.machine(name, cables);
      return [name, new LabMachine(built, machine, parts)] as const;
    });
    this.machines = new Map(machines);
  }

  /** Starts the daemon of every machine that has one. */
  async start(): Promise<void> {
    for (const machine of this.machines.values()) await machine.start();
  }

  /** What the first sends no longer reaches the second. */
  deafen(from: LabMachine, to: LabMachine): void {
    this.#room.cut([[from.machine, to.machine]]);
  }

  /** Nothing passes between the two sides, either way. */
  divide(some: readonly LabMachine[], others: readonly LabMachine[]): void {
    const pairs = some.flatMap((one) =>
      others.map((other) => [one.machine, other.machine] as const),
    );
    this.#room.cut([...pairs, ...pairs.map(([one, other]) => [other, one] as const)]);
  }

  heal(): void {
    this.#room.heal();
  }

  /** Kills what runs, and removes everything. Idempotent. */
  close(): void {
    this.#room.close();
  }
}

export class LabMachine {
  readonly machine: Machine;
  readonly #definition: MachineDefinition;
  readonly #parts: LabParts;
  #daemon: ChildProcess | null = null;
  #on = true;
  /** Its programs; they are not started again while it is on. */
  #started = false;

  constructor(machine: Machine, definition: MachineDefinition, parts: LabParts) {
    this.machine = machine;
    this.#definition = definition;
    this.#parts = parts;
    this.clock(0);
  }

  get name(): string {
    return this.machine.name;
  }

  get on(): boolean {
    return this.#on;
  }

  get runs(): boolean {
    return this.#daemon !== null;
  }

  /** Starts its programs and its daemon, and returns when that has said its first line. */
  async start(): Promise<void> {
    const { run, arguments: more = [] } = this.#definition;
    this.#startPrograms();
    if (run === undefined || this.#daemon !== null) return;
    const flags = ['--disable-warning=ExperimentalWarning', '--import', CLOCK];
    const daemon = this.machine.run(
      process.execPath,
      [...flags, FOREHAND, 'run', ...run, ...more],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        writes: false,
        environment: { FOREHAND_LAB_CLOCK: this.#clockFile },
      },
    );
    this.#daemon = daemon;
    daemon.once('exit', (code, signal) => {
      if (this.#daemon === daemon) this.#daemon = null;
      this.#parts.onLog(this.name, `the daemon has ended (${signal ?? `code ${code}`})`);
    });
    await firstLine(daemon, (line) => this.#parts.onLog(this.name, line));
  }

  #startPrograms(): void {
    const { programs = [] } = this.#definition;
    for (const [program, ...args] of this.#started ? [] : programs) {
      const child = this.machine.run(program!, args, {
        stdio: ['ignore', 'ignore', 'pipe'],
        writes: false,
      });
      void firstLine(child, (line) => this.#parts.onLog(this.name, line));
    }
    this.#started = true;
  }

  /** As an operator does: it drains, hands over and ends. */
  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) return;
    const gone = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    const patience = setTimeout(() => this.machine.powerOff(), STOP_MS);
    await gone;
    clearTimeout(patience);
  }

  /** The power switch. */
  off(): void {
    this.machine.unplug();
    this.machine.freeze();
    this.machine.powerOff();
    // Its end is told in a later turn, and the switch may be pressed again before that.
    this.#daemon = null;
    this.#started = false;
    this.#on = false;
  }

  /** The power switch, the other way: plugged in, with its own addresses and nothing else. */
  async switchOn(): Promise<void> {
    this.machine.configure();
    this.machine.plug();
    this.#on = true;
    await this.start();
  }

  /** Reads its configuration again. */
  reload(): void {
    this.#daemon?.kill('SIGHUP');
  }

  /** The node's own process, as when it crashes. Whoever watches over it goes on. */
  kill(): void {
    const pid = this.nodePid;
    if (pid !== null) process.kill(pid, 'SIGKILL');
  }

  /** The node's own process is stopped, its machine goes on. */
  freezeDaemon(frozen: boolean): void {
    const pid = this.nodePid;
    if (pid !== null) process.kill(pid, frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** The process that holds addresses: the guard's child where there is a guard. */
  get nodePid(): number | null {
    const guard = this.#daemon?.pid;
    return guard === undefined ? null : (childOf(guard) ?? guard);
  }

  /** Another program takes every address but the machine's own away. */
  flush(): void {
    for (const line of this.machine
      .exec('ip', '-o', 'address', 'show', 'scope', 'global')
      .split('\n')) {
      const [, card, , address] = line.split(/\s+/);
      if (card === undefined || address === undefined) continue;
      if (this.machine.cables.some((cable) => cable.address === address)) continue;
      this.machine.exec('ip', 'address', 'delete', address, 'dev', card);
    }
  }

  /** What programs on this machine take for the time of day is off by this much. */
  clock(offsetMs: number): void {
    writeFileSync(this.#clockFile, String(offsetMs));
  }

  /** What the daemon of this machine answers to `forehand` with these arguments. */
  ask(...words: readonly string[]): string {
    return this.machine.exec(
      'unshare',
      '--uts',
      'sh',
      '-ec',
      `mount --bind ${this.machine.runDirectory} /run; hostname ${this.name}; exec "$@"`,
      'sh',
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      FOREHAND,
      ...words,
    );
  }

  get #clockFile(): string {
    return join(this.machine.runDirectory, 'clock-offset');
  }
}

function firstLine(daemon: ChildProcess, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let rest = '';
    daemon.stderr?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      if (lines.length > 0) resolve();
    });
    daemon.once('exit', () => resolve());
  });
}
