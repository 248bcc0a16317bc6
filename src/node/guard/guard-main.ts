/**
 * The guard as a program of its own. Not for people: `become-guard.ts` calls it.
 *
 *     node guard-main.ts '{"interfaces":["eth0"],"leashedTo":null, ...}' bin/forehand.ts run ...
 *
 * What a newcomer gets wrong: this is the process that was started to be the node, with the same
 * id, so a supervisor sees no difference.
 */
import type { GuardStart } from './become-guard.ts';
import { runGuarded } from './guard.ts';

const [start = '', ...command] = process.argv.slice(2);
const { interfaces, leashedTo, jsonFor } = JSON.parse(start) as GuardStart;

if (leashedTo !== null) {
  // Imported here, as it is for Linux only.
  const { endWithParent } = await import('../../io/parent-death.ts');
  endWithParent(leashedTo);
}
process.exitCode = await runGuarded({
  interfaces,
  command,
  log: (msg) => process.stderr.write(lineOf(msg)),
});

/** As the node writes its own (log-writer.ts), without a package: this process must not fail. */
function lineOf(msg: string): string {
  const time = new Date().toISOString();
  if (jsonFor === null) return `${time} ${msg}\n`;
  return `${JSON.stringify({ level: 'warn', time, node: jsonFor, kind: 'problem', msg })}\n`;
}
