/**
 * `forehand lab FILE`: a whole cluster on this machine, to be broken and watched.
 *
 * What a newcomer gets wrong: it is real. Real daemons, real kernels' addresses and ARP, in network
 * namespaces that end with this command, however it ends.
 */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Cli } from './cli.ts';

type LabOptions = { readonly do?: string; readonly quiet?: boolean };

export function addLab(program: Command, cli: Cli): void {
  program
    .command('lab')
    .description('run a whole cluster on this machine, with switches to break it (root, Linux)')
    .argument('<file>', 'describes machines and networks: export default defineLab({...})')
    .option('--do <commands>', 'commands separated by ";" instead of a prompt, then end')
    .option('--quiet', 'leave out what the daemons say')
    .action(async (file: string, options: LabOptions) => {
      cli.exitCode = await lab(file, options, cli);
    });
}

async function lab(file: string, options: LabOptions, { terminal }: Cli): Promise<number> {
  const { unavailable } = await import('../lab/room.ts');
  const { loadLab } = await import('../lab/definition.ts');
  const definition = await loadLab(file);
  if ('errors' in definition) {
    for (const error of definition.errors) terminal.error(`${file}: ${error}\n`);
    return 1;
  }
  const reason = unavailable();
  if (reason !== null) {
    terminal.error(`forehand: no lab here: ${reason}\n`);
    return 1;
  }
  const { Lab } = await import('../lab/lab.ts');
  const { help, Mistake, obey } = await import('../lab/commands.ts');
  const say = (text: string): void => terminal.out(text.endsWith('\n') ? text : `${text}\n`);
  const onLog = (machine: string, line: string): void => {
    if (options.quiet !== true) terminal.error(`${machine}: ${line}\n`);
  };
  const lab = new Lab(definition, { onLog });
  try {
    await lab.start();
    const lines = options.do === undefined ? prompted(say, help) : options.do.split(';');
    for await (const line of lines) {
      try {
        await obey(line, { lab, say });
      } catch (error) {
        if (!(error instanceof Mistake)) throw error;
        terminal.error(`${error.message}\n`);
        if (options.do !== undefined) return 1;
      }
    }
    return 0;
  } finally {
    lab.close();
  }
}

/** Lines of the terminal until its end, or `quit`. */
async function* prompted(say: (text: string) => void, help: () => string): AsyncGenerator<string> {
  say(`${help()}\n  quit`);
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: 'lab> ' });
  let open = true;
  lines.once('close', () => {
    open = false;
  });
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === 'quit') break;
    yield line;
    // Its end may have come while the line was obeyed.
    if (open) lines.prompt();
  }
  lines.close();
}
