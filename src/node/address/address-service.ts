/**
 * This node's part in the pool of virtual addresses: the group, the keeper and the driver, joined.
 *
 *     ring, Corosync, Spread ─► NodeGroup ─► AddressDriver ─► Keeper
 *                                        └─► kernel, hooks, guard
 *
 * What a newcomer gets wrong: the order of leaving. First the addresses are drained, so that the
 * others have them before we let go; then the group is left; and only then is anything closed.
 */
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { compatibilityProblem } from '../../config/compatibility.ts';
import { didYouMean } from '../../config/suggest.ts';
import type { AddressFigures } from '../../core/address/figures.ts';
import { Keeper } from '../../core/address/keeper.ts';
import type { KeeperStatus } from '../../core/address/keeper-status.ts';
import { isLoopbackPool } from '../../core/address/loopback.ts';
import type { AddressesConfig } from '../../core/cluster/config.ts';
import type { GroupEvent, Member } from '../../core/ring/group.ts';
import { PROFILES } from '../../core/ring/timing.ts';
import { ipOctets, networkContains } from '../../core/util/ip.ts';
import { encodeControlState } from '../../core/wackamole/control-state.ts';
import { Priority } from '../../core/wackamole/messages.ts';
import type { InterfaceAddress, OpenAddressPort } from '../../io/address-port.ts';
import { loopbackAddresses } from '../../io/loopback-addresses.ts';
import type { GroupState, NodeGroup } from '../engine/node-group.ts';
import { openGroup } from '../engine/open-group.ts';
import { lockPool, type PoolLock } from '../guard/pool-lock.ts';
import type { Log } from '../log.ts';
import { rehearsalProblem } from '../rehearsal-problem.ts';
import type { RingStart, Will } from '../ring/ring-protocol.ts';
import { realAddress, WackamoleMember } from '../wackamole/wackamole-member.ts';
import { AddressDriver } from './address-driver.ts';
import type { AddressKeeper } from './address-keeper.ts';
import { Hooks } from './hooks.ts';
import { rehearse } from './rehearsal.ts';

/** Of the engine, for the metrics. */
const MEASURE_MS = 1_000;

/** Handing over takes some ms for each group; whoever takes longer is not coming. */
const DRAIN_MS = 5_000;

/** A move takes some ms, and one that fails is given up by its owner after a second. */
const MOVE_MS = 3_000;
const MOVE_LOOK_MS = 20;

/** Zero would say that nobody has it. */
const UNKNOWN_OWNER = '255.255.255.255';

export type AddressServiceParts = {
  readonly self: Member;
  /** Addresses of this machine, to tell which of the configured peers we are. */
  readonly ownAddresses: readonly string[];
  readonly log: Log;
  readonly figures: AddressFigures;
  /** What this process has in the kernel, for whoever cleans up after it. */
  readonly onHolding: (addresses: readonly InterfaceAddress[]) => void;
  /** Of the loopback: where to listen now. */
  readonly onHeld: (addresses: readonly string[]) => void;
  /** They are about to be another node's; `now`: in the next milliseconds. */
  readonly onLeaving: (addresses: readonly string[], now: boolean) => void;
  /** Requests that came through one of them are under way still. */
  readonly isBusy: (addresses: readonly string[]) => boolean;
  /** What the guard is to say for this node when it sees it die. */
  readonly onWill: (will: Will) => void;
  /** It has ended by itself, and so must the node: half of it would hold addresses for nobody. */
  readonly onFailed: (reason: string) => void;
};

export type AddressStatus = GroupState & {
  readonly keeper: KeeperStatus;
  /** Groups that are in this kernel now. */
  readonly holding: readonly string[];
};

export class AddressService {
  readonly #keeper: AddressKeeper;
  readonly #driver: AddressDriver;
  readonly #hooks: Hooks;
  readonly #group: NodeGroup;
  readonly #lock: PoolLock;
  /** Shared with what was started with it. */
  readonly #now: { config: AddressesConfig };
  readonly #ownAddresses: readonly string[];
  readonly #name: string;
  readonly #measuring: NodeJS.Timeout;
  #stopped = false;

  private constructor(parts: {
    readonly keeper: AddressKeeper;
    readonly driver: AddressDriver;
    readonly hooks: Hooks;
    readonly group: NodeGroup;
    readonly lock: PoolLock;
    readonly now: { config: AddressesConfig };
    readonly ownAddresses: readonly string[];
    readonly name: string;
    readonly measuring: NodeJS.Timeout;
  }) {
    this.#measuring = parts.measuring;
    this.#keeper = parts.keeper;
    this.#driver = parts.driver;
    this.#hooks = parts.hooks;
    this.#group = parts.group;
    this.#lock = parts.lock;
    this.#now = parts.now;
    this.#ownAddresses = parts.ownAddresses;
    this.#name = parts.name;
  }

