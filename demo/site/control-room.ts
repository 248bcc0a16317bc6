/**
 * The page with the power switches: what the clients see, and who holds what, on 127.0.0.1.
 *
 *     GET  /           the page         GET /room.js, /room.css
 *     GET  /live       server-sent events, one a second
 *     POST /power      { "name": "www1", "on": false }
 *
 * What a newcomer gets wrong: another site's page in the same browser must not reach the switches.
 * So a POST brings a field that no form can send, and no other origin is allowed to.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ClusterPicture } from '../../src/core/report/cluster-picture.ts';
import type { ClientSecond, Clients } from './clients.ts';
import type { Switched, SwitchedSite } from './switched-site.ts';

const TURN_MS = 1_000;
const SECONDS_SHOWN = 120;
const BODY_BYTES_MAX = 1_000;
const PICTURE_MS = 1_500;

const FILES: Readonly<Record<string, readonly [string, string]>> = {
  '/': ['room.html', 'text/html; charset=utf-8'],
  '/room.css': ['room.css', 'text/css; charset=utf-8'],
  '/room.js': ['room.js', 'text/javascript; charset=utf-8'],
};

const POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** What the page is told. */
export type RoomNews = {
  readonly nowMs: number;
  readonly machines: readonly {
    readonly name: string;
    readonly address: string;
    readonly isDirector: boolean;
    readonly on: boolean;
    readonly state: string;
    readonly load: number | null;
    readonly perSecond: number | null;
  }[];
  readonly addresses: readonly {
    readonly address: string;
    readonly url: string;
    readonly holders: readonly string[];
    readonly why: string;
  }[];
  /** What the machines and their addresses are made of. */
  readonly kind: string;
  readonly warnings: readonly string[];
  readonly seconds: readonly ClientSecond[];
  readonly totals: Clients['totals'];
  readonly switched: readonly Switched[];
  /** Where the cluster's own page can be had now; null: no director is on. */
  readonly status: string | null;
};

export class ControlRoom {
  readonly #site: SwitchedSite;
  readonly #clients: Clients;
  readonly #server: Server;
  readonly #watchers = new Set<ServerResponse>();
  #turning: NodeJS.Timeout | null = null;
  #asking = false;
  #picture: ClusterPicture | null = null;

  constructor(site: SwitchedSite, clients: Clients) {
    this.#site = site;
    this.#clients = clients;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  async start(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#turning = setInterval(() => void this.#turn(), TURN_MS);
  }

  stop(): void {
    if (this.#turning !== null) clearInterval(this.#turning);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request;
    const file = FILES[url];
    if (method === 'GET' && file !== undefined) {
      response.writeHead(200, { 'content-type': file[1], 'content-security-policy': POLICY });
      response.end(readFileSync(join(import.meta.dirname, file[0])));
    } else if (method === 'GET' && url === '/live') this.#watch(response);
    else if (method === 'GET' && url === '/favicon.ico') response.writeHead(204).end();
    else if (method === 'POST' && url === '/power') await this.#power(request, response);
    else response.writeHead(404).end();
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#watchers.add(response);
    response.on('close', () => this.#watchers.delete(response));
    response.write(eventOf(this.#news()));
  }

  async #power(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers['x-control-room'] !== '1') {
      response.writeHead(403).end('the switches are on the page\n');
      return;
    }
    let body = '';
    for await (const part of request) {
      body += String(part);
      if (body.length > BODY_BYTES_MAX) break;
    }
    const { name, on } = JSON.parse(body) as { readonly name?: unknown; readonly on?: unknown };
    const done = await this.#site.power(String(name), on === true);
    response.writeHead(done ? 204 : 409).end();
    this.#tell();
  }

  async #turn(): Promise<void> {
    if (!this.#asking) {
      this.#asking = true;
      this.#picture = await this.#ask();
      this.#asking = false;
    }
    this.#tell();
  }

  #tell(): void {
    const text = eventOf(this.#news());
    for (const watcher of this.#watchers) watcher.write(text);
  }

  /** Of the first director that answers. */
  async #ask(): Promise<ClusterPicture | null> {
    for (const place of this.#site.places) {
      if (!place.isDirector || !this.#site.isOn(place.name)) continue;
      try {
        const url = `${this.#site.urlOf(place)}backhand/api/cluster`;
        const response = await fetch(url, { signal: AbortSignal.timeout(PICTURE_MS) });
        if (response.ok) return (await response.json()) as ClusterPicture;
      } catch {
        // The other one, then.
      }
    }
    return null;
  }

  #news(): RoomNews {
    const { places, shared, switched } = this.#site;
    const picture = this.#picture;
    const alive = places.find(({ name, isDirector }) => isDirector && this.#site.isOn(name));
    return {
      nowMs: Date.now(),
      machines: places.map(({ name, address, isDirector }) => {
        const node = picture?.nodes.find((one) => one.name === name);
        const on = this.#site.isOn(name);
        return {
          name,
          address,
          isDirector,
          on,
          state: on ? (node?.state ?? 'unknown') : 'off',
          load: on ? (node?.server?.load ?? null) : null,
          perSecond: on ? (node?.seconds.at(-1)?.requests ?? null) : null,
        };
      }),
      addresses: shared.map(({ address, url }) => {
        const seen = picture?.addresses.find(({ group }) => group === address);
        const holders = (seen?.holders ?? []).filter((name) => this.#site.isOn(name));
        return { address, url, holders, why: seen?.why ?? '' };
      }),
      kind: this.#site.kind,
      warnings: picture?.warnings ?? ['no director can be asked'],
      seconds: this.#clients.seconds(SECONDS_SHOWN),
      totals: this.#clients.totals,
      switched,
      status: alive === undefined ? null : `${this.#site.urlOf(alive)}backhand/`,
    };
  }
}

function eventOf(news: RoomNews): string {
  return `data: ${JSON.stringify(news)}\n\n`;
}
