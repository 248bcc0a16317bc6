/**
 * A proxy worker: one thread, one reactor, one relay.
 *
 * The main thread starts it with `WorkerStart` as its data. What a newcomer gets wrong: it shares
 * its listening addresses with the other workers (SO_REUSEPORT), and the kernel spreads clients
 * over all that listen. So it listens last, when everything else stands.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { environmentOf, systemEnvironment } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import { ClusterReader } from '../core/announce/cluster-reader.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { applicable, fingerprint } from '../core/cluster/difference.ts';
import { unreachable } from '../core/util/assert.ts';
import { makeReactor } from '../io/make-reactor.ts';
import type { Reactor } from '../io/reactor.ts';
import { Counters } from '../proxy/counters.ts';
import { RecordWriter } from '../proxy/record-writer.ts';
import { Relay } from '../proxy/relay.ts';
import { NO_SLOT } from '../proxy/upstream.ts';
import { Doors, type Opened } from './doors.ts';
import { applyOverrides } from './overrides.ts';
import { type RelaySetup, setUpRelay } from './relay-setup.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-protocol.ts';

/** How long a drained worker waits for its clients before it says so. */
const DRAIN_LOOK_MS = 50;

const CHANGED_MEANWHILE = 'the configuration changed while it was being loaded';

const start = workerData as WorkerStart;

function tell(message: FromWorker): void {
  parentPort!.postMessage(message);
}

/** A configuration that could be gone by now. */
type Prepared = {
  readonly config: ClusterConfig;
  readonly setup: RelaySetup;
  readonly opened: Opened;
};

class ProxyWorker {
  readonly #reactor: Reactor;
  readonly #cluster: ClusterReader;
  readonly #relay: Relay;
  readonly #doors: Doors;
  /** Functions that were ignored, as was said. */
  readonly #faulty = new Set<string>();
  #config: ClusterConfig;
  #prepared: Prepared | null = null;

  private constructor(
    config: ClusterConfig,
    setup: RelaySetup,
    { reactor, cluster }: { reactor: Reactor; cluster: ClusterReader },
  ) {
    this.#config = config;
    this.#reactor = reactor;
    this.#cluster = cluster;
    this.#relay = new Relay(setup.options, {
      ...setup.parts,
      reactor,
      cluster: {
        known: (nowMs: number) => cluster.known(nowMs),
        sent: (slot: number) => {
          if (slot !== NO_SLOT) cluster.sent(slot);
        },
        answered: (slot: number, turnaroundMs: number) => {
          if (slot !== NO_SLOT) cluster.answered(slot, turnaroundMs);
        },
        failed: (slot: number) => {
          if (slot !== NO_SLOT) cluster.failed(slot);
          if (slot === 0) tell({ kind: 'applicationFailed' });
        },
      },
      counters: new Counters(start.counters[start.index]!),
      records: new RecordWriter(start.records),
      random: Math.random,
    });
    this.#relay.candidates.onFault = ({ candidacy, reason }) => {
      // A function that fails does so for every request: said once, the list left as it was.
      if (this.#faulty.has(candidacy)) return;
      this.#faulty.add(candidacy);
      tell({ kind: 'log', message: `the candidacy function ${candidacy} is ignored: ${reason}` });
    };
    this.#doors = new Doors(this.#relay);
  }

  static async make(config: ClusterConfig): Promise<ProxyWorker> {
    const reactor = await makeReactor(config.reactor);
    const cluster = new ClusterReader(start.table, start.index);
    const setup = await setUpRelay(config, { start, cluster, reactor });
    return new ProxyWorker(config, setup, { reactor, cluster });
  }

  /** @returns null once it listens, or why it does not */
  async listen(): Promise<string | null> {
    const opened = await this.#doors.open(this.#config);
    if ('problem' in opened) return opened.problem;
    this.#doors.admit(opened, this.#config);
    return null;
  }

  obey(message: ToWorker): void {
    switch (message.kind) {
      case 'prepare':
        void this.#prepare(message).then(
          (problem) => tell({ kind: 'prepared', problem }),
          (error: unknown) => tell({ kind: 'prepared', problem: textOf(error) }),
        );
        return;
      case 'commit':
        this.#commit();
        tell({ kind: 'committed' });
        return;
      case 'abort':
        if (this.#prepared !== null) this.#doors.abandon(this.#prepared.opened);
        this.#prepared = null;
        return;
      case 'hold':
        this.#hold(message.addresses);
        return;
      case 'leave':
        for (const address of message.addresses) {
          const left = this.#relay.leave(address, message.now);
          tell({ kind: 'leaving', address, left });
        }
        return;
      case 'farewell':
        this.#relay.farewell();
        return;
      case 'drain':
        this.#drain();
        return;
      case 'stop':
        this.#relay.stop();
        this.#reactor.stop();
        parentPort!.close();
        return;
      default:
        unreachable(message);
    }
  }

  /** @returns null when it could go by it now, or why it cannot */
  async #prepare(message: ToWorker & { kind: 'prepare' }): Promise<string | null> {
    const loaded = await loadConfiguration(start.files, environmentOf(message.machine));
    if (loaded.config === null) return CHANGED_MEANWHILE;
    const config = applicable(this.#config, applyOverrides(loaded.config, start.overrides));
    if (fingerprint(config) !== message.fingerprint) return CHANGED_MEANWHILE;
    const parts = { start, cluster: this.#cluster, reactor: this.#reactor };
    const setup = await setUpRelay(config, parts);
    const opened = await this.#doors.open(config);
    if ('problem' in opened) return opened.problem;
    this.#prepared = { config, setup, opened };
    return null;
  }

  #commit(): void {
    const prepared = this.#prepared;
    if (prepared === null) return;
    const { config, setup, opened } = prepared;
    this.#prepared = null;
    this.#config = config;
    this.#faulty.clear();
    this.#relay.reload(setup.options, setup.parts);
    this.#doors.admit(opened, config);
    this.#hold(this.#doors.hosts);
  }

  #hold(hosts: readonly string[]): void {
    void this.#doors.hold(hosts, this.#config).then((problem) => {
      if (problem !== null) tell({ kind: 'log', message: problem });
    });
  }

  #drain(): void {
    this.#relay.drain();
    const look = setInterval(() => {
      if (this.#relay.clientCount > 0) return;
      clearInterval(look);
      tell({ kind: 'drained' });
    }, DRAIN_LOOK_MS);
  }
}

async function run(): Promise<void> {
  const { files, nodeName, defines, overrides } = start;
  const loaded = await loadConfiguration(files, systemEnvironment({ nodeName, defines }));
  if (loaded.config === null) {
    tell({ kind: 'failed', message: CHANGED_MEANWHILE });
    return;
  }
  const worker = await ProxyWorker.make(applyOverrides(loaded.config, overrides));
  parentPort!.on('message', (message: ToWorker) => worker.obey(message));
  const problem = await worker.listen();
  tell(problem === null ? { kind: 'listening' } : { kind: 'failed', message: problem });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  await run();
} catch (error) {
  tell({ kind: 'failed', message: textOf(error) });
}
