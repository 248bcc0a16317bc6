/**
 * The command line as a whole: which commands there are, and what the process answers.
 *
 * One file per command; each adds itself here. Commander parses, writes the help and knows the
 * nearest command to a misspelt one. What a newcomer gets wrong: a command returns its exit code
 * and never calls `process.exit`, which would cut off what is still being written to a pipe.
 */
import { readFileSync } from 'node:fs';
import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { addCheck } from './check.ts';
import type { Cli } from './cli.ts';
import { addDrill } from './drill.ts';
import { addImport } from './import.ts';
import { addInit } from './init.ts';
import { addLab } from './lab.ts';
import { addOrders } from './orders.ts';
import { addReload } from './reload.ts';
import { addRun } from './run.ts';
import { addStatus } from './status.ts';
import type { Terminal } from './terminal.ts';
import { guardVerdict } from './verdict-guard.ts';
import { addWatch } from './watch.ts';
import { addWhy } from './why.ts';

/** @param words what stands behind the name of the program */
export async function runProgram(words: readonly string[], terminal: Terminal): Promise<number> {
  const cli: Cli = { terminal, exitCode: 0 };
  const program = programOf(cli);
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

/** All commands, in the order of the help: begin, run, look, tell, try out. */
export function programOf(cli: Cli): Command {
  const program = new Command('forehand')
    .description('A handful of ordinary Linux machines as one web site that does not go down')
    .version(ownVersion(), '-V, --version')
    .showHelpAfterError('(forehand --help lists what there is)')
    .exitOverride()
    .configureOutput({ writeOut: cli.terminal.out, writeErr: cli.terminal.error });
  addInit(program, cli);
  addCheck(program, cli);
  addImport(program, cli);
  addRun(program, cli);
  addStatus(program, cli);
  addWatch(program, cli);
  addWhy(program, cli);
  addOrders(program, cli);
  addReload(program, cli);
  addLab(program, cli);
  addDrill(program, cli);
  tab(program, { completionCommandName: 'completion' });
  return program;
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
