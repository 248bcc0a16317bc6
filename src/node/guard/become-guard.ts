/**
 * Turns this process into the guard of what it was about to run.
 *
 * Whether a guard is needed is said by the configuration, so it has been read by now, with all that
 * reads it and with whatever a user's own functions do when they are loaded. None of that belongs
 * in a process that has to be small and must not fail: it is replaced, by execve(2), and keeps its
 * id. Measured: 50 MB of its own instead of 68 MB (x86-64, 2026-11-22).
 *
 * What a newcomer gets wrong: every descriptor but the first three is closed by it, and with them
 * the pipe by which `scripts/launch.mjs` holds what it has started. The kernel holds it instead.
 */
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./guard-main.ts', import.meta.url));

export type GuardStart = {
  readonly interfaces: readonly string[];
  /** The process that this one must not outlive; null: none. */
  readonly leashedTo: number | null;
  /** Its lines are objects, as the node's are, which has this name; null: text. */
  readonly jsonFor: string | null;
};

/**
 * V8 forgets the code of what was not called for a while, and compiles it anew when it is; but a
 * death and a take-over are what is not called for a while (core/ring/rehearsal.ts). For the node
 * as well: a guard starts it with its own flags.
 */
const KEEP_CODE = '--no-flush-bytecode';

/** Never returns: the process goes on in `guard-main.ts`. */
export function becomeGuard(options: Omit<GuardStart, 'leashedTo'>): never {
  const { execPath, execArgv, argv, env, ppid } = process;
  const isLeashed = execArgv.some((flag) => flag.endsWith('/scripts/leash.ts'));
  const start: GuardStart = { ...options, leashedTo: isLeashed ? ppid : null };
  const args = [execPath, ...execArgv, KEEP_CODE, MAIN, JSON.stringify(start), ...argv.slice(1)];
  // Linux has it always; it is the only platform with addresses to guard.
  return process.execve!(execPath, args, env);
}
