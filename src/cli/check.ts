/**
 * `forehand check FILE...`: everything wrong with a configuration, and what it would run.
 *
 * Starts nothing and changes nothing. Answers 0 when a node would start with these files, else 1.
 */

import type { Command } from 'commander';
import { diagnosticsText } from '../config/diagnostic-report.ts';
import type { Environment } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import type { Cli } from './cli.ts';
import { addLoadOptions, environmentFor, type LoadOptions } from './load-options.ts';
import { countText, reportJson } from './report.ts';
import { summaryLines } from './summary.ts';
import type { Terminal } from './terminal.ts';

type CheckOptions = LoadOptions & { readonly json?: boolean };

export function addCheck(program: Command, cli: Cli): void {
  const command = program
    .command('check')
    .description('say what is wrong with a configuration, and what it would run')
    .argument(
      '<file...>',
      'a forehand.config.ts, or Apache files, which merge in order, and a wackamole.conf',
    )
    .option('--json', 'for programs: one JSON value instead of text');
  addLoadOptions(command).action(async (files: string[], options: CheckOptions) => {
    const environment = environmentFor(options);
    const format = options.json === true ? 'json' : 'text';
    cli.exitCode = await check(files, { environment, format, terminal: cli.terminal });
  });
}

export type CheckParts = {
  readonly environment: Environment;
  readonly format: 'text' | 'json';
  readonly terminal: Terminal;
};

/** @returns the exit code */
export async function check(
  files: readonly string[],
  { environment, format, terminal }: CheckParts,
): Promise<number> {
  const loaded = await loadConfiguration(files, environment);
  const { config } = loaded;
  if (format === 'json') {
    terminal.out(reportJson(loaded));
    return config === null ? 1 : 0;
  }
  const { paint } = terminal;
  const text = diagnosticsText(loaded, paint);
  const count = countText(loaded);
  const verdict = config === null ? 'refused' : 'accepted';
  const conclusion = paint('strong', `${files.join(' ')}: ${verdict}`);
  const lines = [`${conclusion}${count === '' ? '' : ` (${count})`}`];
  if (config !== null) lines.push(...summaryLines(config, paint, environment));
  terminal.out(`${text}${text === '' ? '' : '\n'}${lines.join('\n')}\n`);
  return config === null ? 1 : 0;
}
