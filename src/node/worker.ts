/**
 * A proxy worker: one thread, one reactor, one relay.
 *
 * The main thread starts it with `WorkerStart` as its data. What a newcomer gets wrong: it shares
 * its listening addresses with the other workers (SO_REUSEPORT), and the kernel spreads clients
 * over all that listen. So it listens last, when everything else stands.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { StatusPages } from '../admin/status-pages.ts';
import { systemEnvironment } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import { ClusterReader } from '../core/announce/cluster-reader.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { ZoneMap } from '../core/zone/zone-of.ts';
import { makeReactor } from '../io/make-reactor.ts';
import type { Reactor } from '../io/reactor.ts';
import { Counters } from '../proxy/counters.ts';
import { Relay } from '../proxy/relay.ts';
import { resolveApplication } from './application-address.ts';
import { fileMapper } from './file-mapper.ts';
import { listenAddresses, listenProblem } from './listen-addresses.ts';
import { openFiles } from './open-files.ts';
import { applyOverrides } from './overrides.ts';
import { viaName } from './via-name.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-protocol.ts';

/** How long a drained worker waits for its clients before it says so. */
const DRAIN_LOOK_MS = 50;

/** Announcements that may be lost on their way before a node counts as silent. */
const SILENCE_INTERVALS = 3;
const SILENCE_MS_MIN = 3_000;

const start = workerData as WorkerStart;

function tell(message: FromWorker): void {
  parentPort!.postMessage(message);
}

async function run(): Promise<void> {
  const { files, nodeName, defines, overrides } = start;
  const loaded = await loadConfiguration(files, systemEnvironment({ nodeName, defines }));
  if (loaded.config === null) {
    tell({ kind: 'failed', message: 'the configuration changed while it was being loaded' });
    return;
  }
  const config = applyOverrides(loaded.config, overrides);
  const reactor = await makeReactor(config.reactor);
  const relay = await makeRelay(config, reactor);
  parentPort!.on('message', (message: ToWorker) => {
    if (message.kind === 'drain') drain(relay);
    else {
      relay.stop();
      reactor.stop();
      parentPort!.close();
    }
  });
  for (const address of listenAddresses(config.listen)) {
    const listener = await relay.listen(address, true);
    if (typeof listener === 'string') {
      const where = address.kind === 'ip' ? `${address.host}:${address.port}` : address.path;
      tell({ kind: 'failed', message: `cannot listen on ${where}: ${listenProblem(listener)}` });
      return;
    }
  }
  tell({ kind: 'listening' });
}

async function makeRelay(config: ClusterConfig, reactor: Reactor): Promise<Relay> {
  const { documentRoot, directoryIndex, zones } = config;
  const cluster = new ClusterReader(start.table, start.index);
  const files = openFiles(config);
  const status = new StatusPages({
    known: () => cluster.known(reactor.nowMs),
    counters: start.counters,
    datagrams: start.datagrams,
    startedMs: start.startedMs,
    nowMs: () => reactor.nowMs,
    config,
  });
  const parts = {
    reactor,
    cluster: {
      known: (nowMs: number) => cluster.known(nowMs),
      sent: (slot: number) => cluster.sent(slot),
      answered: (slot: number, turnaroundMs: number) => cluster.answered(slot, turnaroundMs),
      failed: (slot: number) => {
        cluster.failed(slot);
        if (slot === 0) tell({ kind: 'applicationFailed' });
      },
    },
    zones: new ZoneMap({ zones, documentRoot, fileOf: fileMapper(documentRoot, directoryIndex) }),
    counters: new Counters(start.counters[start.index]!),
    status,
    files,
    random: Math.random,
  };
  const { accept, onEmpty, connectionPools, limits } = config;
  const application = await resolveApplication(config.application);
  const nodeName = viaName(config.nodeName);
  const silenceMs = Math.max(SILENCE_MS_MIN, SILENCE_INTERVALS * config.announce.intervalMs);
  const options = { nodeName, accept, application, onEmpty, connectionPools, limits, silenceMs };
  const relay = new Relay(options, parts);
  const known = new Set<string>();
  relay.candidates.onFault = ({ candidacy, reason }) => {
    // A function that fails does so for every request: said once, and the list left as it was.
    if (known.has(candidacy)) return;
    known.add(candidacy);
    tell({ kind: 'log', message: `the candidacy function ${candidacy} is ignored: ${reason}` });
  };
  return relay;
}

function drain(relay: Relay): void {
  relay.drain();
  const look = setInterval(() => {
    if (relay.clientCount > 0) return;
    clearInterval(look);
    tell({ kind: 'drained' });
  }, DRAIN_LOOK_MS);
}

try {
  await run();
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}
