/**
 * The command line as a whole: which commands there are, and what the process answers.
 *
 * One file per command; each adds itself here. Commander parses, writes the help and knows the
 * nearest command to a misspelt one. What a newcomer gets wrong: a command returns its exit code
 * and never calls `process.exit`, which would cut off what is still being written to a pipe.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addCheck } from './check.ts';
import { addImport } from './import.ts';
import { addRun } from './run.ts';
import type { Terminal } from './terminal.ts';
import { guardVerdict } from './verdict-guard.ts';

/** What commands share: where to write, and how to say how it went. */
export type Cli = {
  readonly terminal: Terminal;
  /** The process's answer once all is written; the last one counts. */
  exitCode: number;
};

/** @param words what stands behind the name of the program */
export async function runProgram(words: readonly string[], terminal: Terminal): Promise<number> {
  const cli: Cli = { terminal, exitCode: 0 };
  const program = new Command('forehand')
    .description('A handful of ordinary Linux machines as one web site that does not go down')
    .version(ownVersion(), '-V, --version')
    .showHelpAfterError('(forehand --help lists what there is)')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.error });
  addCheck(program, cli);
  addImport(program, cli);
  addRun(program, cli);
  const release = guardVerdict(terminal);
  try {
    await program.parseAsync(words, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    // Commander has written its message already; help and version end this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  } finally {
    release();
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
