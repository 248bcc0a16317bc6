/** Whether the tests on Corosync can run: of all engines it alone has to be installed. */
import { execFileSync } from 'node:child_process';

/** For `skip` of a test: why it cannot run, or false. */
export const corosyncMissing: string | false = (() => {
  try {
    execFileSync('corosync', ['-v'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'Corosync is not installed';
  }
})();
