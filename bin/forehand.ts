/**
 * The command line: `forehand check httpd.conf`. See `src/cli/program.ts`.
 */
import { runProgram } from '../src/cli/program.ts';
import { systemTerminal } from '../src/cli/terminal.ts';

process.exitCode = await runProgram(process.argv.slice(2), systemTerminal());
