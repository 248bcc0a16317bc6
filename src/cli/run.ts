/**
 * `forehand run FILE...`: be a node of the cluster until told to stop.
 *
 * SIGTERM and SIGINT drain: no new clients, answers under way are finished, at most DRAIN_MS. A
 * second signal does not wait. SIGHUP loads the files again (`node/reloader.ts`).
 *
 * SIGUSR1 opens the access log again, after its file was moved away.
 *
 * A node with a pool of addresses runs as the child of a guard (`node/guard/guard.ts`).
 *
 * What a newcomer gets wrong: the options override what the files say for this node only; they are
 * for trying out, and for files like the article's, which leave the site itself to Apache.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { diagnosticReport, diagnosticsText } from '../config/diagnostic-report.ts';
import type { Environment } from '../config/environment.ts';
import { type Loaded, loadConfiguration } from '../config/load.ts';
import { isLoopbackPool } from '../core/address/loopback.ts';
import type { AddressesConfig, Application, ListenAddress } from '../core/cluster/config.ts';
import { ipOctets } from '../core/util/ip.ts';
import type { RunningNode } from '../node/daemon.ts';
import { isGuarded } from '../node/guard/guard-link.ts';
import { type Log, makeLog } from '../node/log.ts';
import { LOG_FORMATS, type LogFormat, openLogWriter } from '../node/log-writer.ts';
import { applyOverrides } from '../node/overrides.ts';
import type { Overrides } from '../node/worker-protocol.ts';
import type { Cli } from './cli.ts';
import { addLoadOptions, environmentFor, type LoadOptions } from './load-options.ts';
import type { Terminal } from './terminal.ts';

/** Longer than any answer a user waits for, shorter than systemd's patience (90 s). */
const DRAIN_MS = 30_000;

type RunOptions = LoadOptions & {
  readonly listen?: readonly ListenAddress[];
  readonly application?: Application;
  readonly documentRoot?: string;
  readonly compatibility?: 'wackamole';
  readonly logFormat: LogFormat;
  readonly config?: readonly string[];
};

export function addRun(program: Command, cli: Cli): void {
  const command = program
    .command('run')
    .description('be a node of the cluster until told to stop')
    .argument(
      '[file...]',
      'a forehand.config.ts, or Apache files, which merge in order, and a wackamole.conf',
    )
    .option('-c, --config <file...>', 'the same, as other daemons have it')
    .option('--listen <address>', 'listen here instead; [host:]port, may be repeated', listenOf)
    .option('--application <url>', 'serve by http://host:port or unix:/path', applicationOf)
    .option('--document-root <dir>', 'serve files below this directory')
    .addOption(
      new Option('--compatibility <program>', 'be a member of an old group, over Spread').choices([
        'wackamole',
      ]),
    )
    .addOption(
      new Option('--log-format <format>', 'lines for people, or an object a line')
        .choices(LOG_FORMATS)
        .default('text'),
    );
  addLoadOptions(command).action(async (named: string[], options: RunOptions) => {
    const files = [...named, ...(options.config ?? [])];
    if (files.length === 0) command.error("error: missing required argument 'file'");
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
  // The guarded child reads the files again, and says what there is to say of them.
  const isLinux = process.platform === 'linux';
  const pool = loaded.config?.addresses ?? null;
  // What is on every machine needs nobody who takes it down.
  const needsGuard = pool !== null && !isLoopbackPool(pool.pool);
  if (needsGuard && isLinux && !isGuarded()) {
    const { becomeGuard } = await import('../node/guard/become-guard.ts');
    const jsonFor = options.logFormat === 'json' ? (loaded.config?.nodeName ?? '') : null;
    becomeGuard({ interfaces: interfacesOf(pool), jsonFor });
  }
  const writeLog = await openLogWriter({
    format: options.logFormat,
    node: loaded.config?.nodeName ?? environment.nodeName ?? environment.hostName,
    write: terminal.error,
  });
  const log = makeLog([writeLog]);
  const fail = (text: string): 1 => {
    if (options.logFormat === 'json') log.event('problem', text);
    else terminal.error(`forehand: ${text}\n`);
    return 1;
  };
  if (options.logFormat === 'json') logDiagnostics(loaded, log);
  else terminal.error(diagnosticsText(loaded, terminal.paintError, ['error', 'warning']));
  if (loaded.config === null) return fail('not started, as the configuration has errors');
  const overrides: Overrides = {
    listen: options.listen ?? null,
    application: options.application ?? null,
    documentRoot: options.documentRoot ?? null,
    compatibility: options.compatibility ?? null,
  };
  // Before the node stands: until somebody listens, the signal ends the process.
  let running: RunningNode | null = null;
  let isReloadDue = false;
  process.on('SIGHUP', () => {
    log('SIGHUP: loading the configuration again');
    if (running === null) isReloadDue = true;
    else void running.reload('SIGHUP');
  });
  // Node's own answer to this one is to open a debugger.
  let reopenLogs = (): void => {};
  process.on('SIGUSR1', () => reopenLogs());
  // Whoever adds a listener and takes it away would leave the signal deadly, and sockets raise it.
  process.on('SIGPIPE', () => undefined);
  // Imported here, so that commands which start nothing do not load a whole node.
  const { startNode } = await import('../node/daemon.ts');
  const started = await startNode(applyOverrides(loaded.config, overrides), {
    files,
    environment,
    overrides,
    writeLog,
  });
  if ('error' in started) return fail(started.error);
  running = started.node;
  if (isReloadDue) void running.reload('SIGHUP');
  reopenLogs = () => started.node.reopenLogs();
  await untilToldToStop(started.node);
  return started.node.failed ? 1 : 0;
}

function logDiagnostics({ diagnostics, sources }: Loaded, log: Log): void {
  for (const diagnostic of diagnostics) {
    const { file, start, severity, code, message, hint } = diagnosticReport(diagnostic, sources);
    if (severity === 'note') continue;
    const where = start === null ? file : `${file}:${start.line}:${start.column}`;
    const fields = { subject: file, line: start?.line ?? null, severity, code, hint };
    log.event('problem', `${where}: ${severity}: ${message} [${code}]`, fields);
  }
}

function interfacesOf({ pool }: AddressesConfig): string[] {
  return [...new Set(pool.flatMap((group) => group.addresses.map((one) => one.interface)))];
}

async function untilToldToStop(node: RunningNode): Promise<void> {
  const signal = await Promise.race([nextSignal(), node.ended]);
  if (signal !== undefined) {
    const text = `${signal}: finishing what is under way (again to stop at once)`;
    node.log.event('stopping', text, { origin: signal });
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
