/**
 * The directory of a demo, and what demos that were killed have left of theirs.
 *
 * Its name has the process id, so that a later demo can tell whether anybody is using it. What a
 * newcomer gets wrong: SIGKILL leaves no time to clean up, and a secret is in there.
 */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'forehand-demo-';
const LEFT = /^forehand-demo-(\d+)-\w+$/;

export function makeDemoDirectory(parent: string): string {
  return mkdtempSync(join(parent, `${NAME}${process.pid}-`));
}

/** Removes what is ours and nobody's any more; the rest may be another user's demo. */
export function sweepLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = LEFT.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(parent, name);
    try {
      const { uid } = lstatSync(path);
      if (uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another demo that starts now was faster, or it is as broken as a directory can be.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's.
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH';
  }
}
