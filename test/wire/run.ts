/**
 * The wire tests: every `*.vtc` here, by varnishtest, against real nodes on both reactors.
 *
 *     node scripts/launch.mjs test/wire/run.ts                   all of them
 *     node scripts/launch.mjs test/wire/run.ts stale-get head    these
 *
 * A case scripts a client and an origin, byte by byte where it matters, and the node stands between
 * them. After each case the books of every node are looked at: each request it ever counted has
 * ended with exactly one outcome, and none is in flight but the one that asks.
 *
 * What a newcomer gets wrong: the nodes live through all cases, so that a case which leaves a
 * connection or a request behind spoils its own books, and those of whoever comes after it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** One variable for every deadline: 1 suits two busy processors. */
const SCALE = Number(process.env['FOREHAND_TEST_SCALE'] ?? 1);

const START_MS = 30_000 * SCALE;
const BOOKS_MS = 10_000 * SCALE;
const CASE_S = Math.ceil(60 * SCALE);
const LOOK_EVERY_MS = 20;

const KINDS = ['patient', 'impatient', 'trusting', 'shelf'] as const;
const REACTORS = ['epoll', 'uv'] as const;
type Reactor = (typeof REACTORS)[number];

const here = import.meta.dirname;
const root = join(here, '..', '..');

type Node = { readonly kind: string; readonly port: number; readonly process: ChildProcess };
type Result = { readonly name: string; readonly trouble: string | null };

if (!haveVarnishtest()) {
  console.log('wire tests skipped: varnishtest is not installed (apt-get install varnish)');
} else {
  const wanted = process.argv.slice(2);
  const files = globSync('*.vtc', { cwd: here })
    .toSorted()
    .filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.vtc')));
  const results = (await Promise.all(REACTORS.map((reactor) => runAll(reactor, files)))).flat();
  const failures = results.filter(({ trouble }) => trouble !== null);
  for (const { name, trouble } of failures) console.log(`--- ${name}\n${trouble}`);
  console.log(`${results.length - failures.length} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 && results.length > 0 ? 0 : 1;
}

async function runAll(reactor: Reactor, files: readonly string[]): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-wire-'));
  const nodes: Node[] = [];
  try {
    const originPort = await freePort();
    makeShelf(directory);
    for (const kind of KINDS) {
      const port = await freePort();
      nodes.push({
        kind,
        port,
        process: startNode(kind, { reactor, port, originPort, directory }),
      });
    }
    await Promise.all(nodes.map(untilServing));
    const results: Result[] = [];
    for (const file of files) {
      const trouble =
        (await runCase(file, { nodes, originPort, directory })) ?? (await booksTrouble(nodes));
      results.push({ name: `${basename(file, '.vtc')} (${reactor})`, trouble });
    }
    return results;
  } finally {
    await Promise.all(nodes.map(stopNode));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What `files.vtc` and `files-refused.vtc` ask for. */
function makeShelf(directory: string): void {
  const shelf = join(directory, 'shelf');
  mkdirSync(join(shelf, 'folder'), { recursive: true });
  writeFileSync(join(shelf, 'index.html'), '0123456789');
  writeFileSync(join(shelf, '.secret'), 'secret');
  writeFileSync(join(directory, 'above.txt'), 'above');
  symlinkSync(join(directory, 'above.txt'), join(shelf, 'outside'));
}

type Place = {
  readonly reactor: Reactor;
  readonly port: number;
  readonly originPort: number;
  readonly directory: string;
};

function startNode(kind: string, { reactor, port, originPort, directory }: Place): ChildProcess {
  const serving =
    kind === 'shelf'
      ? ['--document-root', join(directory, 'shelf')]
      : ['--application', `http://127.0.0.1:${originPort}`];
  return spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(root, 'bin', 'forehand.ts'),
      'run',
      join(here, 'wire.config.ts'),
      ...['--listen', `127.0.0.1:${port}`, ...serving],
    ],
    {
      env: { ...process.env, FOREHAND_WIRE_KIND: kind, FOREHAND_WIRE_REACTOR: reactor },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
}

/** Until the node says that it serves; what it says then is of no interest unless it ends. */
async function untilServing({ kind, process: child }: Node): Promise<void> {
  let said = '';
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the ${kind} node ended:\n${said}`);
  });
  // Its end after the tests is expected.
  ended.catch(() => {});
  const serving = new Promise<void>((resolve) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes(' serves at ')) resolve();
    });
  });
  const patience = delay(START_MS, undefined, { ref: false }).then(() => {
    throw new Error(`the ${kind} node does not serve:\n${said}`);
  });
  patience.catch(() => {});
  await Promise.race([serving, ended, patience]);
}

async function stopNode({ process: child }: Node): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  // The second one does not wait for clients.
  child.kill('SIGINT');
  const patience = setTimeout(() => child.kill('SIGKILL'), START_MS);
  await gone;
  clearTimeout(patience);
}

type Stage = {
  readonly nodes: readonly Node[];
  readonly originPort: number;
  readonly directory: string;
};

/** @returns the end of varnishtest's log if the case failed */
async function runCase(file: string, { nodes, originPort, directory }: Stage) {
  const macros = [
    `origin=127.0.0.1 ${originPort}`,
    ...nodes.map(({ kind, port }) => `${kind}=127.0.0.1 ${port}`),
  ].flatMap((macro) => ['-D', macro]);
  const child = spawn('varnishtest', ['-t', String(CASE_S), ...macros, join(here, file)], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const [code] = await once(child, 'close');
  return code === 0 ? null : log.split('\n').slice(-40).join('\n');
}

/** @returns what does not add up, if it does not within a while: a client may just be leaving */
async function booksTrouble(nodes: readonly Node[]): Promise<string | null> {
  const untilMs = performance.now() + BOOKS_MS;
  for (const node of nodes) {
    for (;;) {
      const trouble = await bookTrouble(node);
      if (trouble === null) break;
      if (performance.now() > untilMs) return trouble;
      await delay(LOOK_EVERY_MS);
    }
  }
  return null;
}

async function bookTrouble({ kind, port, process: child }: Node): Promise<string | null> {
  if (child.exitCode !== null) return `the ${kind} node ended with ${child.exitCode}`;
  const { counters } = JSON.parse(await textAt(port, '/status/status.json'));
  const { requests, requestsInFlight } = counters.single;
  const ended = Object.values<number>(counters.outcomes).reduce((sum, count) => sum + count, 0);
  // The request that asks is in flight itself, and has not ended yet.
  if (requestsInFlight === 1 && requests === ended + 1) return null;
  return `${kind}: ${requests} requests, ${ended} ended, ${requestsInFlight} in flight`;
}

function textAt(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

/** Below the ports that the kernel gives to connections: one of those might take it meanwhile. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + randomInt(20_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Installs it where that can be done. */
function haveVarnishtest(): boolean {
  if (has('varnishtest')) return true;
  if (process.getuid?.() !== 0 || !has('apt-get')) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
    const wanted = ['install', '-y', '-q', '--no-install-recommends', 'varnish'];
    execFileSync('apt-get', wanted, { stdio: 'ignore', env });
  } catch {
    return false;
  }
  return has('varnishtest');
}

function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
