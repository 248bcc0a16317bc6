/**
 * The command line: `forehand check httpd.conf`. See `src/cli/program.ts`.
 */
import { runProgram } from '../src/cli/program.ts';
import { systemTerminal } from '../src/cli/terminal.ts';

// Not awaited at the top, where Node would answer for a promise that never settles in its own way.
void runProgram(process.argv.slice(2), systemTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
