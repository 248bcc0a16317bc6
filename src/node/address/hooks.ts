/**
 * What the operator wants to have run when addresses come up here, or go.
 *
 * One after the other in the order of the changes, so that a `down` never overtakes its `up`; never
 * waited for by anything else. What a newcomer gets wrong: a hook that fails, hangs or is slow
 * changes nothing of who holds an address. It is logged, and ended after `HOOK_MS`.
 *
 * A command gets the change in its environment: `FOREHAND_EVENT` up or down, `FOREHAND_GROUP`,
 * `FOREHAND_ADDRESSES` as `eth0 10.0.0.5/24` separated by commas, `FOREHAND_CAUSE`.
 */
import { execFile } from 'node:child_process';
import { inspect } from 'node:util';
import type { Hook, HookChange } from '../../core/cluster/config.ts';

const HOOK_MS = 30_000;

/** More changes than this in waiting mean that the hooks cannot keep up at all. */
const WAITING_MAX = 256;

/** What a command says is logged up to here. */
const OUTPUT_CHARACTERS_MAX = 500;

export type HookParts = {
  readonly log: (text: string) => void;
};

export class Hooks {
  /** What changes from now on is told to these. */
  hooks: { readonly up: readonly Hook[]; readonly down: readonly Hook[] };
  readonly #parts: HookParts;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(hooks: { up: readonly Hook[]; down: readonly Hook[] }, parts: HookParts) {
    this.hooks = hooks;
    this.#parts = parts;
  }

  run(change: HookChange): void {
    for (const hook of this.hooks[change.event]) {
      if (this.#waiting >= WAITING_MAX) {
        this.#parts.log(`hook for ${change.group} ${change.event} left out: too many are waiting`);
        continue;
      }
      this.#waiting++;
      this.#last = this.#last.then(async () => {
        const failure = await runOne(hook, change);
        this.#waiting--;
        if (failure !== null) {
          this.#parts.log(`hook for ${change.group} ${change.event}: ${failure}`);
        }
      });
    }
  }

  /** Resolves when all that were asked for have run, or have been given up. */
  settled(): Promise<void> {
    return this.#last;
  }
}

/** @returns null, or what went wrong */
function runOne(hook: Hook, change: HookChange): Promise<string | null> {
  return hook.kind === 'command' ? runCommand(hook, change) : runCall(hook.call, change);
}

function runCommand(
  { command, args }: { readonly command: string; readonly args: readonly string[] },
  change: HookChange,
): Promise<string | null> {
  const env = {
    ...process.env,
    // Ours, for our code alone (docs/decisions/0019).
    NODE_COMPILE_CACHE: undefined,
    FOREHAND_EVENT: change.event,
    FOREHAND_GROUP: change.group,
    FOREHAND_ADDRESSES: change.addresses
      .map(({ interface: name, address, prefixLength }) => `${name} ${address}/${prefixLength}`)
      .join(','),
    FOREHAND_CAUSE: change.cause,
  };
  return new Promise((resolve) => {
    const options = { env, timeout: HOOK_MS, killSignal: 'SIGKILL' } as const;
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(null);
      else {
        const said = `${stdout}${stderr}`.trim().slice(0, OUTPUT_CHARACTERS_MAX);
        const how = error.killed === true ? `ended after ${HOOK_MS / 1_000} s` : failureOf(error);
        resolve(`${command} ${how}${said === '' ? '' : `: ${said}`}`);
      }
    });
  });
}

function failureOf({ code, signal }: { code?: unknown; signal?: unknown }): string {
  if (typeof code === 'string') return `could not be run (${code})`;
  return typeof code === 'number' ? `ended with code ${code}` : `ended by ${String(signal)}`;
}

function runCall(
  call: (change: HookChange) => unknown,
  change: HookChange,
): Promise<string | null> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve(`still running after ${HOOK_MS / 1_000} s`), HOOK_MS);
    const settle = (failure: string | null): void => {
      clearTimeout(patience);
      resolve(failure);
    };
    new Promise((done) => done(call(change))).then(
      () => settle(null),
      (error: unknown) => settle(inspect(error).slice(0, OUTPUT_CHARACTERS_MAX)),
    );
  });
}
