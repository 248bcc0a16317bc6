/**
 * Somebody at a machine of the room who asks for pages, as the test tells them to.
 *
 * What a newcomer gets wrong: a test runs on the host, which has no cable into the room. Everything
 * it wants to know of the site, it asks through a visitor.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Status } from '../../src/admin/status.ts';
import type { Machine } from '../../src/lab/room.ts';
import type { Answer, Order, Report } from './asker.ts';
import { SCALE } from './eventually.ts';

/** Longer than every time-out of the product that such a request may meet, but the 60 s ones. */
const REQUEST_MS = 20_000;

export type Ask = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** `Omit` of a union would keep only what all its members have. */
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** How one request of a stream of them ended; `failure` null: well. */
export type Visit = {
  readonly startMs: number;
  readonly durationMs: number;
  readonly machine: string | null;
  readonly failure: string | null;
};

export class Visitor {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (report: Report) => void>();
  #id = 0;

  constructor(machine: Machine) {
    this.#process = machine.run(process.execPath, [join(import.meta.dirname, 'asker.ts')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      writes: false,
    });
    this.#process.on('message', (report: Report) => {
      this.#waiting.get(report.id)?.(report);
      this.#waiting.delete(report.id);
    });
    this.#process.on('exit', () => {
      for (const [id, resolve] of this.#waiting) resolve({ id, error: 'the visitor has gone' });
      this.#waiting.clear();
    });
  }

  /** @returns any answer, whatever its status; throws when there is none */
  async ask(url: string, { method = 'GET', headers = {} }: Ask = {}): Promise<Answer> {
    const timeoutMs = REQUEST_MS * SCALE;
    const report = await this.#order({ kind: 'request', url, method, headers, timeoutMs });
    if ('answer' in report) return report.answer;
    throw new Error(`${method} ${url}: ${'error' in report ? report.error : 'no answer'}`);
  }

  /** @returns the machine whose application answered; throws when none did */
  async machineAt(url: string, asked: Ask = {}): Promise<string> {
    const { status, headers, body } = await this.ask(url, asked);
    const machine = headers['x-machine'];
    if (status === 200 && typeof machine === 'string') return machine;
    throw new Error(`${url}: ${status} ${body.trim()}`);
  }

  /** What the node at this address knows of the cluster. */
  async status(address: string): Promise<Status> {
    const { status, body } = await this.ask(`http://${address}/backhand/status.json`);
    if (status !== 200) throw new Error(`the status page of ${address}: ${status} ${body}`);
    return JSON.parse(body) as Status;
  }

  /** The names of all machines that the node at this address hears, itself included. */
  async known(address: string): Promise<string[]> {
    const { servers } = await this.status(address);
    const well = servers.filter(({ state }) => state === 'up' || state === 'relaying');
    return well.map(({ name }) => name).toSorted();
  }

  async send(bytes: Uint8Array, host: string, port: number): Promise<void> {
    const base64 = Buffer.from(bytes).toString('base64');
    const report = await this.#order({ kind: 'datagram', host, port, base64 });
    if ('error' in report) throw new Error(report.error);
  }

  /** Asks again and again, `clients` at a time, until it is stopped. */
  stream(url: string, clients: number): Stream {
    return new Stream(this, url, clients);
  }

  #order(order: WithoutId<Order>): Promise<Report> {
    const id = ++this.#id;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.send({ ...order, id } satisfies Order, (error) => {
        if (error !== null && this.#waiting.delete(id)) resolve({ id, error: error.message });
      });
    });
  }
}

export class Stream {
  readonly visits: Visit[] = [];
  readonly #visitor: Visitor;
  readonly #url: string;
  readonly #clients: readonly Promise<void>[];
  #running = true;

  constructor(visitor: Visitor, url: string, clients: number) {
    this.#visitor = visitor;
    this.#url = url;
    this.#clients = Array.from({ length: clients }, () => this.#visit());
  }

  /** @returns those begun at `sinceMs` of `performance.now()` or later */
  since(sinceMs: number): readonly Visit[] {
    return this.visits.filter(({ startMs }) => startMs >= sinceMs);
  }

  /** Waits for those under way. */
  async stop(): Promise<readonly Visit[]> {
    this.#running = false;
    await Promise.all(this.#clients);
    return this.visits;
  }

  async #visit(): Promise<void> {
    while (this.#running) {
      const startMs = performance.now();
      let [machine, failure]: [string | null, string | null] = [null, null];
      try {
        machine = await this.#visitor.machineAt(this.#url);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
      const durationMs = performance.now() - startMs;
      this.visits.push({ startMs, durationMs, machine, failure });
    }
  }
}