  /** @returns the service once it takes part, or why it cannot */
  static async start(
    config: AddressesConfig,
    parts: AddressServiceParts,
  ): Promise<AddressService | { readonly error: string }> {
    const { self, log, figures } = parts;
    const nowMs = (): number => performance.now();
    const isLocal = isLoopbackPool(config.pool);
    const member = config.compatibility === null ? null : oldMember(config, parts, nowMs);
    if (member !== null && 'error' in member) return member;
    const problem = member === null ? rehearsalProblem(() => rehearse(config)) : null;
    if (problem !== null) log(problem);
    const keeper = member?.keeper ?? new Keeper({ ...config, name: self.name }, nowMs());
    const hooks = new Hooks(config.hooks, { log });
    // Until the group stands, what is said is kept: the first things are said by the driver.
    let group: NodeGroup | null = null;
    const waiting: Uint8Array[] = [];
    let cutOff = false;
    let serving = false;
    const now = { config };
    const driver = new AddressDriver(config, {
      keeper,
      openPort: isLocal ? loopbackAddresses(parts.onHeld) : await kernelPort(),
      hasOwnAddress: isLocal ? () => true : hasOwnAddress,
      nowMs,
      count: (what) => figures.add(what),
      after: (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      send: (bytes) => {
        if (group === null) waiting.push(bytes);
        else if (!group.send(bytes)) log('addresses: a message is too long for the group');
      },
      onCutOff: (isCutOff) => {
        cutOff = isCutOff && dependsOnPool(now.config);
        if (group !== null) group.link = !cutOff;
      },
      onServing: (on) => {
        serving = on;
        if (group !== null) group.serving = on;
      },
      onHolding: parts.onHolding,
      isBusy: ({ addresses }) => parts.isBusy(addresses.map(({ address }) => address)),
      onLeaving: ({ addresses }, now) => {
        parts.onLeaving(
          addresses.map(({ address }) => address),
          now,
        );
      },
      onChange: (change) => {
        const { group: subject, event, cause } = change;
        log.event(`address-${event}`, `${subject} is ${event} here: ${cause}`, { subject, cause });
        hooks.run(change);
        figures.add(change.event === 'up' ? 'ups' : 'downs');
        figures.set('held', driver.holding.length);
      },
      causeOf: (name) => keeper.causeOf(name),
      log,
    });
    // Several nodes of one machine may share a pool of the loopback.
    const lock = await lockPool('node', isLocal ? [] : interfacesOf(config));
    if ('taken' in lock) return { error: lock.taken };
    const refused = driver.start();
    if (refused !== null) {
      lock.release();
      return { error: `addresses cannot be managed here: ${refused}` };
    }
    const onEvent = (event: GroupEvent): void => {
      // A log that is slow delays no take-over.
      driver.onGroup(event);
      if (event.kind === 'view') {
        figures.add('views');
        figures.set('members', event.view.members.length);
        const members = event.view.members.map(({ name }) => name);
        log.event('view', `in a view with ${members.join(', ')}`, { members });
      } else if (event.kind === 'stalled') figures.set('members', 0);
    };
    const { onWill, onFailed } = parts;
    const { engine } = config.group;
    const joined =
      member?.open(onEvent) ??
      (await openGroup(
        { engine, ring: ringStart(config, parts) },
        { onEvent, onReport: log, onWill, onFailed },
      ));
    if ('error' in joined) {
      driver.stop();
      lock.release();
      return { error: `the group cannot be joined: ${joined.error}` };
    }
    group = joined;
    if (cutOff) group.link = false;
    group.serving = serving;
    for (const bytes of waiting) group.send(bytes);
    if (config.group.secrets.length === 0 && member === null) {
      log('the group is not signed: anyone on the network can take part (set a secret)');
    }
    const { ownAddresses } = parts;
    const { name } = self;
    const measuring = setInterval(() => void measure(joined, figures), MEASURE_MS);
    const made = { keeper, driver, hooks, group, lock, now, ownAddresses, name, measuring };
    return new AddressService(made);
  }

  /** @param config of which nothing needs a restart (core/cluster/difference.ts) */
  reload(config: AddressesConfig): void {
    this.#now.config = config;
    this.#hooks.hooks = config.hooks;
    this.#group.reload(config.group.secrets, peersOf(config, this.#ownAddresses));
    this.#driver.reload(config);
  }

  /** @param problem what is wrong with this node's proxy; null: nothing */
  set proxyProblem(problem: string | null) {
    this.#driver.proxy(problem);
  }

  /** Others take over what is held here; resolves when they have, or nobody will. */
  async drain(on: boolean): Promise<void> {
    const patience = new AbortController();
    const enough = delay(DRAIN_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.#driver.drain(on), enough]);
    patience.abort();
  }

  /**
   * @param address any of a group's; all of them move
   * @returns what came of it, for whoever asked
   */
  async move(
    address: string,
    to: string,
  ): Promise<{ readonly ok: boolean; readonly text: string }> {
    const pool = this.#now.config.pool.flatMap((group) =>
      group.addresses.map((one) => [one.address, group.name] as const),
    );
    const group = new Map(pool).get(address);
    if (group === undefined) {
      const meant = didYouMean(
        address,
        pool.map(([known]) => known),
      );
      const hint = meant === undefined ? '' : `; ${meant}`;
      return { ok: false, text: `there is no ${address} in the pool${hint}` };
    }
    const why = this.#keeper.whyNoMove(group, to);
    if (why !== null) return { ok: false, text: `${group} does not move to ${to}: ${why}` };
    this.#driver.move(group, to);
    for (let waitedMs = 0; waitedMs < MOVE_MS; waitedMs += MOVE_LOOK_MS) {
      await delay(MOVE_LOOK_MS);
      const row = this.#keeper.status().groups.find((one) => one.group === group);
      if (row?.owner === to) return { ok: true, text: `${group} is at ${to}` };
    }
    return { ok: false, text: `${group} is not at ${to} after ${MOVE_MS / 1_000} s; see status` };
  }

  async status(): Promise<AddressStatus> {
    return {
      keeper: this.#keeper.status(),
      ...(await this.#group.state()),
      holding: this.#driver.holding,
    };
  }

  /** For `wackatrl`: who holds what, by their own addresses. */
  async controlState(): Promise<Uint8Array> {
    const { ring } = await this.#group.state();
    const { groups } = this.#keeper.status();
    const self = realAddress(this.#ownAddresses, this.#now.config);
    const addressOf = (name: string): string => {
      const peer = ring?.hears.find(({ member }) => member.name === name)?.at.split(' ')[0];
      const real = this.#group.addressOf?.(name) ?? peer ?? (name === this.#name ? self : null);
      return real ?? UNKNOWN_OWNER;
    };
    return encodeControlState(
      this.#now.config.pool.map(({ name, addresses }) => {
        const row = groups.find(({ group }) => group === name);
        const owner = row?.owner ?? null;
        const held = row?.preferred === true ? Priority.preferClaimed : Priority.claimed;
        const claim = owner === null ? Priority.unclaimed : held;
        return { claim, owner: owner === null ? null : addressOf(owner), addresses };
      }),
    );
  }

  /** Leaves the group and takes every address down. Idempotent. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#measuring);
    await this.#group.leave();
    this.#driver.stop();
    this.#lock.release();
    await this.#hooks.settled();
  }
}

/** @returns this node as a member of an old group, or why it cannot be one */
function oldMember(
  config: AddressesConfig,
  { self, ownAddresses, log }: AddressServiceParts,
  nowMs: () => number,
): WackamoleMember | { readonly error: string } {
  const problem = compatibilityProblem(config);
  if (problem !== null) return { error: problem.message };
  const real = realAddress(ownAddresses, config);
  if (real === null) return { error: 'an old group knows its members by an IPv4 address: no own' };
  log(`a member of the old group "${config.group.name}" as ${real}`);
  return new WackamoleMember(config, real, { node: self.name, nowMs, onReport: log });
}

async function measure(group: NodeGroup, figures: AddressFigures): Promise<void> {
  const { engine } = await group.state();
  if (engine === null) return;
  figures.set('engineConnected', Number(engine.connected));
  figures.set('engineReconnects', engine.reconnects);
  figures.set('engineStrangers', engine.strangers.length);
}

/** Not loaded where it cannot be: it calls the kernel. */
async function kernelPort(): Promise<OpenAddressPort> {
  const { openKernelAddresses } = await import('../../io/kernel-addresses.ts');
  return openKernelAddresses;
}

function interfacesOf({ pool }: Pick<AddressesConfig, 'pool'>): string[] {
  return [...new Set(pool.flatMap(({ addresses }) => addresses.map((one) => one.interface)))];
}

/** Virtual ones of IPv4 are listed under their label, `eth0:fh`. */
function hasOwnAddress(name: string): boolean {
  return networkInterfaces()[name]?.some(({ family }) => family === 'IPv4') ?? false;
}

function ringStart(
  { group, pool }: AddressesConfig,
  { self, ownAddresses }: AddressServiceParts,
): RingStart {
  return {
    self,
    group: group.name,
    timing: PROFILES[group.profile],
    secrets: group.secrets,
    socket: {
      port: group.port,
      host: group.host,
      peers: peersOf({ group }, ownAddresses),
      multicast: group.multicast,
      interfaces: interfacesOf({ pool }),
    },
    seekFrom: group.peers.find((peer) => ownAddresses.includes(peer)),
  };
}

/** All but this machine. */
function peersOf({ group }: Pick<AddressesConfig, 'group'>, own: readonly string[]): string[] {
  return group.peers.filter((peer) => !own.includes(peer) && peer !== group.host);
}

/** Whether the others are reached through the interfaces of the pool, as far as can be told. */
function dependsOnPool({ group, pool }: AddressesConfig): boolean {
  const networks = pool.flatMap(({ addresses }) => addresses);
  return group.peers.every((peer) => {
    const octets = ipOctets(peer);
    return octets !== null && networks.some((network) => networkContains(network, octets));
  });
}
