/**
 * What a node knows of its own requests: their records, the cluster table's recent past, the access
 * log; and the answers made from them for the control socket and the admin API.
 *
 * What a newcomer gets wrong: all of this is the main thread's. Workers write into shared memory
 * and neither know nor wait for who reads there.
 */
import { ClusterReader } from '../../core/announce/cluster-reader.ts';
import type { ClusterConfig } from '../../core/cluster/config.ts';
import { LOG_FIGURES_BYTES, writeLogFigures } from '../../core/report/log-figures.ts';
import type { RequestRecord } from '../../core/report/request-record.ts';
import { LOOK_MS, TableHistory } from '../../core/report/table-history.ts';
import type { WhyAnswer } from '../../core/report/why-answer.ts';
import { ZoneMap } from '../../core/zone/zone-of.ts';
import { fileMapper } from '../file-mapper.ts';
import type { Log } from '../log.ts';
import { AccessLog } from './access-log.ts';
import { RequestLog } from './request-log.ts';
import { type WhyFailed, type WhySources, why, whyQueryOf } from './why.ts';
import { whyText } from './why-text.ts';

export type InsightOptions = {
  readonly config: ClusterConfig;
  readonly table: SharedArrayBuffer;
  /** One of each worker. */
  readonly records: readonly SharedArrayBuffer[];
  readonly log: Log;
};

export class Insight {
  readonly requests: RequestLog;
  readonly accessLog: AccessLog;
  /** Of the access log, shared with the workers (core/report/log-figures.ts). */
  readonly figures = new SharedArrayBuffer(LOG_FIGURES_BYTES);
  readonly #history = new TableHistory();
  readonly #cluster: ClusterReader;
  readonly #picturing: NodeJS.Timeout;
  #config: ClusterConfig;
  #zones: ZoneMap;

  constructor({ config, table, records, log }: InsightOptions) {
    this.#config = config;
    this.#zones = zoneMapOf(config);
    this.#cluster = new ClusterReader(table, null);
    this.requests = new RequestLog({
      node: config.nodeName,
      memories: records,
      all: config.record,
      nowMs: () => performance.now(),
    });
    this.accessLog = new AccessLog(this.requests, log);
    this.accessLog.use(config.accessLog);
    this.#picture();
    this.#picturing = setInterval(() => this.#picture(), LOOK_MS).unref();
  }

  /** Another configuration is in force. */
  configure(config: ClusterConfig): void {
    this.#config = config;
    this.#zones = zoneMapOf(config);
    this.requests.all = config.record;
    this.accessLog.use(config.accessLog);
  }

  /** For the functions that answer questions (why.ts). */
  get sources(): WhySources {
    return {
      requests: this.requests,
      history: this.#history,
      config: this.#config,
      zones: this.#zones,
      known: () => this.#cluster.known(Date.now()),
      nowMs: Date.now,
    };
  }

  /** `GET api/requests`: the newest last. */
  newest(count: number): RequestRecord[] {
    return this.requests.newest(count).map(({ record }) => record);
  }

  /** `GET api/why`: the answer, and the same for people as its `text`; or what is wrong. */
  why(parameters: URLSearchParams): (WhyAnswer & { readonly text: string }) | WhyFailed {
    const query = whyQueryOf(parameters);
    const answer = 'error' in query ? query : why(query, this.sources);
    return 'error' in answer ? answer : { ...answer, text: whyText(answer) };
  }

  async stop(): Promise<void> {
    clearInterval(this.#picturing);
    this.requests.stop();
    await this.accessLog.close();
  }

  #picture(): void {
    const nowMs = Date.now();
    this.#history.add(nowMs, this.#cluster.known(nowMs));
    const { written, leftOut } = this.accessLog;
    writeLogFigures(this.figures, { lines: written, leftOut });
  }
}

function zoneMapOf({ zones, documentRoot, directoryIndex }: ClusterConfig): ZoneMap {
  return new ZoneMap({ zones, documentRoot, fileOf: fileMapper(documentRoot, directoryIndex) });
}
