/**
 * `forehand drill FILE`: break a cluster on purpose while clients use it, and report what they saw.
 *
 * What a newcomer gets wrong: the exit code is the verdict. 1 says that more failed than was
 * promised, and the report says at which event.
 */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { fail } from './ask.ts';
import type { Cli } from './cli.ts';

type DrillOptions = {
  readonly random?: string;
  readonly seconds?: string;
  readonly json?: string;
  readonly html?: string;
  readonly verbose?: boolean;
};

export function addDrill(program: Command, cli: Cli): void {
  program
    .command('drill')
    .description(
      'switch machines of a lab off and on under load, and report what clients saw (root)',
    )
    .argument('<file>', 'what is run and when: export default defineDrill({...})')
    .option('--random <seed>', 'make the events from a seed: each machine off and on once')
    .option('--seconds <n>', 'let it last so long, instead of what the file says')
    .option('--json <file>', 'write the report as JSON')
    .option('--html <file>', 'write it as one HTML file with the graph')
    .option('--verbose', 'print what the daemons say')
    .action(async (file: string, options: DrillOptions) => {
      cli.exitCode = await drill(file, options, cli);
    });
}

async function drill(file: string, options: DrillOptions, { terminal }: Cli): Promise<number> {
  const { unavailable } = await import('../lab/room.ts');
  const { loadDrill } = await import('../lab/drill/definition.ts');
  const { nodesOf, randomEvents, shortestS } = await import('../lab/drill/random.ts');
  const loaded = await loadDrill(file);
  if ('errors' in loaded) {
    for (const error of loaded.errors) terminal.error(`${file}: ${error}\n`);
    return 1;
  }
  const lastS = options.seconds === undefined ? loaded.lastS : Number(options.seconds);
  if (!(lastS >= 1)) return fail(terminal, `"${options.seconds}" is no number of seconds`);
  const seed = Number(options.random ?? 0);
  if (!Number.isInteger(seed)) return fail(terminal, `"${options.random}" is no whole number`);
  const nodes = nodesOf(loaded);
  if (options.random !== undefined && lastS < shortestS(nodes)) {
    const least = shortestS(nodes);
    return fail(terminal, `${nodes.length} machines off and on need ${least} s; see --seconds`);
  }
  const reason = unavailable();
  if (reason !== null) return fail(terminal, `no lab here: ${reason}`);
  const { runDrill } = await import('../lab/drill/drill.ts');
  const { failuresOf, reportHtml, reportText } = await import('../lab/drill/report.ts');
  const planned =
    options.random === undefined ? (loaded.events ?? []) : randomEvents(nodes, lastS, seed);
  const events = planned.filter(({ atS }) => atS <= lastS);
  const result = await runDrill({ ...loaded, lastS }, events, {
    onLog: (machine, line) => {
      if (options.verbose === true) terminal.error(`${machine}: ${line}\n`);
    },
    say: (text) => terminal.error(`${new Date().toISOString()} ${text}\n`),
  });
  const title = options.random === undefined ? file : `${file}, seed ${seed}`;
  terminal.out(reportText(result));
  const { requests, ...rest } = result;
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify({ title, ...rest, sent: requests.length, failures: failuresOf(result) })}\n`,
    );
  }
  if (options.html !== undefined) writeFileSync(options.html, reportHtml(title, result));
  return result.events.every(({ verdict }) => verdict === null) ? 0 : 1;
}
