/**
 * One node of the cluster: its announcements and its proxy workers, from start to stop.
 *
 *     startNode ─► contact ─► workers load and listen ─► announcements ─► running ─► drain ─► stop
 *                     └────────────┴── anything wrong: nothing is left running, and why
 *
 * The node announces only once every worker listens, so nobody is invited before the door is open.
 * What a newcomer gets wrong: a worker that ends by itself is our bug. The node then ends too, with
 * `failed` set, so that a supervisor starts a whole one instead of a half one limping on.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Environment } from '../config/environment.ts';
import { ClusterTable } from '../core/announce/cluster-table.ts';
import { contactAddress } from '../core/announce/contact.ts';
import { DATAGRAM_COUNTS_BYTES, writeDatagramCounts } from '../core/announce/datagram-counts.ts';
import { tableMemory } from '../core/announce/table-layout.ts';
import { NodeState } from '../core/candidacy/candidates.ts';
import type { ClusterConfig, ListenAddress } from '../core/cluster/config.ts';
import { openDatagrams } from '../io/datagram.ts';
import { COUNTERS_BYTES } from '../proxy/counters.ts';
import { Announcer } from './announcer.ts';
import { resolveApplication } from './application-address.ts';
import { ApplicationCheck } from './application-check.ts';
import { arribaOf, SYSTEM_ARRIBA_PARTS } from './arriba.ts';
import { hmacSigner } from './hmac.ts';
import { checkListen } from './listen-addresses.ts';
import { LoadSource } from './load-source.ts';
import { Sampler, SYSTEM_PARTS } from './sampler.ts';
import type { FromWorker, Overrides, ToWorker, WorkerStart } from './worker-protocol.ts';

/**
 * A random number every start of every node is unlikely to share: 48 bits, as `randomInt` gives.
 */
const BOOT_ID_MAX = 2 ** 48 - 1;

/** How long a stopping worker may take before its thread is ended. */
const STOP_MS = 1_000;

/**
 * Where V8 begins to collect a worker's old objects, in MB: above what an idle worker holds, far
 * below its default of hundreds. A relay makes little garbage that grows old, and by default that
 * would pile up for millions of requests and look like a leak (bench/soak.ts).
 */
const OLD_SPACE_INITIAL_MB = 32;

/** How often the main thread copies its counts to shared memory. */
const COUNTS_MS = 1_000;

export type StartOptions = {
  readonly files: readonly string[];
  readonly environment: Environment;
  readonly overrides: Overrides;
  readonly log: (message: string) => void;
};

export type Started = { readonly node: RunningNode } | { readonly error: string };

/** @param config as loaded from `files`, with `overrides` applied */
export async function startNode(config: ClusterConfig, options: StartOptions): Promise<Started> {
  const contact = contactOf(config, options.environment.addresses);
  if ('error' in contact) return contact;
  const taken = await checkListen(config.listen);
  if (taken !== null) return { error: taken };
  const node = new RunningNode(config, options, contact);
  const error = await node.start();
  if (error === null) return { node };
  await node.stop();
  return { error };
}

type Contact = { readonly address: string; readonly port: number };

function contactOf(config: ClusterConfig, own: readonly string[]): Contact | { error: string } {
  const { accept, announce } = config;
  const port = config.contact.port ?? config.listen[0]?.port ?? 80;
  if (accept.length === 0 && announce.destinations.length === 0) {
    // A node by itself relays to nobody and is relayed to by nobody; the table wants an address.
    return { address: config.contact.host ?? config.listen[0]?.host ?? '127.0.0.1', port };
  }
  // The listening address, when there is just one, is where the others can reach us.
  const only = config.listen.length === 1 ? (config.listen[0]?.host ?? null) : null;
  const preferred = only === null ? own : [only, ...own];
  const found = contactAddress({ configured: config.contact.host, accept, own: preferred });
  if ('error' in found) return { error: `${found.error}\n  hint: ${found.hint}` };
  return { address: found.address, port };
}

