/**
 * The admin API of a node: what it knows, and what it can be told to do.
 *
 *     GET  api/node       what this node says of itself (NodeReport)
 *     GET  api/cluster    the whole cluster, as far as it can be asked (ClusterPicture)
 *     GET  api/live       the same as server-sent events, with what happens
 *     GET  api/requests   the last requests
 *     GET  api/why        why a request went where it went, or would go
 *     POST api/drain, api/resume, api/move, api/reload
 *
 * Reached through the control socket (its file's mode decides who may), from a browser below the
 * status zone, and from other nodes. What a newcomer gets wrong: what comes from the network can
 * only read, unless it is signed; and every change is in the event log with who asked for it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { nearest } from '../../config/suggest.ts';
import { apiName, isBetweenNodes } from '../../core/report/api-path.ts';
import type { ClusterPicture } from '../../core/report/cluster-picture.ts';
import type { NodeReport } from '../../core/report/node-report.ts';
import type { RequestRecord } from '../../core/report/request-record.ts';
import { SIGNATURE_FIELD, type SignatureCheck } from './signature.ts';

/** A command is a line or two. */
const BODY_BYTES_MAX = 16_384;

const REQUESTS_MAX = 500;
const REQUESTS_USUAL = 50;

/** What became of a command, for people and for programs. */
export type Done = { readonly ok: boolean; readonly text: string };

/** Parts of a report that may be left empty: with 64 nodes each has a row for every other. */
export const LEFT = ['servers', 'groups'] as const;
export type Left = (typeof LEFT)[number];

export type Command = 'drain' | 'resume' | 'move' | 'reload';

export type AdminParts = {
  /** @param left what its asker knows better, or does not want */
  readonly report: (left: readonly Left[]) => Promise<NodeReport>;
  readonly picture: () => Promise<ClusterPicture>;
  /** Newest last. */
  readonly requests: (count: number) => readonly RequestRecord[];
  /** @returns the answer, or what is wrong with the question: an `error` */
  readonly why: (query: URLSearchParams) => object;
  /** Takes the response over until its client goes. */
  readonly live: (response: ServerResponse) => void;
  readonly command: (command: Command, body: CommandBody, origin: string) => Promise<Done>;
  /** Null: nobody can sign, as there is no secret. */
  readonly signatures: SignatureCheck | null;
  readonly nowMs: () => number;
};

export type CommandBody = {
  readonly node?: string;
  readonly group?: string;
  readonly to?: string;
};

/** Who is at the other end: the owner of the control socket, or anybody. */
export type Door = 'socket' | 'network';

export const READS = ['node', 'cluster', 'live', 'requests', 'why'] as const;
export const COMMANDS = ['drain', 'resume', 'move', 'reload'] as const;

export class AdminApi {
  readonly #parts: AdminParts;
  /** Another one when a reload has changed the secret. */
  signatures: SignatureCheck | null;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    this.signatures = parts.signatures;
  }

  async handle(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
    const target = request.url ?? '/';
    const url = URL.canParse(target, 'http://node') ? new URL(target, 'http://node') : null;
    if (url === null) return sayJson(response, 400, failed('that is no path'));
    const name = apiName(url.pathname) ?? '';
    if (READS.some((read) => read === name)) {
      if (request.method !== 'GET') return sayMethod(response, 'GET');
      // Where a cluster has a secret, its nodes know it; where it has none, all may read.
      // As sent, like the worker that let it in: a path with dots may be another one once resolved.
      const asNode = door === 'network' && isBetweenNodes(target);
      const refused = asNode && this.signatures !== null ? this.#whyRefused(request, '') : null;
      if (refused !== null) return sayJson(response, 403, failed(refused));
      return this.#read(name as (typeof READS)[number], url.searchParams, response);
    }
    const command = COMMANDS.find((one) => one === name);
    if (command === undefined) {
      const meant = nearest(name, [...READS, ...COMMANDS]);
      const hint = meant === null ? '' : `; did you mean "${meant}"?`;
      return sayJson(response, 404, failed(`the API has no "${name}"${hint}`));
    }
    if (request.method !== 'POST') return sayMethod(response, 'POST');
    await this.#order(command, request, response, door);
  }

  async #read(
    name: (typeof READS)[number],
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const { report, picture, requests, why, live } = this.#parts;
    switch (name) {
      case 'node':
        return sayJson(response, 200, await report(leftOf(query)));
      case 'cluster':
        return sayJson(response, 200, await picture());
      case 'requests': {
        const count = Number(query.get('n') ?? REQUESTS_USUAL);
        const good = Number.isInteger(count) && count >= 1 && count <= REQUESTS_MAX;
        if (good) return sayJson(response, 200, requests(count));
        return sayJson(response, 400, failed(`n is a whole number from 1 to ${REQUESTS_MAX}`));
      }
      case 'why': {
        const answer = why(query);
        if (!('error' in answer)) return sayJson(response, 200, answer);
        return sayJson(response, query.has('id') ? 404 : 400, failed(String(answer.error)));
      }
      case 'live':
        return live(response);
    }
  }

  async #order(
    command: Command,
    request: IncomingMessage,
    response: ServerResponse,
    door: Door,
  ): Promise<void> {
    const text = await bodyOf(request);
    if (text === null) return sayJson(response, 413, failed('a command is shorter than that'));
    const refused = door === 'socket' ? null : this.#whyRefused(request, text);
    if (refused !== null) return sayJson(response, 403, failed(refused));
    const body = commandBody(text);
    if (body === null) {
      return sayJson(response, 400, failed('expected JSON such as {"node":"www1"}'));
    }
    const origin = door === 'socket' ? 'control socket' : `${clientOf(request)} (signed)`;
    const done = await this.#parts.command(command, body, origin);
    sayJson(response, done.ok ? 200 : 409, done);
  }

  #whyRefused(request: IncomingMessage, body: string): string | null {
    const { signatures } = this;
    const { nowMs } = this.#parts;
    if (signatures === null) {
      return 'without a secret in the configuration, commands are taken on the control socket only';
    }
    const header = request.headers[SIGNATURE_FIELD];
    if (typeof header !== 'string') {
      return 'this is signed with the secret of the announcements when it comes from the network';
    }
    const signed = { method: request.method ?? '', path: request.url ?? '', body };
    const problem = signatures.problem(header, signed, nowMs());
    return problem === null ? null : `the signature is refused: ${problem}`;
  }
}

function leftOf(query: URLSearchParams): readonly Left[] {
  return LEFT.filter((name) => query.getAll('without').includes(name));
}

/** As the worker that relayed the request says, which knows the other end of the connection. */
function clientOf(request: IncomingMessage): string {
  const forwarded = request.headers['x-forwarded-for'];
  const text = Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '');
  return text.split(',').at(-1)?.trim() || 'the network';
}

/** @returns null when it is too long, or its sender has left in the middle */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > BODY_BYTES_MAX) return null;
      parts.push(part);
    }
  } catch {
    return null;
  }
  return Buffer.concat(parts).toString();
}

/** @returns null when it is no command */
function commandBody(text: string): CommandBody | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const fields = ['node', 'group', 'to'];
    const good = Object.entries(value).every(
      ([name, field]) => fields.includes(name) && typeof field === 'string',
    );
    return good ? (value as CommandBody) : null;
  } catch {
    return null;
  }
}

export function failed(text: string): Done {
  return { ok: false, text };
}

function sayMethod(response: ServerResponse, method: string): void {
  response.setHeader('allow', method);
  sayJson(response, 405, failed(`this is asked with ${method}`));
}

export function sayJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${JSON.stringify(value)}\n`);
}
