/**
 * Lets no command end the process without having said how it went.
 *
 * A native configuration is a program: it may call `process.exit(0)`, or wait for what never comes,
 * upon which Node ends as if all were well. Scripts take 0 from `check` as leave to go on.
 *
 * What a newcomer gets wrong: 'beforeExit' comes only when nothing is left to wait for, 'exit'
 * always. In 'exit' one can still set the exit code, and nothing that takes time.
 */
import type { Terminal } from './terminal.ts';

/** @returns what takes the guard away again, for when there is an answer */
export function guardVerdict(terminal: Terminal): () => void {
  let cause = 'something called process.exit';
  const idle = (): void => {
    cause = 'something is waited for that never comes';
  };
  const exit = (): void => {
    terminal.error(`forehand: ended without an answer: ${cause}, perhaps the configuration\n`);
    process.exitCode = 1;
  };
  const release = (): void => {
    process.removeListener('beforeExit', idle);
    process.removeListener('exit', exit);
    process.removeListener('uncaughtExceptionMonitor', release);
  };
  process.on('beforeExit', idle);
  process.on('exit', exit);
  // Node prints the exception and ends with an exit code of its own.
  process.on('uncaughtExceptionMonitor', release);
  return release;
}
