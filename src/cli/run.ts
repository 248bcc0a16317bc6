/**
 * `forehand run FILE...`: be a node of the cluster until told to stop.
 *
 * SIGTERM and SIGINT drain: no new clients, answers under way are finished, at most DRAIN_MS. A
 * second signal does not wait. SIGHUP, which makes other servers reload, changes nothing yet.
 *
 * What a newcomer gets wrong: the options override what the files say for this node only; they are
 * for trying out, and for files like the article's, which leave the site itself to Apache.
 */
import { type Command, InvalidArgumentError } from 'commander';
import type { Environment } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import type { Application, ListenAddress } from '../core/cluster/config.ts';
import { ipOctets } from '../core/util/ip.ts';
import type { RunningNode } from '../node/daemon.ts';
import { applyOverrides } from '../node/overrides.ts';
import type { Overrides } from '../node/worker-protocol.ts';
import { addLoadOptions, environmentFor, type LoadOptions } from './load-options.ts';
import type { Cli } from './program.ts';
import { diagnosticsText } from './report.ts';
import type { Terminal } from './terminal.ts';

/** Longer than any answer a user waits for, shorter than systemd's patience (90 s). */
const DRAIN_MS = 30_000;

type RunOptions = LoadOptions & {
  readonly listen?: readonly ListenAddress[];
  readonly application?: Application;
  readonly documentRoot?: string;
};

export function addRun(program: Command, cli: Cli): void {
  const command = program
    .command('run')
    .description('be a node of the cluster until told to stop')
    .argument('<file...>', 'a forehand.config.ts, or Apache files, which merge in order')
    .option('--listen <address>', 'listen here instead; [host:]port, may be repeated', listenOf)
    .option('--application <url>', 'serve by http://host:port or unix:/path', applicationOf)
    .option('--document-root <dir>', 'serve files below this directory');
  addLoadOptions(command).action(async (files: string[], options: RunOptions) => {
    cli.exitCode = await run(files, options, environmentFor(options), cli.terminal);
  });
}

async function run(
  files: readonly string[],
  options: RunOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<number> {
  const loaded = await loadConfiguration(files, environment);
  terminal.error(diagnosticsText(loaded, terminal.paintError, ['error', 'warning']));
  if (loaded.config === null) {
    terminal.error('forehand: not started, as the configuration has errors\n');
    return 1;
  }
  const overrides: Overrides = {
    listen: options.listen ?? null,
    application: options.application ?? null,
    documentRoot: options.documentRoot ?? null,
  };
  const log = (message: string): void => terminal.error(`${new Date().toISOString()} ${message}\n`);
  // Before the node stands: until somebody listens, the signal ends the process.
  process.on('SIGHUP', () => log('SIGHUP: a changed configuration needs a restart; going on'));
  // Imported here, so that commands which start nothing do not load a whole node.
  const { startNode } = await import('../node/daemon.ts');
  const started = await startNode(applyOverrides(loaded.config, overrides), {
    files,
    environment,
    overrides,
    log,
  });
  if ('error' in started) {
    terminal.error(`forehand: ${started.error}\n`);
    return 1;
  }
  await untilToldToStop(started.node, log);
  return started.node.failed ? 1 : 0;
}

async function untilToldToStop(node: RunningNode, log: (text: string) => void): Promise<void> {
  const signal = await Promise.race([nextSignal(), node.ended]);
  if (signal !== undefined) {
    log(`${signal}: finishing what is under way (again to stop at once)`);
    await Promise.race([node.drain(DRAIN_MS), nextSignal()]);
  }
  await node.stop();
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => resolve(signal));
  });
}

function listenOf(text: string, before: readonly ListenAddress[] = []): ListenAddress[] {
  const match = /^(?:(?<host>\[[^\]]+\]|[^:]+):)?(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.['host']?.replace(/^\[|\]$/g, '') ?? null;
  const port = Number(match?.groups?.['port'] ?? Number.NaN);
  const good = match !== null && port <= 65_535 && (host === null || ipOctets(host) !== null);
  if (!good) throw new InvalidArgumentError('wanted [address:]port, such as 127.0.0.1:8080');
  return [...before, { host, port }];
}

function applicationOf(text: string): Application {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) };
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' || url.pathname !== '/' || url.search !== '') {
    throw new InvalidArgumentError('wanted http://host:port or unix:/path');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { kind: 'tcp', host, port: Number(url.port === '' ? 80 : url.port) };
}