export class RunningNode {
  /** It ended by itself. */
  failed = false;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<void>;
  readonly #config: ClusterConfig;
  readonly #options: StartOptions;
  readonly #contact: Contact;
  readonly #workers: Worker[] = [];
  readonly #announcer: Announcer;
  readonly #table: SharedArrayBuffer;
  readonly #counters: readonly SharedArrayBuffer[];
  readonly #datagrams = new SharedArrayBuffer(DATAGRAM_COUNTS_BYTES);
  readonly #problems = new Set<string>();
  #check: ApplicationCheck | null = null;
  #counting: NodeJS.Timeout | null = null;
  #stopping = false;
  #draining = false;
  #end: () => void = () => {};

  constructor(config: ClusterConfig, options: StartOptions, contact: Contact) {
    this.#config = config;
    this.#options = options;
    this.#contact = contact;
    const count = config.workers === 0 ? availableParallelism() : config.workers;
    this.#table = tableMemory(count);
    this.#counters = Array.from({ length: count }, () => new SharedArrayBuffer(COUNTERS_BYTES));
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#announcer = this.#makeAnnouncer();
  }

  /** @returns null when it runs, else why it does not; `stop` then cleans up */
  async start(): Promise<string | null> {
    setFlagsFromString(`--initial-old-space-size=${OLD_SPACE_INITIAL_MB}`);
    const { config, log } = { config: this.#config, ...this.#options };
    const startedMs = Date.now();
    const outcomes = this.#counters.map((_, index) => this.#startWorker(index, startedMs));
    const failure = (await Promise.all(outcomes)).find((outcome) => outcome !== null);
    if (failure !== undefined) return failure;
    const application = await resolveApplication(config.application);
    if (application !== null) {
      this.#check = new ApplicationCheck(application, config.announce.intervalMs, (sick) => {
        log(sick ? 'the application takes no connections: announced as sick' : 'recovered');
        this.#announceState();
      });
    }
    this.#announceState();
    this.#announcer.capacity = config.capacity;
    await this.#announcer.start();
    this.#counting = setInterval(() => {
      writeDatagramCounts(this.#datagrams, this.#announcer.counts);
    }, COUNTS_MS);
    void this.#measureArriba();
    const { address, port } = this.#contact;
    if (config.announce.secret === null && config.announce.destinations.length > 0) {
      log('announcements are not signed: anyone on the network can make up a node (set a secret)');
    }
    log(`${config.nodeName} serves at ${listenText(config)}, contact ${address}:${port}`);
    return null;
  }

  /** Takes nothing new and waits until all is answered, but no longer than `patienceMs`. */
  async drain(patienceMs: number): Promise<void> {
    this.#draining = true;
    this.#announceState();
    const drained = this.#workers.map((worker) => answerOf(worker, 'drained'));
    for (const worker of this.#workers) tell(worker, { kind: 'drain' });
    const patience = new AbortController();
    await Promise.race([Promise.all(drained), timeout(patienceMs, patience.signal)]);
    patience.abort();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#check?.stop();
    if (this.#counting !== null) clearInterval(this.#counting);
    this.#announcer.stop();
    await Promise.all(this.#workers.splice(0).map(stopWorker));
  }

  #makeAnnouncer(): Announcer {
    const { announce, accept, nodeName } = this.#config;
    const { environment } = this.#options;
    const contact = this.#contact;
    const isOwn = environment.addresses.includes(contact.address);
    return new Announcer(
      {
        nodeName,
        contact,
        destinations: announce.destinations,
        intervalMs: announce.intervalMs,
        accept,
        signer: hmacSigner(announce.secret),
        bootId: randomInt(1, BOOT_ID_MAX),
        interfaceAddress: isOwn ? contact.address : null,
      },
      {
        open: openDatagrams,
        table: new ClusterTable(this.#table),
        sample: this.#sample(),
        nowMs: Date.now,
        after: (callback, delayMs) => {
          const timer = setTimeout(callback, delayMs);
          return () => clearTimeout(timer);
        },
        onProblem: this.#onProblem,
      },
    );
  }

  /** The same trouble comes back with every announcement. */
  readonly #onProblem = (problem: string): void => {
    if (this.#problems.has(problem)) return;
    this.#problems.add(problem);
    this.#options.log(`announcements: ${problem}`);
  };

  #sample(): () => ReturnType<Sampler['sample']> {
    const { loadFrom } = this.#config;
    const { readFile } = this.#options.environment;
    const parts = { readFile, nowMs: () => performance.now(), onProblem: this.#onProblem };
    const source = loadFrom === null ? null : new LoadSource(loadFrom, parts);
    const sampler = new Sampler(SYSTEM_PARTS, source);
    return () => sampler.sample();
  }

  async #measureArriba(): Promise<void> {
    const { arriba, warnings } = await arribaOf(this.#config.stateDirectory, SYSTEM_ARRIBA_PARTS);
    for (const warning of warnings) this.#options.log(warning);
    this.#announcer.arriba = arriba;
  }

  #announceState(): void {
    if (hasNothingToServe(this.#config, this.#contact)) {
      // Before all else: a director that leaves must not become somebody's last resort.
      this.#announcer.state = NodeState.relaying;
    } else if (this.#check?.sick === true) this.#announcer.state = NodeState.sick;
    else this.#announcer.state = this.#draining ? NodeState.draining : NodeState.up;
  }

  /** @returns null once it listens, else why it does not */
  async #startWorker(index: number, startedMs: number): Promise<string | null> {
    const { files, overrides, environment } = this.#options;
    const { nodeName, defines } = environment;
    const data: WorkerStart = {
      files,
      overrides,
      nodeName,
      defines,
      index,
      startedMs,
      table: this.#table,
      counters: this.#counters,
      datagrams: this.#datagrams,
    };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data });
    this.#workers.push(worker);
    worker.on('error', (error) => this.#workerFailed(inspect(error)));
    worker.on('exit', (code) => this.#workerFailed(`exit code ${code}`));
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'applicationFailed') this.#check?.check();
      if (message.kind === 'log') this.#options.log(message.message);
    });
    return new Promise((resolve) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'listening') resolve(null);
        if (message.kind === 'failed') resolve(message.message);
      });
      worker.once('error', (error) => resolve(inspect(error)));
      worker.once('exit', () => resolve('a worker ended while it was starting'));
    });
  }

  #workerFailed(reason: string): void {
    if (this.#stopping || this.failed) return;
    this.failed = true;
    this.#options.log(`a proxy worker ended: ${reason}`);
    this.#end();
  }
}

/** What another program takes at our contact, an Apache on this machine, that one serves. */
function hasNothingToServe(config: ClusterConfig, { address, port }: Contact): boolean {
  const { application, documentRoot, listen } = config;
  const isOurs = (own: ListenAddress): boolean =>
    own.port === port && (own.host === null || own.host === address);
  return application === null && documentRoot === null && listen.some(isOurs);
}

function tell(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}

function answerOf(worker: Worker, kind: FromWorker['kind']): Promise<void> {
  return new Promise((resolve) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === kind) resolve();
    });
    worker.once('exit', () => resolve());
  });
}

async function stopWorker(worker: Worker): Promise<void> {
  const gone = once(worker, 'exit');
  tell(worker, { kind: 'stop' });
  const patience = new AbortController();
  await Promise.race([gone, timeout(STOP_MS, patience.signal)]);
  patience.abort();
  await worker.terminate();
}

function timeout(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

function listenText({ listen }: ClusterConfig): string {
  return listen.map(({ host, port }) => `${host ?? '*'}:${port}`).join(', ');
}
