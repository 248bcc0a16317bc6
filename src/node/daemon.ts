/**
 * One node of the cluster, from start to stop: what it serves, the addresses it may hold, and the
 * socket through which it is asked.
 *
 *     startNode ─► serving ─► addresses ─► control ─► running ─► drain ─► stop
 *                     └───────────┴── anything wrong: nothing is left running, and why
 *
 * The door is open before an address is taken, and closed after it was handed over: that is the
 * whole order of start and stop. What a newcomer gets wrong: a part that ends by itself is our bug.
 * The node then ends too, with `failed` set, so that a supervisor starts a whole one instead of a
 * half one limping on.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment, MachineFacts } from '../config/environment.ts';
import { didYouMean } from '../config/suggest.ts';
import { AddressFigures, FIGURES_BYTES } from '../core/address/figures.ts';
import { isLoopbackPool } from '../core/address/loopback.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { listenText } from '../core/cluster/difference.ts';
import type { ReloadAnswer } from '../core/report/reload-answer.ts';
import { PROFILES } from '../core/ring/timing.ts';
import { DEFAULT_SPREAD_LIMITS } from '../core/spread/server/server-events.ts';
import { encodeControlState } from '../core/wackamole/control-state.ts';
import { AddressService } from './address/address-service.ts';
import { Admin } from './admin/admin.ts';
import { type Command, type CommandBody, type Done, failed } from './admin/admin-api.ts';
import { EventLog } from './admin/event-log.ts';
import { Control, defaultControlPath } from './control.ts';
import { openGuardLink } from './guard/guard-link.ts';
import { BEAT_MS } from './guard/guard-protocol.ts';
import { type Log, type LogWriter, makeLog } from './log.ts';
import type { NodeStatus } from './node-status.ts';
import { Reloader } from './reloader.ts';
import { type Serving, startServing } from './serving.ts';
import { SpreadService } from './spread/spread-service.ts';
import type { Overrides } from './worker-protocol.ts';

/**
 * A random number every start of every node is unlikely to share: 48 bits, as `randomInt` gives.
 */
const BOOT_ID_MAX = 2 ** 48 - 1;

/**
 * Neighbours learn within this that an address has moved, and nodes that we drain; until then
 * requests still come here.
 */
const AFTERGLOW_MS = 250;

export type StartOptions = {
  readonly files: readonly string[];
  readonly environment: Environment;
  readonly overrides: Overrides;
  /** Where every line of the log goes. */
  readonly writeLog: LogWriter;
};

export type Started = { readonly node: RunningNode } | { readonly error: string };

/** @param config as loaded from `files`, with `overrides` applied */
export async function startNode(config: ClusterConfig, options: StartOptions): Promise<Started> {
  const node = new RunningNode(config, options);
  const error = await node.start();
  if (error === null) return { node };
  await node.stop();
  return { error };
}

export class RunningNode {
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<void>;
  #config: ClusterConfig;
  readonly #options: StartOptions;
  readonly #reloader: Reloader;
  readonly #figures = new SharedArrayBuffer(FIGURES_BYTES);
  readonly #events = new EventLog(Date.now);
  /** What is said here is in the event log, too. */
  readonly log: Log;
  readonly #admin: Admin;
  readonly #bootId = randomInt(1, BOOT_ID_MAX);
  #serving: Serving | null = null;
  #addresses: AddressService | null = null;
  #spread: SpreadService | null = null;
  readonly #control: Control;
  #beating: NodeJS.Timeout | null = null;
  #failed = false;
  #stopping = false;
  #end: () => void = () => {};

