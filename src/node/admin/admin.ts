/**
 * A node's own view of itself and of the cluster, and the doors to it.
 *
 *     counters, table, keeper ─► NodeReport ─┐
 *     other nodes' reports ──────────────────┴► ClusterPicture ─► page, `forehand top`, live
 *
 * What a newcomer gets wrong: this is the main thread. The workers relay to it what is meant for it
 * (`Way.admin`), so a slow reader here never holds up the site.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StatusParts, statusOf } from '../../admin/status.ts';
import type { Server } from '../../core/candidacy/candidates.ts';
import { type ClusterPicture, clusterPicture } from '../../core/report/cluster-picture.ts';
import type { NodeAddresses, NodeReport } from '../../core/report/node-report.ts';
import type { RequestRecord } from '../../core/report/request-record.ts';
import { type Totals, totals } from '../../proxy/counters.ts';
import { AdminApi, type Command, type CommandBody, type Done, type Left } from './admin-api.ts';
import type { EventLog } from './event-log.ts';
import { Live } from './live.ts';
import { Neighbours } from './neighbours.ts';
import { Seconds } from './seconds.ts';
import { SignatureCheck } from './signature.ts';

const SECOND_MS = 1_000;
const EVENTS_TOLD = 100;

export type AdminOptions = {
  readonly bootId: number;
  /** Of the announcements; null: commands are taken on the control socket only. */
  readonly secret: string | null;
  readonly events: EventLog;
  /** What the page shows, once it serves; null: this node has no proxy, or not yet. */
  readonly status: () => StatusParts | null;
  readonly name: string;
  readonly state: () => string | null;
  readonly addresses: () => Promise<NodeAddresses | null>;
  readonly requests: (count: number) => readonly RequestRecord[];
  readonly why: (query: URLSearchParams) => object;
  readonly onWatched: (watched: boolean) => void;
  readonly command: (command: Command, body: CommandBody, origin: string) => Promise<Done>;
};

export class Admin {
  readonly api: AdminApi;
  /** Where the workers relay to. */
  readonly path: string;
  readonly #options: AdminOptions;
  readonly #live: Live;
  readonly #neighbours: Neighbours;
  #seconds: Seconds | null = null;
  readonly #directory: string;
  readonly #server: HttpServer;
  readonly #startedMs = Date.now();
  #secret: string | null;
  #lastFailure = '';
  #counting: NodeJS.Timeout | null = null;
  #picture: { atMs: number; made: Promise<ClusterPicture> } | null = null;

  constructor(options: AdminOptions) {
    this.#options = options;
    const { secret, events } = options;
    this.#secret = secret;
    this.#directory = mkdtempSync(join(tmpdir(), 'forehand-admin-'));
    this.path = join(this.#directory, 'admin.sock');
    this.#neighbours = new Neighbours({
      known: () => this.#known().filter(({ slot }) => slot !== 0),
      secret,
      nowMs: Date.now,
      uptimeMs: () => performance.now(),
    });
    const { requests, why, command, onWatched } = options;
    const picture = (): Promise<ClusterPicture> => this.#pictureOfNow();
    const onFailed = (error: unknown): void => this.#failed(error);
    this.#live = new Live({ picture, requests, onWatched, onFailed });
    events.onEvent = (event) => this.#live.event(event);
    this.api = new AdminApi({
      report: (left) => this.#report(left),
      picture,
      requests,
      why,
      live: (response) => this.#live.add(response),
      command,
      signatures: secret === null ? null : new SignatureCheck(secret),
      nowMs: Date.now,
    });
    this.#server = createServer((request, response) => {
      this.api.handle(request, response, 'network').catch((error: unknown) => {
        this.#failed(error);
        response.destroy();
      });
    });
  }

  /** After a reload. Whoever signs with the one before is refused from here on. */
  set secret(secret: string | null) {
    if (secret === this.#secret) return;
    this.#secret = secret;
    this.#neighbours.secret = secret;
    this.api.signatures = secret === null ? null : new SignatureCheck(secret);
  }

  async start(): Promise<void> {
    this.#server.listen({ path: this.path });
    await once(this.#server, 'listening');
    this.#counting = setInterval(() => this.#count(), SECOND_MS);
  }

  /** Sends a command to another node. */
  order(name: string, command: Command, body: CommandBody): Promise<Done> {
    return this.#neighbours.order(name, command, body);
  }

  /** Names of all nodes there are, as far as this one knows. */
  get names(): readonly string[] {
    return [this.#options.name, ...this.#known().map(({ name }) => name)];
  }

  /** Said once: what fails each second would push everything else out of the events. */
  #failed(error: unknown): void {
    const text = `the admin API failed: ${String(error)}`;
    if (text === this.#lastFailure) return;
    this.#lastFailure = text;
    this.#options.events.add('problem', text);
  }

  #count(): void {
    const status = this.#options.status();
    if (status === null) return;
    const now = totals(status.counters);
    if (this.#seconds === null) this.#seconds = new Seconds(now);
    else this.#seconds.add(now, Date.now());
  }

  stop(): void {
    if (this.#counting !== null) clearInterval(this.#counting);
    this.#live.stop();
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #known(): readonly Server[] {
    return this.#options.status()?.known() ?? [];
  }

  /** However many watch, it is made once in a turn. */
  #pictureOfNow(): Promise<ClusterPicture> {
    const nowMs = Date.now();
    const last = this.#picture;
    if (last !== null && Math.abs(nowMs - last.atMs) < SECOND_MS / 2) return last.made;
    const made = this.#makePicture();
    this.#picture = { atMs: nowMs, made };
    return made;
  }

  async #makePicture(): Promise<ClusterPicture> {
    const own = await this.#report([]);
    // Who hears whom is told by our own table; who holds what, too, where we are in the pool.
    const inPool = (own.addresses?.keeper.groups.length ?? 0) > 0;
    const heard = await this.#neighbours.heard(inPool ? ['servers', 'groups'] : ['servers']);
    return clusterPicture(own, heard);
  }

  async #report(left: readonly Left[]): Promise<NodeReport> {
    const { name, bootId, events, state, addresses } = this.#options;
    const status = this.#options.status();
    const seen = status === null ? null : statusOf(status);
    const single: Partial<Totals['single']> = seen?.counters.single ?? {};
    return {
      version: 1,
      node: name,
      bootId,
      software: seen?.node.software ?? 'forehand',
      pid: process.pid,
      startedMs: this.#startedMs,
      nowMs: Date.now(),
      state: state(),
      listen: seen?.node.listen ?? [],
      seconds: this.#seconds?.rows ?? [],
      requestsTotal: single.requests ?? 0,
      clientsOpen: single.clientsOpen ?? 0,
      inFlight: single.requestsInFlight ?? 0,
      servers: left.includes('servers') ? [] : (seen?.servers ?? []),
      zones: seen?.zones ?? [],
      addresses: left.includes('groups') ? withoutGroups(await addresses()) : await addresses(),
      events: events.latest(EVENTS_TOLD),
    };
  }
}

function withoutGroups(addresses: NodeAddresses | null): NodeAddresses | null {
  return addresses === null ? null : { ...addresses, keeper: { ...addresses.keeper, groups: [] } };
}
