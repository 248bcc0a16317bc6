/**
 * Makes the kernel agree with the keeper, and tells the keeper what the kernel says.
 *
 *     group ─► Keeper ─► hold, release ─► kernel      own addresses, renewed before they expire
 *                └─────► announce ──────► neighbours  bursts, the Notify list, the shared ARP cache
 *     kernel, links, proxy, strangers ─► Keeper
 *
 * What should be is the keeper's to say (core/address); here it is compared with what is, when
 * something changes and once a second in any case: what is missing is put up again, what is too
 * much is taken down. So an address that another program deletes is back at once, and one that a
 * former life of this daemon left behind is swept.
 *
 * What a newcomer gets wrong: an address in the kernel is only ever prolonged, by `validMs`. Stop
 * this driver in any way, and the kernel takes all of them down.
 */
import { isNever } from '../../core/address/eligibility.ts';
import type { Ineligibility, KeeperEffect, KeeperEvent } from '../../core/address/keeper-events.ts';
import type { AddressGroup, AddressOptions, VirtualAddress } from '../../core/address/pool.ts';
import type { AddressesConfig, HookChange } from '../../core/cluster/config.ts';
import type { GroupEvent } from '../../core/ring/group.ts';
import {
  type AddressPort,
  type InterfaceAddress,
  keyOf,
  type OpenAddressPort,
} from '../../io/address-port.ts';
import { Bursts } from './bursts.ts';
import { Defences } from './defences.ts';
import { Eligibility } from './eligibility.ts';
import { Guarded } from './guarded.ts';
import { Lingering } from './lingering.ts';
import { decodeNeighbours, encodeNeighbours, SharedNeighbours } from './neighbour-share.ts';
import { Notifier } from './notifier.ts';
import { Pulse, SETTLE_MS } from './pulse.ts';
import { RateLimit } from './rate-limit.ts';
import { Strangers } from './strangers.ts';

/** The first byte of each message of the group: who it is for. */
export const To = { keeper: 1, neighbours: 2 } as const;

/** An address is asked for three times before it is taken as nobody's (RFC 5227 2.1.1, sooner). */
const PROBES_MS = [0, 60, 120] as const;
const PROBE_WAIT_MS = 180;

/** Another program that deletes what we put up is answered this often in ten seconds, by group. */
const RESTORES_MAX = 20;
const RESTORES_MS = 10_000;

export type KeeperPart = {
  step(event: KeeperEvent): readonly KeeperEffect[];
  /** Whether a hardware address is one of a member's, past ones included. */
  knows(mac: string): boolean;
};

export type AddressDriverParts = {
  readonly keeper: KeeperPart;
  readonly openPort: OpenAddressPort;
  /** Whether the machine has an address on that interface that is not of the pool. */
  readonly hasOwnAddress: (name: string) => boolean;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
  /** To the whole group. */
  readonly send: (bytes: Uint8Array) => void;
  /** No interface of the pool has a carrier; or one has it again. */
  readonly onCutOff: (cutOff: boolean) => void;
  /** This node takes addresses by now; or has begun anew, and does not yet. */
  readonly onServing: (on: boolean) => void;
  /** What this process has in the kernel now, for the guard. */
  readonly onHolding: (addresses: readonly InterfaceAddress[]) => void;
  /** It is answered for still, but another node's already; `now`: not in the next moment. */
  readonly onLeaving: (group: AddressGroup, now: boolean) => void;
  /** Requests that came through its addresses are under way still. */
  readonly isBusy: (group: AddressGroup) => boolean;
  readonly onChange: (change: HookChange) => void;
  /** Why the group is where it is, in a few words. */
  readonly causeOf: (group: string) => string;
  /** Something that is worth a metric. */
  readonly count: (what: 'restored' | 'announced') => void;
  readonly log: (text: string) => void;
};

/** A group that should be here. */
type Held = {
  group: AddressGroup;
  /** In the kernel; before that it is being asked for. */
  up: boolean;
  /** The kernel has lost some of it since: not to be announced until it is back. */
  missing: boolean;
  cancelProbe: (() => void) | null;
};

