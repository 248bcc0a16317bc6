/**
 * A program under the guard, for `guard.test.ts`: holds nothing, and says what reaches it.
 *
 *     node guard.fixture.ts fail      ends at once, with 3
 *     node guard.fixture.ts serve     until SIGTERM
 *     node guard.fixture.ts slow      the same, and takes its time before it listens for signals
 */
import { runGuarded } from './guard.ts';
import { isGuarded, openGuardLink } from './guard-link.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Until SIGTERM, upon which it ends because nothing is left to wait for. */
function serve(): void {
  const link = openGuardLink({ onSwept: () => say('swept'), onGuardLost: () => say('alone') });
  const stay = setInterval(() => link?.beat(), 10);
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGINT'] as const)
    process.on(signal, () => say(signal));
  process.once('SIGTERM', () => {
    say('SIGTERM');
    clearInterval(stay);
  });
  link?.ready();
  say(`serving ${link === null ? 'alone' : 'guarded'}, leaves ${isGuarded() ? 'a' : 'no'} mark`);
}

if (!isGuarded()) {
  const command = process.argv.slice(1);
  process.exitCode = await runGuarded({ interfaces: ['none0'], command, log: say });
} else if (process.argv[2] === 'fail') process.exitCode = 3;
else if (process.argv[2] === 'slow') {
  say('starting');
  setTimeout(serve, 300);
} else serve();
