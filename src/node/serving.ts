/**
 * The serving part of a node: its announcements and its proxy workers, from start to stop.
 *
 *     startServing ─► contact ─► workers load and listen ─► announcements ─► drain ─► stop
 *                     └────────────┴── anything wrong: nothing is left running, and why
 *
 * The node announces only once every worker listens, so nobody is invited before the door is open.
 * What a newcomer gets wrong: a worker that ends by itself is our bug. The node then ends too, with
 * `failed` set, so that a supervisor starts a whole one instead of a half one limping on.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { StatusParts } from '../admin/status.ts';
import type { Environment, MachineFacts } from '../config/environment.ts';
import { ClusterReader } from '../core/announce/cluster-reader.ts';
import { ClusterTable } from '../core/announce/cluster-table.ts';
import { DATAGRAM_COUNTS_BYTES, writeDatagramCounts } from '../core/announce/datagram-counts.ts';
import { tableMemory } from '../core/announce/table-layout.ts';
import { NodeState } from '../core/candidacy/candidates.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { fingerprint, listenText } from '../core/cluster/difference.ts';
import { recordMemory } from '../core/report/record-layout.ts';
import { openDatagrams } from '../io/datagram.ts';
import type { Address } from '../io/reactor.ts';
import { COUNTERS_BYTES } from '../proxy/counters.ts';
import { Insight } from './admin/insight.ts';
import { Announcer, type AnnouncerTerms } from './announcer.ts';
import { resolveApplication } from './application-address.ts';
import { ApplicationCheck } from './application-check.ts';
import { arribaOf, SYSTEM_ARRIBA_PARTS } from './arriba.ts';
import { askAll, tell } from './ask-workers.ts';
import { type Contact, contactOf, hasNothingToServe } from './contact-of.ts';
import { hmacSigner } from './hmac.ts';
import { checkListen } from './listen-addresses.ts';
import { LoadSource } from './load-source.ts';
import type { Log } from './log.ts';
import { Sampler, SYSTEM_PARTS } from './sampler.ts';
import type { FromWorker, Overrides, WorkerStart } from './worker-protocol.ts';

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

export type ServingOptions = {
  readonly files: readonly string[];
  readonly environment: Environment;
  readonly overrides: Overrides;
  readonly log: Log;
  /** Random, below 2^48: of this life of the node. */
  readonly bootId: number;
  /** Shared with the workers, who show it (core/address/figures.ts). */
  readonly addresses: SharedArrayBuffer;
  /** Where the workers relay what is for the admin API. */
  readonly admin: string | null;
  /** What is wrong with serving, or null when it is well again. */
  readonly onHealth: (problem: string | null) => void;
};

/** @param config as loaded from `files`, with `overrides` applied */
export async function startServing(
  config: ClusterConfig,
  options: ServingOptions,
): Promise<{ readonly serving: Serving } | { readonly error: string }> {
  const contact = contactOf(config, options.environment.addresses);
  if ('error' in contact) return contact;
  const taken = await checkListen(config.listen, config);
  if (taken !== null) return { error: taken };
  const serving = new Serving(config, options, contact);
  const error = await serving.start();
  if (error === null) return { serving };
  await serving.stop();
  return { error };
}

/** What a reload needs, all of it had; nothing has changed yet. */
export type PreparedServing = {
  readonly config: ClusterConfig;
  readonly contact: Contact;
  readonly application: Address | null;
};

export class Serving {
  /** It ended by itself. */
  failed = false;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<void>;
  #config: ClusterConfig;
  readonly #options: ServingOptions;
  #contact: Contact;
  readonly #workers: Worker[] = [];
  readonly #announcer: Announcer;
  readonly #table: SharedArrayBuffer;
  readonly #reader: ClusterReader;
  readonly #startedMs = Date.now();
  readonly #counters: readonly SharedArrayBuffer[];
  readonly #records: readonly SharedArrayBuffer[];
  /** What is known of single requests. */
  readonly insight: Insight;
  readonly #datagrams = new SharedArrayBuffer(DATAGRAM_COUNTS_BYTES);
  readonly #problems = new Set<string>();
  #application: Address | null = null;
  #check: ApplicationCheck | null = null;
  #loadSource: LoadSource | null = null;
  #counting: NodeJS.Timeout | null = null;
  /** Of addresses that are about to be another node's: clients with requests, by worker. */
  readonly #leaving = new Map<string, Map<Worker, number>>();
  #stopping = false;
  #draining = false;
  #end: () => void = () => {};

