/**
 * `forehand import httpd.conf`: the same configuration as a complete `forehand.config.ts`.
 *
 * It is printed, so that nothing is overwritten; what is wrong goes to the other stream. What a
 * newcomer gets wrong: a secret that is read from a file stays there and is named, not copied.
 */

import type { Command } from 'commander';
import { diagnosticsText } from '../config/diagnostic-report.ts';
import type { Environment } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import { writeNative } from '../config/native/write.ts';
import type { Cli } from './cli.ts';
import { addLoadOptions, environmentFor, type LoadOptions } from './load-options.ts';
import type { Terminal } from './terminal.ts';

export function addImport(program: Command, cli: Cli): void {
  const command = program
    .command('import')
    .description('print Apache and Wackamole files as a forehand.config.ts that means the same')
    .argument('<file...>', 'Apache files, which merge in order, and a wackamole.conf');
  addLoadOptions(command).action(async (files: string[], options: LoadOptions) => {
    const environment = environmentFor(options);
    cli.exitCode = await importFiles(files, { environment, terminal: cli.terminal });
  });
}

export type ImportParts = { readonly environment: Environment; readonly terminal: Terminal };

/** @returns the exit code */
export async function importFiles(
  files: readonly string[],
  { environment, terminal }: ImportParts,
): Promise<number> {
  const loaded = await loadConfiguration(files, environment);
  // Notes are about Apache's words, which the result no longer has.
  terminal.error(diagnosticsText(loaded, terminal.paintError, ['error', 'warning']));
  if (loaded.config === null) return 1;
  const { config, secretFile, groupSecretFile } = loaded;
  terminal.out(writeNative(config, { files, secretFile, groupSecretFile }));
  return 0;
}
