/**
 * Asks the other nodes for their reports, as long as somebody wants to see them.
 *
 * What a newcomer gets wrong: nobody is asked more than once at a time, nor more often than once a
 * second, and an answer that does not come is not waited for: the picture is made of what is there.
 * Ages are by a clock that only goes forward; only signatures are by the time of day.
 */
import { request } from 'node:http';
import type { Server } from '../../core/candidacy/candidates.ts';
import { NODES_PREFIX } from '../../core/report/api-path.ts';
import type { Heard } from '../../core/report/cluster-picture.ts';
import type { NodeReport } from '../../core/report/node-report.ts';
import { type Command, type CommandBody, type Done, failed, type Left } from './admin-api.ts';
import { parseReport } from './report-schema.ts';
import { SIGNATURE_FIELD, type Signed, sign } from './signature.ts';

const INTERVAL_MS = 900;
const TIMEOUT_MS = 2_000;

/** Draining takes as long as its addresses take to move. */
const ORDER_TIMEOUT_MS = 10_000;

/** 64 nodes that hear each other, with a minute and a hundred events, are far below. */
const REPORT_BYTES_MAX = 2_097_152;

/** Of those first asked a moment ago, there may be something to wait for. */
const FIRST_WAIT_MS = 300;

const PATH = `${NODES_PREFIX}/api/node`;

/** A node that nothing knows any more is forgotten after this. */
const FORGOTTEN_MS = 600_000;

/** What a refusal says is for people; a page of somebody else's is not. */
const REFUSAL_LENGTH_MAX = 300;

type Neighbour = {
  readonly name: string;
  report: NodeReport | null;
  receivedMs: number | null;
  aheadMs: number | null;
  problem: string | null;
  /** Last named by the table. */
  knownMs: number;
  askedMs: number;
  asking: Promise<void> | null;
};

export type NeighboursParts = {
  /** All but this node. */
  readonly known: () => readonly Server[];
  readonly secret: string | null;
  /** Since the epoch: for signatures and the clocks of others. */
  readonly nowMs: () => number;
  /** Only goes forward. */
  readonly uptimeMs: () => number;
};

export class Neighbours {
  readonly #parts: NeighboursParts;
  /** Another one when a reload has changed it. */
  secret: string | null;
  readonly #neighbours = new Map<string, Neighbour>();

  constructor(parts: NeighboursParts) {
    this.#parts = parts;
    this.secret = parts.secret;
  }

  /**
   * What each has said last; asks anew for what is not of this second.
   *
   * @param left what need not be in it
   */
  async heard(left: readonly Left[]): Promise<readonly Heard[]> {
    const first: Promise<void>[] = [];
    const { known, uptimeMs } = this.#parts;
    for (const server of known()) {
      const neighbour = this.#neighbour(server.name);
      neighbour.knownMs = uptimeMs();
      this.#ask(neighbour, server, left);
      if (neighbour.receivedMs === null && neighbour.asking !== null) {
        first.push(neighbour.asking);
      }
    }
    if (first.length > 0) await Promise.race([Promise.all(first), waited(FIRST_WAIT_MS)]);
    return this.#remembered();
  }

  #remembered(): readonly Heard[] {
    const nowMs = this.#parts.uptimeMs();
    for (const { name, knownMs } of this.#neighbours.values()) {
      if (nowMs - knownMs > FORGOTTEN_MS) this.#neighbours.delete(name);
    }
    return [...this.#neighbours.values()].map(
      ({ name, report, receivedMs, aheadMs, problem }): Heard => {
        const ageMs = receivedMs === null ? null : nowMs - receivedMs;
        return { name, report, ageMs, aheadMs, problem };
      },
    );
  }

  /** Tells a node to do something, signed. */
  async order(name: string, command: Command, body: CommandBody): Promise<Done> {
    const { secret } = this;
    const { known } = this.#parts;
    if (secret === null) {
      return failed(`without a secret in the configuration, ask at ${name} itself`);
    }
    const server = known().find((one) => one.name === name);
    if (server === undefined) return failed(`${name} is not heard`);
    const { address: host, port } = server;
    const path = `${NODES_PREFIX}/api/${command}`;
    try {
      const said = await this.#exchange(host, port, {
        method: 'POST',
        path,
        body: JSON.stringify({ ...body, node: name }),
      });
      const done = JSON.parse(said.body) as Partial<Done>;
      return { ok: done.ok === true, text: `${name}: ${String(done.text ?? said.status)}` };
    } catch (error) {
      return failed(`${name} cannot be asked: ${(error as Error).message}`);
    }
  }

  #neighbour(name: string): Neighbour {
    const known = this.#neighbours.get(name);
    if (known !== undefined) return known;
    const made: Neighbour = {
      name,
      report: null,
      receivedMs: null,
      aheadMs: null,
      problem: null,
      knownMs: 0,
      askedMs: Number.NEGATIVE_INFINITY,
      asking: null,
    };
    this.#neighbours.set(name, made);
    return made;
  }

  #ask(neighbour: Neighbour, server: Server, left: readonly Left[]): void {
    const { name, address, port } = server;
    const { nowMs: timeOfDay, uptimeMs } = this.#parts;
    const nowMs = uptimeMs();
    if (neighbour.asking !== null || nowMs - neighbour.askedMs < INTERVAL_MS) return;
    neighbour.askedMs = nowMs;
    neighbour.asking = this.#get(address, port, left)
      .then((report) => {
        if (report.node !== name) throw new Error(`${report.node} answers there`);
        neighbour.report = report;
        neighbour.receivedMs = uptimeMs();
        neighbour.aheadMs = report.nowMs - timeOfDay();
        neighbour.problem = null;
      })
      .catch((error: NodeJS.ErrnoException) => {
        neighbour.problem = error.code ?? error.message;
      })
      .finally(() => {
        neighbour.asking = null;
      });
  }

  async #get(host: string, port: number, left: readonly Left[]): Promise<NodeReport> {
    const { status, body } = await this.#exchange(host, port, {
      method: 'GET',
      path: `${PATH}?${left.map((name) => `without=${name}`).join('&')}`,
      body: '',
    });
    if (status !== 200) throw new Error(`it answers ${status}${refusalOf(body)}`);
    const report = parseReport(body);
    if (report === null) throw new Error('it sends no report we can read');
    return report;
  }

  #exchange(host: string, port: number, signed: Signed): Promise<{ status: number; body: string }> {
    const { secret } = this;
    const { nowMs } = this.#parts;
    const { method, path } = signed;
    const timeout = method === 'GET' ? TIMEOUT_MS : ORDER_TIMEOUT_MS;
    const headers = secret === null ? {} : { [SIGNATURE_FIELD]: sign(secret, signed, nowMs()) };
    return new Promise((resolve, reject) => {
      const asking = request({ host, port, method, path, headers, timeout });
      asking.on('timeout', () => asking.destroy(new Error('no answer in time')));
      asking.on('error', reject);
      asking.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('error', reject);
        response.on('data', (part: string) => {
          body += part;
          if (body.length > REPORT_BYTES_MAX) asking.destroy(new Error('its answer has no end'));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      asking.end(signed.body);
    });
  }
}

/** @returns its words, where they are the API's */
function refusalOf(body: string): string {
  try {
    const { text } = JSON.parse(body) as { readonly text?: unknown };
    return typeof text === 'string' ? `, ${text.slice(0, REFUSAL_LENGTH_MAX)}` : '';
  } catch {
    return '';
  }
}

function waited(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });
}