  constructor(config: ClusterConfig, options: ServingOptions, contact: Contact) {
    this.#config = config;
    this.#options = options;
    this.#contact = contact;
    const count = config.workers === 0 ? availableParallelism() : config.workers;
    this.#table = tableMemory(count);
    this.#reader = new ClusterReader(this.#table, null);
    this.#counters = Array.from({ length: count }, () => new SharedArrayBuffer(COUNTERS_BYTES));
    this.#records = this.#counters.map(() => recordMemory());
    const { log } = options;
    this.insight = new Insight({ config, table: this.#table, records: this.#records, log });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#announcer = this.#makeAnnouncer();
  }

  /** @returns null when it runs, else why it does not; `stop` then cleans up */
  async start(): Promise<string | null> {
    setFlagsFromString(`--initial-old-space-size=${OLD_SPACE_INITIAL_MB}`);
    const { config, log } = { config: this.#config, ...this.#options };
    const outcomes = this.#counters.map((_, index) => this.#startWorker(index));
    const failure = (await Promise.all(outcomes)).find((outcome) => outcome !== null);
    if (failure !== undefined) return failure;
    this.#watchApplication(await resolveApplication(config.application));
    this.#announceState();
    this.#announcer.capacity = config.capacity;
    await this.#announcer.start();
    this.#counting = setInterval(() => {
      writeDatagramCounts(this.#datagrams, this.#announcer.counts);
    }, COUNTS_MS);
    void this.#measureArriba();
    if (config.announce.secret === null && config.announce.destinations.length > 0) {
      log('announcements are not signed: anyone on the network can make up a node (set a secret)');
    }
    const serves = servesText(config, this.#contact);
    log.event('started', `${config.nodeName} ${serves}`, { subject: config.nodeName });
    return null;
  }

  /** As announced. */
  get state(): string {
    const { state } = this.#announcer;
    return Object.entries(NodeState).find(([, value]) => value === state)?.[0] ?? 'unknown';
  }

  /** What the page shows, as the main thread sees it. */
  get statusParts(): StatusParts {
    const reader = this.#reader;
    return {
      known: () => reader.known(Date.now()),
      counters: this.#counters,
      datagrams: this.#datagrams,
      addresses: this.#options.addresses,
      accessLog: this.insight.figures,
      startedMs: this.#startedMs,
      nowMs: Date.now,
      config: this.#config,
    };
  }

  /** Announced, so that others send nothing new; what comes all the same is served. */
  set takenOut(takenOut: boolean) {
    this.#draining = takenOut;
    this.#announceState();
  }

  /**
   * Everything that may fail about a reload, in every thread.
   *
   * @param config of which nothing needs a restart
   * @returns what `commit` takes; or, with all of it undone, why not
   */
  async prepare(
    config: ClusterConfig,
    machine: MachineFacts,
  ): Promise<PreparedServing | { readonly error: string }> {
    const contact = contactOf(config, machine.addresses);
    if ('error' in contact) return contact;
    const ports = new Set(this.#config.listen.map(({ port }) => port));
    // On a port that we have, the look would find ourselves.
    const taken = await checkListen(
      config.listen.filter(({ port }) => !ports.has(port)),
      config,
    );
    if (taken !== null) return { error: taken };
    try {
      const application = await resolveApplication(config.application);
      const message = { kind: 'prepare', machine, fingerprint: fingerprint(config) } as const;
      const answers = await askAll(this.#workers, message, 'prepared');
      const problems = answers.map((answer) =>
        answer === null ? 'a worker ended' : answer.problem,
      );
      const problem = problems.find((text) => text !== null);
      if (problem === undefined) return { config, contact, application };
      this.abandon();
      return { error: problem };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** What was prepared is not wanted any more. */
  abandon(): void {
    for (const worker of this.#workers) tell(worker, { kind: 'abort' });
  }

  /** Resolves when every thread goes by it. */
  async commit({ config, contact, application }: PreparedServing): Promise<void> {
    const before = this.#config;
    this.#config = config;
    this.#contact = contact;
    await askAll(this.#workers, { kind: 'commit' }, 'committed');
    const { intervalMs } = config.announce;
    const isSame = JSON.stringify(application) === JSON.stringify(this.#application);
    if (!isSame || intervalMs !== before.announce.intervalMs) this.#watchApplication(application);
    if (config.loadFrom !== before.loadFrom) this.#loadSource = this.#makeLoadSource();
    if (config.stateDirectory !== before.stateDirectory) void this.#measureArriba();
    this.insight.configure(config);
    this.#problems.clear();
    this.#announcer.capacity = config.capacity;
    this.#announceState();
    await this.#announcer.reload(this.#announcerTerms());
  }

  /** Others are told to send nothing new, and clients to come back by another connection. */
  farewell(): void {
    this.takenOut = true;
    for (const worker of this.#workers) tell(worker, { kind: 'farewell' });
  }

  /** Takes nothing new and waits until all is answered, but no longer than `patienceMs`. */
  async drain(patienceMs: number): Promise<void> {
    this.farewell();
    const drained = askAll(this.#workers, { kind: 'drain' }, 'drained');
    const patience = new AbortController();
    await Promise.race([drained, timeout(patienceMs, patience.signal)]);
    patience.abort();
  }

  /** Of a pool on the loopback: what this node is to listen at now. */
  hold(addresses: readonly string[]): void {
    for (const worker of this.#workers) tell(worker, { kind: 'hold', addresses });
  }

  /** These addresses are about to be another node's: its clients are let go (Relay.leave). */
  leave(addresses: readonly string[], now: boolean): void {
    for (const address of addresses) {
      // Until a worker has said so, nobody knows that it has none.
      if (!now && !this.#leaving.has(address)) this.#leaving.set(address, new Map());
      if (now) this.#leaving.delete(address);
    }
    for (const worker of this.#workers) tell(worker, { kind: 'leave', addresses, now });
  }

  /** Requests that came through one of these, which are leaving, are under way still. */
  isBusyAt(addresses: readonly string[]): boolean {
    return addresses.some((address) => {
      const left = this.#leaving.get(address);
      return left !== undefined && this.#workers.some((worker) => left.get(worker) !== 0);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#check?.stop();
    if (this.#counting !== null) clearInterval(this.#counting);
    this.#announcer.stop();
    await Promise.all(this.#workers.splice(0).map(stopWorker));
    // Last, as what the workers ended with is to be in the log.
    await this.insight.stop();
  }

  #makeAnnouncer(): Announcer {
    const { nodeName } = this.#config;
    const { bootId } = this.#options;
    this.#loadSource = this.#makeLoadSource();
    const source = { loadMilli: () => this.#loadSource?.loadMilli() ?? null };
    const sampler = new Sampler(SYSTEM_PARTS, source);
    return new Announcer(
      { ...this.#announcerTerms(), nodeName, bootId },
      {
        open: openDatagrams,
        table: new ClusterTable(this.#table),
        sample: () => sampler.sample(),
        nowMs: Date.now,
        after: (callback, delayMs) => {
          const timer = setTimeout(callback, delayMs);
          return () => clearTimeout(timer);
        },
        onProblem: this.#onProblem,
      },
    );
  }

  #announcerTerms(): AnnouncerTerms {
    const { announce, accept } = this.#config;
    const contact = this.#contact;
    const isOwn = this.#options.environment.addresses.includes(contact.address);
    return {
      contact,
      destinations: announce.destinations,
      intervalMs: announce.intervalMs,
      accept,
      signer: hmacSigner(announce.secret),
      interfaceAddress: isOwn ? contact.address : null,
    };
  }

  /** The same trouble comes back with every announcement. */
  readonly #onProblem = (problem: string): void => {
    if (this.#problems.has(problem)) return;
    this.#problems.add(problem);
    this.#options.log.event('problem', `announcements: ${problem}`);
  };

  #makeLoadSource(): LoadSource | null {
    const { loadFrom } = this.#config;
    if (loadFrom === null) return null;
    const { readFile } = this.#options.environment;
    const parts = { readFile, nowMs: () => performance.now(), onProblem: this.#onProblem };
    return new LoadSource(loadFrom, parts);
  }

  /** In the place of the one that was watched. */
  #watchApplication(application: Address | null): void {
    const { log, onHealth } = this.#options;
    const wasSick = this.#check?.sick === true;
    this.#check?.stop();
    this.#check = null;
    this.#application = application;
    if (wasSick) onHealth(null);
    if (application === null) return;
    const { intervalMs } = this.#config.announce;
    const check = new ApplicationCheck(application, intervalMs, (sick) => {
      if (this.#check !== check) return;
      const text = sick ? 'takes no connections: announced as sick' : 'takes connections again';
      log.event('node-state', `the application ${text}`, { subject: this.#config.nodeName, sick });
      onHealth(sick ? 'the application takes no connections' : null);
      this.#announceState();
    });
    this.#check = check;
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
  async #startWorker(index: number): Promise<string | null> {
    const { files, overrides, environment } = this.#options;
    const { nodeName, defines } = environment;
    const data: WorkerStart = {
      files,
      overrides,
      nodeName,
      defines,
      index,
      startedMs: this.#startedMs,
      table: this.#table,
      counters: this.#counters,
      records: this.#records[index]!,
      datagrams: this.#datagrams,
      addresses: this.#options.addresses,
      accessLog: this.insight.figures,
      admin: this.#options.admin,
    };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data });
    this.#workers.push(worker);
    worker.on('error', (error) => this.#workerFailed(inspect(error)));
    worker.on('exit', (code) => this.#workerFailed(`exit code ${code}`));
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'leaving') {
        this.#leaving.get(message.address)?.set(worker, message.left);
      }
      if (message.kind === 'applicationFailed') this.#check?.check();
      if (message.kind === 'log') this.#options.log.event('problem', message.message);
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
    this.#options.log.event('problem', `a proxy worker ended: ${reason}`, { reason });
    this.#end();
  }
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

function servesText({ listen }: ClusterConfig, { address, port }: Contact): string {
  return `serves at ${listen.map(listenText).join(', ')}, contact ${address}:${port}`;
}