export class AddressDriver {
  #config: AddressesConfig;
  readonly #parts: AddressDriverParts;
  #groups: ReadonlyMap<string, AddressGroup>;
  readonly #held = new Map<string, Held>();
  readonly #bursts: Bursts;
  readonly #notifier: Notifier;
  readonly #shared = new SharedNeighbours();
  readonly #eligibility: Eligibility;
  readonly #strangers: Strangers;
  readonly #lingering: Lingering;
  readonly #restores = new Map<string, RateLimit>();
  #port: AddressPort | null = null;
  #cancelRenew: (() => void) | null = null;
  #cancelShare: (() => void) | null = null;
  #cancelWake: (() => void) | null = null;
  readonly #events: KeeperEvent[] = [];
  readonly #defences: Defences;
  readonly #guarded: Guarded;
  readonly #pulse: Pulse;
  #stepping = false;
  #said: string | null = null;
  #cutOff = false;
  /** As told last. */
  #macs = '';
  #stopped = false;
  #onDrained: (() => void)[] = [];

  constructor(config: AddressesConfig, parts: AddressDriverParts) {
    this.#config = config;
    this.#parts = parts;
    this.#groups = new Map(config.pool.map((group) => [group.name, group]));
    this.#bursts = new Bursts(config.refreshMs, (name) => this.#announceOnce(name), parts);
    this.#notifier = new Notifier(config.notify, {
      shared: this.#shared,
      isHere: (group) => this.#isHere(group),
      tell: (address, neighbour) => this.#say(this.#port?.tell(address, neighbour) ?? null),
      after: parts.after,
    });
    this.#eligibility = new Eligibility(this.#interfaces, this.#gateways, parts.nowMs());
    this.#lingering = new Lingering({
      after: parts.after,
      leaving: parts.onLeaving,
      busy: parts.isBusy,
      release: (group) => this.#takeDown(group, true),
    });
    this.#guarded = new Guarded({
      tell: parts.onHolding,
      held: () => [
        ...[...this.#held.values()].map(({ group }) => group),
        ...this.#lingering.groups,
      ],
      groupOf: (name) => this.#groups.get(name),
    });
    this.#pulse = new Pulse(parts);
    this.#defences = new Defences({
      isUp: (group) => this.#held.get(group)?.up === true,
      announce: (group) => this.#bursts.start(group),
      nowMs: parts.nowMs,
      after: parts.after,
    });
    this.#strangers = new Strangers({
      after: parts.after,
      probe: (group) => this.#probe(group),
      onFree: (group) => this.#step({ kind: 'free', nowMs: parts.nowMs(), group }),
    });
  }

  /** @returns null, or why the kernel cannot be asked: `EPERM ...` */
  start(): string | null {
    const opened = this.#parts.openPort(
      { interfaces: this.#interfaces },
      {
        onLost: (address) => this.#onLost(address),
        onLink: ({ interface: name, up }) => this.#onLink(name, up),
        onClaim: (claim) => this.#onClaim(claim),
        onProblem: (problem) => this.#parts.log(`addresses: ${problem}`),
      },
    );
    if ('code' in opened) return `${opened.code}: ${opened.text}`;
    this.#port = opened;
    const links = opened.links();
    const nowMs = this.#parts.nowMs();
    for (const { interface: name, up } of links) this.#eligibility.link(name, up, nowMs);
    this.#lookAtOwn();
    this.#tellHardware();
    this.#tellCutOff();
    this.#judge();
    this.#pulse.start();
    this.#renew();
    this.#share();
    return null;
  }

  /** Everything the group says goes through here. */
  onGroup(event: GroupEvent): void {
    const nowMs = this.#parts.nowMs();
    if (event.kind !== 'message') {
      this.#lingering.endAll();
      this.#step({ kind: 'group', nowMs, event });
      if (event.kind === 'view') {
        if (event.view.members.length > 1) this.#eligibility.met();
        this.#judge();
        this.#shareNow();
      }
      return;
    }
    const bytes = event.bytes.subarray(1);
    if (event.bytes[0] === To.keeper) {
      this.#step({ kind: 'group', nowMs, event: { ...event, bytes } });
    } else if (event.bytes[0] === To.neighbours) {
      this.#shared.add(decodeNeighbours(bytes) ?? []);
    }
  }

  /** What is held is not touched. Pool and policy count when the keeper says so (`#adopt`). */
  reload(config: AddressesConfig): void {
    const { pool, policy, validMs, arpCacheMs } = this.#config;
    this.#config = { ...config, pool, policy };
    this.#bursts.refreshMs = config.refreshMs;
    this.#notifier.targets = config.notify;
    this.#step({ kind: 'reload', nowMs: this.#parts.nowMs(), options: config });
    if (this.#port === null) return;
    if (config.validMs !== validMs) {
      this.#cancelRenew?.();
      this.#renew();
    }
    if (config.arpCacheMs === arpCacheMs) return;
    this.#cancelShare?.();
    this.#share();
  }

  /** @param problem what is wrong with this node's proxy; null: nothing */
  proxy(problem: string | null): void {
    this.#eligibility.proxy(problem, this.#parts.nowMs());
    this.#judge();
  }

  /** Resolves when nothing is held here that somebody else could hold. */
  drain(on: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
      this.#step({ kind: 'drain', nowMs: this.#parts.nowMs(), on });
      if (!on) resolve();
    });
  }

  move(group: string, to: string): void {
    this.#step({ kind: 'move', nowMs: this.#parts.nowMs(), group, to });
  }

  get holding(): readonly string[] {
    return [...this.#held.values()].filter(({ up }) => up).map(({ group }) => group.name);
  }

  /** Takes everything down. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cancel of [this.#cancelRenew, this.#cancelShare, this.#cancelWake]) cancel?.();
    this.#pulse.stop();
    this.#strangers.stop();
    for (const name of [...this.#held.keys()]) this.#release(name, false);
    this.#lingering.endAll();
    this.#port?.close();
    this.#port = null;
  }

  get #interfaces(): readonly string[] {
    const { pool } = this.#config;
    return [...new Set(pool.flatMap(({ addresses }) => addresses.map((one) => one.interface)))];
  }

  get #gateways(): readonly string[] {
    const { policy } = this.#config;
    return policy.kind === 'gateway' ? policy.addresses : [];
  }

  /** What the effects of one step bring about is stepped after all of them are done. */
  #step(event: KeeperEvent): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const effects = this.#parts.keeper.step(next);
      this.#guarded.begin(effects);
      for (const effect of effects) this.#apply(effect);
      this.#guarded.end();
    }
    this.#stepping = false;
  }

  #apply(effect: KeeperEffect): void {
    switch (effect.kind) {
      case 'hold':
        this.#hold(effect.group, effect.probeFirst);
        return;
      case 'release':
        this.#release(effect.group, effect.handedOver);
        return;
      case 'announce':
        if (this.#held.get(effect.group)?.up === true) this.#bursts.start(effect.group);
        return;
      case 'send':
        this.#send(To.keeper, effect.bytes);
        return;
      case 'wake':
        this.#wakeAt(effect.atMs);
        return;
      case 'adopt':
        this.#adopt(effect.options);
        return;
      case 'serving':
        this.#parts.onServing(effect.on);
        return;
      case 'drained':
        for (const resolve of this.#onDrained.splice(0)) resolve();
        return;
      case 'report':
        this.#parts.log(effect.text);
    }
  }

  /** What is held of groups that have changed was released before. */
  #adopt({ pool, policy }: AddressOptions): void {
    this.#config = { ...this.#config, pool, policy };
    this.#groups = new Map(pool.map((group) => [group.name, group]));
    for (const held of this.#held.values()) {
      // The same addresses, but whom to tell of them may be others.
      held.group = this.#groups.get(held.group.name) ?? held.group;
    }
    this.#guarded.adopted();
    const nowMs = this.#parts.nowMs();
    this.#eligibility.watch(this.#interfaces, this.#gateways, nowMs);
    for (const { interface: name, up } of this.#port?.links() ?? []) {
      this.#eligibility.link(name, up, nowMs);
    }
    this.#tellCutOff();
    this.#judge();
  }

  #send(to: number, message: Uint8Array): void {
    const bytes = new Uint8Array(1 + message.length);
    bytes[0] = to;
    bytes.set(message, 1);
    this.#parts.send(bytes);
  }

  #wakeAt(atMs: number): void {
    this.#cancelWake?.();
    const delayMs = Math.max(0, atMs - this.#parts.nowMs());
    this.#cancelWake = this.#parts.after(() => {
      const nowMs = this.#parts.nowMs();
      // Timers may be early by a part of a ms, and the keeper asks only once.
      if (nowMs < atMs) this.#wakeAt(atMs);
      else this.#step({ kind: 'tick', nowMs });
    }, delayMs);
  }

  // What should be here:

  #hold(name: string, probeFirst: boolean): void {
    const known = this.#held.get(name);
    if (known !== undefined) {
      if (known.up) this.#step({ kind: 'held', nowMs: this.#parts.nowMs(), group: name });
      else if (!probeFirst) this.#raise(known);
      return;
    }
    const group = this.#groups.get(name);
    if (group === undefined || this.#stopped) return;
    const held: Held = { group, up: false, missing: false, cancelProbe: null };
    this.#held.set(name, held);
    if (this.#lingering.stay(group)) this.#changed('down', group);
    if (probeFirst) this.#ask(held, 0);
    else this.#raise(held);
  }

  /** A stranger's answer comes as a claim; the keeper then takes the group away from us. */
  #ask(held: Held, round: number): void {
    const atMs = PROBES_MS[round];
    if (atMs === undefined) {
      this.#raise(held);
      return;
    }
    this.#probe(held.group.name);
    const delayMs = (PROBES_MS[round + 1] ?? PROBE_WAIT_MS) - atMs;
    held.cancelProbe = this.#parts.after(() => this.#ask(held, round + 1), delayMs);
  }

  #probe(name: string): void {
    for (const address of this.#groups.get(name)?.addresses ?? []) {
      this.#say(this.#port?.probe(address) ?? null);
    }
  }

  #raise(held: Held): void {
    held.cancelProbe?.();
    held.cancelProbe = null;
    if (!this.#putUp(held)) return;
    held.up = true;
    const { name, addresses } = held.group;
    this.#bursts.start(name);
    this.#notifier.start(name, addresses);
    this.#step({ kind: 'held', nowMs: this.#parts.nowMs(), group: name });
    this.#changed('up', held.group);
  }

  #prolong(held: Held): void {
    const wasMissing = held.missing;
    held.missing = !this.#putUp(held);
    if (wasMissing && !held.missing) this.#bursts.start(held.group.name);
  }

  /** @returns whether all of its addresses are in the kernel now */
  #putUp({ group }: Held): boolean {
    let all = true;
    for (const address of group.addresses) {
      const error = this.#port?.hold(address, this.#config.validMs) ?? null;
      this.#say(error, ` (${address.address} on ${address.interface})`);
      all &&= error === null;
    }
    return all;
  }

  #release(name: string, handedOver: boolean): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    held.cancelProbe?.();
    this.#bursts.stop(name);
    this.#notifier.stop(name);
    this.#held.delete(name);
    if (handedOver && held.up) this.#lingering.start(held.group);
    else this.#takeDown(held.group, held.up);
  }

  #takeDown(group: AddressGroup, wasUp: boolean): void {
    for (const address of group.addresses) this.#say(this.#port?.release(address) ?? null);
    if (wasUp) this.#changed('down', group);
    this.#guarded.released();
  }

  /** Before what is held expires, and to mend what no event told us of. */
  #renew(): void {
    if (this.#port === null) return;
    if (this.#pulse.justWoke) {
      this.#cancelRenew = this.#parts.after(() => this.#renew(), SETTLE_MS);
      return;
    }
    this.#lookAtOwn();
    for (const held of this.#held.values()) {
      if (held.up) this.#prolong(held);
      else if (held.cancelProbe === null) this.#raise(held);
    }
    const wanted = new Set(this.#wantedNow().map(keyOf));
    for (const address of this.#port.ours()) {
      if (wanted.has(keyOf(address))) continue;
      this.#parts.log(`${address.address} on ${address.interface} is an orphan of ours: removed`);
      this.#say(this.#port.release(address));
    }
    for (const gateway of this.#gateways) this.#probeGateway(gateway);
    this.#judge();
    this.#cancelRenew = this.#parts.after(() => this.#renew(), this.#config.validMs / 3);
  }

  #wantedNow(): InterfaceAddress[] {
    const up = [...this.#held.values()].flatMap((held) => (held.up ? [held.group] : []));
    return [...up, ...this.#lingering.groups].flatMap(({ addresses }) => addresses);
  }

  // What the kernel says:

  #onLost(lost: InterfaceAddress): void {
    // The news is a moment old: it may be our own release, and the address is held again.
    if (this.#port?.ours().some((address) => keyOf(address) === keyOf(lost)) === true) return;
    const held = [...this.#held.values()].find(({ group, up }) => {
      return up && group.addresses.some((address) => keyOf(address) === keyOf(lost));
    });
    if (held !== undefined) held.missing = true;
    // What the guard or the kernel took from a stopped process is not to be put back.
    if (this.#pulse.justWoke) return;
    // Linux takes all others of a network down with the first one: not to be put in its place.
    if (this.#lookAtOwn()) return;
    if (held === undefined || this.#held.get(held.group.name) !== held) return;
    // Left to the next renewal, then; a war with another program is nothing to win quickly.
    if (!this.#mayRestore(held.group.name)) return;
    this.#parts.log(
      `${lost.address} on ${lost.interface} was removed by another program: put back`,
    );
    this.#parts.count('restored');
    this.#prolong(held);
  }

  #mayRestore(name: string): boolean {
    const limit = this.#restores.get(name) ?? new RateLimit(RESTORES_MAX, RESTORES_MS);
    this.#restores.set(name, limit);
    return limit.take(this.#parts.nowMs());
  }

  #onLink(name: string, up: boolean): void {
    if (!this.#eligibility.link(name, up, this.#parts.nowMs())) return;
    // A card that was replaced has another hardware address.
    this.#tellHardware();
    this.#tellCutOff();
    this.#judge();
  }

  #onClaim({ address, mac }: { address: string; mac: string }): void {
    const nowMs = this.#parts.nowMs();
    this.#eligibility.gatewayHeard(address, nowMs);
    const group = this.#config.pool.find(({ addresses }) =>
      addresses.some((one) => one.address === address),
    );
    if (group === undefined) return;
    if (this.#parts.keeper.knows(mac)) {
      this.#defences.defend(group.name);
      return;
    }
    this.#strangers.heard(group.name);
    this.#step({ kind: 'inUse', nowMs, group: group.name, address, mac });
  }

  #probeGateway(gateway: string): void {
    for (const name of this.#interfaces) {
      const prefixLength = gateway.includes(':') ? 128 : 32;
      this.#say(this.#port?.probe({ interface: name, address: gateway, prefixLength }) ?? null);
    }
  }

  // What the keeper and the others are told:

  /** @returns whether this node may hold nothing now */
  #judge(): boolean {
    const nowMs = this.#parts.nowMs();
    const reasons: readonly Ineligibility[] = this.#eligibility.reasons(nowMs);
    // The detail of a countdown changes all the time; that is not news to the others.
    const said = reasons.map(({ reason }) => reason).join(' ');
    const barred = reasons.some(isNever);
    if (said === this.#said) return barred;
    this.#said = said;
    this.#step({ kind: 'eligibility', nowMs, reasons });
    return barred;
  }

  /** @returns whether this node may hold nothing now */
  #lookAtOwn(): boolean {
    const nowMs = this.#parts.nowMs();
    for (const name of this.#interfaces) {
      this.#eligibility.ownAddress(name, this.#parts.hasOwnAddress(name), nowMs);
    }
    this.#tellCutOff();
    return this.#judge();
  }

  #tellHardware(): void {
    const macs = (this.#port?.links() ?? []).map(({ mac }) => mac).filter((mac) => mac !== '');
    if (macs.join() === this.#macs) return;
    this.#macs = macs.join();
    this.#step({ kind: 'hardware', nowMs: this.#parts.nowMs(), macs });
  }

  #tellCutOff(): void {
    const { cutOff } = this.#eligibility;
    if (cutOff === this.#cutOff) return;
    this.#cutOff = cutOff;
    this.#parts.onCutOff(cutOff);
  }

  #announceOnce(name: string): void {
    if (!this.#isHere(name)) return;
    this.#parts.count('announced');
    for (const address of this.#groups.get(name)?.addresses ?? []) {
      this.#say(this.#port?.announce(address) ?? null);
    }
  }

  /** What is not in our kernel is told to nobody; what may be another's by now is not either. */
  #isHere(name: string): boolean {
    const held = this.#held.get(name);
    return held?.up === true && !held.missing && !this.#pulse.justWoke;
  }

  #share(): void {
    this.#shareNow();
    this.#cancelShare = this.#parts.after(() => this.#share(), this.#config.arpCacheMs);
  }

  #shareNow(): void {
    if (this.#port === null || this.#config.notify.length === 0) return;
    this.#send(To.neighbours, encodeNeighbours(this.#port.neighbours()));
  }

  #changed(event: 'up' | 'down', { name, addresses }: AddressGroup): void {
    const cause = this.#parts.causeOf(name);
    this.#parts.onChange({ event, group: name, addresses: addresses.map(plain), cause });
  }

  #say(error: { readonly code: string; readonly text: string } | null, detail = ''): void {
    if (error !== null) this.#parts.log(`addresses: ${error.code}: ${error.text}${detail}`);
  }
}

function plain({ interface: name, address, prefixLength }: VirtualAddress): InterfaceAddress {
  return { interface: name, address, prefixLength };
}
