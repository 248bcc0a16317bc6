/**
 * Starts the demo as a user does, and finds every trace of it afterwards.
 *
 * What a newcomer gets wrong: the demo is started through the launcher, so the process we hold is
 * not the one that runs the machines. What it left behind is found by the directory of its files,
 * which stands on every command line.
 */
import { ok } from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../kernel/eventually.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Eleven processes start on a small and busy machine; the demo itself gives up after a minute. */
const PATIENCE_MS = 90_000;

export type DemoNode = { readonly name: string; readonly address: string; readonly pid: number };

type Ready = {
  readonly url: string;
  readonly status: string;
  /** Of example 3. */
  readonly control: string | null;
  readonly nodes: readonly DemoNode[];
};

export class Demo {
  readonly ready: Ready;
  readonly #launcher: ChildProcess;
  readonly #output: () => string;

  constructor(launcher: ChildProcess, ready: Ready, output: () => string) {
    this.#launcher = launcher;
    this.ready = ready;
    this.#output = output;
  }

  get url(): string {
    return this.ready.url;
  }

  get output(): string {
    return this.#output();
  }

  /** The page with the power switches. */
  get control(): string {
    const { control } = this.ready;
    if (control === null) throw new Error('this demo has no power switches');
    return control;
  }

  /** Where its files are: named in what it prints. */
  get directory(): string {
    const found = /\S+\/forehand-demo-[\w-]+$/m.exec(this.output)?.[0];
    if (found === undefined) throw new Error(`no directory in ${this.output}`);
    return found;
  }

  node(name: string): DemoNode {
    const found = this.ready.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`no machine is called ${name}`);
    return found;
  }

  /** Command lines of what is left of it. */
  processes(): string[] {
    const all = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' });
    return all.split('\n').filter((line) => line.includes(this.directory));
  }

  /** `group`: as the terminal does on Ctrl-C. */
  async end(signal: NodeJS.Signals, to: 'launcher' | 'group' = 'launcher'): Promise<void> {
    const { pid, exitCode, signalCode } = this.#launcher;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = new Promise((resolve) => this.#launcher.once('exit', resolve));
    process.kill(to === 'group' ? -pid : pid, signal);
    await exited;
  }
}

export async function startDemo(
  environment: NodeJS.ProcessEnv = {},
  example: '1' | '3' = '1',
  options: readonly string[] = [],
): Promise<Demo> {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-e2e-'));
  const file = join(directory, 'ready.json');
  const words = ['--example', example, '--ready-file', file, ...options];
  const args = ['scripts/launch.mjs', 'demo/start.ts', ...words];
  const launcher = spawn(process.execPath, args, {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream.on('data', (chunk) => (output += String(chunk)));
  }
  const isReady = () => existsSync(file) && output.includes('Ctrl-C');
  await until('the demo serves', () => {
    if (launcher.exitCode !== null) throw new Error(`the demo ended:\n${output}`);
    return isReady();
  });
  const ready = JSON.parse(readFileSync(file, 'utf8')) as Ready;
  rmSync(directory, { recursive: true });
  return new Demo(launcher, ready, () => output);
}

/** Until it holds; else fails, saying what was waited for. */
export function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  return eventually(what, async () => ok(await holds(), what), PATIENCE_MS);
}
