/**
 * A command with less right to the kernel than this process has, where that is not root.
 *
 * What a newcomer gets wrong: a service that is no user but `forehand` may still have what only
 * root had. systemd gives it capabilities as ambient ones (docs/operating/forehand.service), which
 * every program that it starts has, too. They can only be put down for one thread at a time, or
 * before a program begins: by `setpriv` of util-linux.
 */
import { readFileSync } from 'node:fs';

/** Bit of CAP_SYS_NICE, in capabilities(7). The ring's thread is to run when it has to. */
const SYS_NICE = 1n << 23n;

export type Command = readonly [command: string, args: readonly string[]];

/** @param line the program and its arguments */
export function lesserCommand(line: readonly [string, ...string[]]): Command {
  // As root it gives up all of it by itself, once it has joined its group.
  if (process.getuid?.() === 0) return commandOf(line, 0n);
  return commandOf(line, ambientOf(statusOfSelf()));
}

/** @param ambient capabilities as a mask */
export function commandOf(
  [program, ...args]: readonly [string, ...string[]],
  ambient: bigint,
): Command {
  if (ambient === 0n) return [program, args];
  const kept = (ambient & SYS_NICE) === 0n ? '-all' : '-all,+sys_nice';
  return ['setpriv', [`--ambient-caps=${kept}`, `--inh-caps=${kept}`, '--', program, ...args]];
}

/** @param status proc_pid_status(5) */
export function ambientOf(status: string): bigint {
  const [, mask = '0'] = /^CapAmb:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return BigInt(`0x${mask}`);
}

/** Empty where there is no such file: then there are no such rights, either. */
function statusOfSelf(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
