/**
 * The Corosync daemon of this machine as an engine, through a thread of its own.
 *
 * What a newcomer gets wrong: a daemon that has stopped is lost long before its own token says so
 * to the others, so that this node lets go before they take over. It is asked for a sign five times
 * a second, and it answers those by itself, while a token is missed, too.
 */
import { Worker } from 'node:worker_threads';
import type { Engine, EngineEvent } from '../../core/engine/engine.ts';
import {
  type CorosyncStart,
  type FromCorosync,
  PING_MS,
  SILENT_MS,
  type ToCorosync,
} from '../../io/corosync-protocol.ts';
import type { EngineHealth, OpenEngineHandler } from './node-group.ts';

/** As src/sys/cpg.ts says, which only that thread may load. */
const STACK_MB = 8;

export class CorosyncEngine implements Engine {
  readonly #handler: OpenEngineHandler;
  readonly #worker: Worker;
  readonly #answers: Int32Array;
  readonly #watch: NodeJS.Timeout;
  #answered = 0;
  #answeredMs = performance.now();
  #session = 0;
  #as: string | null = null;
  #connectedMs: number | null = null;
  #connects = 0;
  #trouble: string | null = null;
  #lost = true;
  #left = false;

  constructor({ group }: { readonly group: string }, handler: OpenEngineHandler) {
    this.#handler = handler;
    const answers = new SharedArrayBuffer(4);
    this.#answers = new Int32Array(answers);
    const workerData: CorosyncStart = { group: `forehand.${group}`, answers };
    this.#worker = new Worker(new URL('../../io/corosync-worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    this.#worker.on('message', (message: FromCorosync) => this.#hear(message));
    this.#worker.once('error', (error) => this.#lose(`libcpg cannot be used: ${error}`));
    this.#watch = setInterval(() => this.#look(), PING_MS);
  }

  get health(): EngineHealth {
    return {
      as: this.#as,
      connectedMs: this.#connectedMs,
      reconnects: Math.max(0, this.#connects - 1),
      trouble: this.#trouble,
    };
  }

  send(bytes: Uint8Array): void {
    this.#post({ kind: 'send', bytes });
  }

  rejoin(): void {
    this.#lost = true;
    this.#as = null;
    this.#connectedMs = null;
    this.#post({ kind: 'rejoin', session: ++this.#session });
  }

  leave(): void {
    this.#left = true;
    clearInterval(this.#watch);
    this.#post({ kind: 'leave' });
    // It may hang in a call; the process is about to end, and that closes everything.
    this.#worker.unref();
  }

  #hear(message: FromCorosync): void {
    if (this.#left) return;
    if (message.kind === 'trouble') {
      this.#lose(message.text);
      return;
    }
    if (message.session !== this.#session) return;
    if (message.kind === 'connected') {
      this.#connects++;
      this.#connectedMs = performance.now();
      this.#answeredMs = performance.now();
      this.#as = message.as;
      this.#trouble = null;
      this.#lost = false;
      this.#handler.onReport(`connected to Corosync as ${message.as}`);
    } else if (message.event.kind === 'lost') this.#lose(message.event.reason);
    else this.#tell(message.event);
  }

  /** Once for each connection; at the start, when there is none. */
  #lose(reason: string): void {
    const isNews = !this.#lost || this.#trouble === null;
    this.#lost = true;
    this.#as = null;
    this.#connectedMs = null;
    if (reason !== this.#trouble) this.#handler.onReport(reason);
    this.#trouble = reason;
    if (isNews) this.#tell({ kind: 'lost', reason });
  }

  #look(): void {
    const nowMs = performance.now();
    const answered = Atomics.load(this.#answers, 0);
    if (answered !== this.#answered) {
      this.#answered = answered;
      this.#answeredMs = nowMs;
    }
    if (this.#lost || nowMs - this.#answeredMs < SILENT_MS) return;
    const seconds = SILENT_MS / 1_000;
    this.#lose(`Corosync has not answered for ${seconds} s`);
    this.rejoin();
  }

  #tell(event: EngineEvent): void {
    this.#handler.onEvent(event);
  }

  #post(message: ToCorosync): void {
    this.#worker.postMessage(message);
  }
}