  constructor(config: ClusterConfig, options: StartOptions) {
    this.#config = config;
    this.#options = options;
    this.log = makeLog([options.writeLog, this.#events.write]);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#control = new Control({
      status: () => this.status(),
      drain: (on) => this.#takeOut(on),
      reload: () => this.reload('control socket'),
      admin: (request, response) => this.#admin.api.handle(request, response, 'socket'),
      wackatrl: {
        state: async () => (await this.#addresses?.controlState()) ?? encodeControlState([]),
        drain: (on) => this.#takeOut(on),
      },
    });
    const { files, overrides, environment } = options;
    this.#reloader = new Reloader({
      files,
      overrides,
      nodeName: environment.nodeName,
      defines: environment.defines,
      running: () => this.#config,
      apply: (wanted, machine) => this.#apply(wanted, machine),
      log: (text, origin) => this.log.event('reload', text, { subject: config.nodeName, origin }),
    });
    this.#admin = new Admin({
      name: config.nodeName,
      bootId: this.#bootId,
      secret: config.announce.secret,
      events: this.#events,
      status: () => this.#serving?.statusParts ?? null,
      state: () => this.#serving?.state ?? null,
      addresses: async () => (await this.#addresses?.status()) ?? null,
      requests: (count) => this.#serving?.insight.newest(count) ?? [],
      why: (query) => this.#serving?.insight.why(query) ?? { error: 'this node has no proxy' },
      onWatched: (watched) => {
        if (this.#serving !== null) this.#serving.insight.requests.watched = watched;
      },
      command: (command, body, origin) => this.#command(command, body, origin),
    });
  }

  /** It ended by itself. */
  get failed(): boolean {
    return this.#failed || this.#serving?.failed === true;
  }

  /** @returns null when it runs, else why it does not; `stop` then cleans up */
  async start(): Promise<string | null> {
    const bootId = this.#bootId;
    await this.#admin.start();
    if (this.#config.listen.length > 0) {
      const started = await startServing(this.#config, {
        ...this.#options,
        bootId,
        log: this.log,
        addresses: this.#figures,
        admin: this.#admin.path,
        onHealth: (problem) => {
          if (this.#addresses !== null) this.#addresses.proxyProblem = problem;
        },
      });
      if ('error' in started) return started.error;
      this.#serving = started.serving;
      void started.serving.ended.then(() => this.#end());
    }
    const problem = await this.#startAddresses(bootId);
    if (problem !== null) return problem;
    this.#startSpread();
    await this.#openControl();
    return null;
  }

  /** Takes nothing new and waits until all is answered, but no longer than `patienceMs`. */
  async drain(patienceMs: number): Promise<void> {
    this.#stopping = true;
    // From here on neither clients nor other nodes begin anything new here that they need not.
    this.#serving?.farewell();
    if (this.#addresses !== null) {
      await this.#addresses.drain(true);
    }
    await delay(AFTERGLOW_MS);
    await this.#serving?.drain(patienceMs);
  }

  async stop(): Promise<void> {
    this.#control.close();
    this.#admin.stop();
    await this.#spread?.stop();
    await this.#addresses?.stop();
    if (this.#beating !== null) clearInterval(this.#beating);
    await this.#serving?.stop();
  }

  /** Somebody has moved the files of the logs away. */
  reopenLogs(): void {
    this.#serving?.insight.accessLog.reopen();
  }

  /** Out of the cluster's service, or back in it; it runs on. */
  async #takeOut(takenOut: boolean): Promise<void> {
    if (this.#serving !== null) this.#serving.takenOut = takenOut;
    await this.#addresses?.drain(takenOut);
  }

  async #command(command: Command, body: CommandBody, origin: string): Promise<Done> {
    const { nodeName } = this.#config;
    const { node = nodeName } = body;
    if (node !== nodeName) {
      if (this.#admin.names.includes(node)) return this.#admin.order(node, command, body);
      const meant = didYouMean(node, this.#admin.names);
      return failed(`no node "${node}" is known here${meant === undefined ? '' : `; ${meant}`}`);
    }
    switch (command) {
      case 'drain':
      case 'resume': {
        const text = command === 'drain' ? 'is taken out' : 'takes part again';
        this.log.event(command, `${nodeName} ${text}`, { subject: nodeName, origin });
        await this.#takeOut(command === 'drain');
        const status = command === 'drain' ? await this.#addresses?.status() : undefined;
        const still = status?.holding ?? [];
        if (still.length === 0) return { ok: true, text: `${nodeName} ${text}` };
        // Whoever goes on to switch this machine off takes them down with it.
        return failed(`still held here, as nobody else may: ${still.join(', ')}`);
      }
      case 'move': {
        const { group, to } = body;
        if (this.#addresses === null) return failed(`${nodeName} has no part in a pool`);
        if (group === undefined || to === undefined) return failed('which address, and where to?');
        const done = await this.#addresses.move(group, to);
        this.log.event('move', done.text, { subject: group, to, ok: done.ok, origin });
        return done;
      }
      case 'reload':
        return this.reload(origin);
    }
  }

  /** Goes by its files as they are now; or by what it went by, if there is anything wrong. */
  reload(origin: string): Promise<ReloadAnswer> {
    return this.#reloader.reload(origin);
  }

  /** @returns null once all parts go by it, or why none does */
  async #apply(config: ClusterConfig, machine: MachineFacts): Promise<string | null> {
    if (this.#stopping) return 'this node is about to end';
    const prepared = (await this.#serving?.prepare(config, machine)) ?? null;
    if (prepared !== null && 'error' in prepared) return prepared.error;
    if (this.#stopping) {
      // A new door would let clients in whom nobody waits for.
      this.#serving?.abandon();
      return 'this node is about to end';
    }
    this.#config = config;
    if (prepared !== null) await this.#serving?.commit(prepared);
    if (config.addresses !== null) this.#addresses?.reload(config.addresses);
    this.#admin.secret = config.announce.secret;
    await this.#openControl();
    return null;
  }

  async status(): Promise<NodeStatus> {
    const { nodeName, listen } = this.#config;
    const proxy =
      this.#serving === null
        ? null
        : {
            listen: listen.map(listenText),
            state: this.#serving.state,
          };
    const addresses = (await this.#addresses?.status()) ?? null;
    const spread = (await this.#spread?.status()) ?? null;
    const upMs = process.uptime() * 1_000;
    return { node: nodeName, pid: process.pid, upMs, proxy, addresses, spread };
  }

  async #startAddresses(bootId: number): Promise<string | null> {
    const { addresses, nodeName } = this.#config;
    if (addresses === null) return null;
    const { environment } = this.#options;
    const log = this.log;
    const problem = (text: string): void => log.event('problem', text, { subject: nodeName });
    const guard = openGuardLink({
      onSwept: () =>
        problem('this process was stopped, and its addresses were taken down meanwhile'),
      onGuardLost: () =>
        problem('the guard is gone: only the kernel watches over this process now'),
    });
    const isLocal = isLoopbackPool(addresses.pool);
    if (guard === null && !isLocal)
      problem('no guard watches over this process: only the kernel does');
    const started = await AddressService.start(addresses, {
      self: { name: nodeName, bootId },
      ownAddresses: environment.addresses,
      log,
      figures: new AddressFigures(this.#figures),
      onHolding: (held) => guard?.holding(held),
      onHeld: (held) => this.#serving?.hold(held),
      isBusy: (leaving) => this.#serving?.isBusyAt(leaving) ?? false,
      onLeaving: (leaving, now) => this.#serving?.leave(leaving, now),
      onWill: (will) => guard?.will(will),
      onFailed: (reason) => {
        log.event('problem', `the group has ended: ${reason}`, { subject: nodeName, reason });
        this.#failed = true;
        this.#end();
      },
    });
    if ('error' in started) return started.error;
    this.#addresses = started;
    guard?.ready();
    this.#beating = setInterval(() => guard?.beat(), BEAT_MS);
    const pool = addresses.pool.map(({ name }) => name).join(', ');
    log.event('started', `${nodeName} shares ${pool} in group "${addresses.group.name}"`, {
      subject: nodeName,
      group: addresses.group.name,
      pool: addresses.pool.map(({ name }) => name),
    });
    return null;
  }

  #startSpread(): void {
    const { spread, nodeName } = this.#config;
    if (spread === null) return;
    const { environment } = this.#options;
    const { listen, path, access, user, messagesMax, group } = spread;
    const { name, port, profile, host, secrets } = group;
    const peers = group.peers.filter((peer) => !environment.addresses.includes(peer));
    const limits = { ...DEFAULT_SPREAD_LIMITS, sessionMessagesMax: messagesMax };
    this.#spread = new SpreadService(
      {
        ring: {
          group: name,
          timing: PROFILES[profile],
          secrets,
          socket: { port, host, peers, multicast: null, interfaces: [] },
        },
        host: { node: nodeName, listen, path, access, limits },
        user,
      },
      { log: this.log, figures: new AddressFigures(this.#figures) },
    );
  }

  async #openControl(): Promise<void> {
    const { control, nodeName } = this.#config;
    const paths = [defaultControlPath(nodeName), ...(control === null ? [] : [control])];
    const problems = await this.#control.open(paths);
    // A node that shares no addresses has nothing to be told, and may run without root.
    if (this.#addresses === null && control === null) return;
    for (const problem of problems) this.log.event('problem', problem);
  }
}
