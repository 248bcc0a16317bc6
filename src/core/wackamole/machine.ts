/**
 * A node of ours as a member of an old group: Wackamole 2.1.4 as the others know it, without its
 * defects (docs/reference/wackamole-deviations.md).
 *
 *     none ──connected──► out ──may hold──► in ──drain, link down──► leaving ──left──► out
 *       ▲                                    │
 *       └────────────── lost ────────────────┘   all is let go at once, as the original does
 *
 *     event ──► allocation (same at all) ──► hold, release, announce ──► say what is due
 *
 * What a newcomer gets wrong: who holds what is decided in `allocation.ts` alone, by the original's
 * rules. Here is decided when to speak, and what is done better without anybody noticing.
 *
 * Longer than most files here: what is due depends on all of what was heard.
 */
import { isNever } from '../address/eligibility.ts';
import type { Ineligibility } from '../address/keeper-events.ts';
import type { KeeperStatus } from '../address/keeper-status.ts';
import type { AddressOptions } from '../address/pool.ts';
import type { SpreadEvent } from '../spread/session-events.ts';
import { unreachable } from '../util/assert.ts';
import { Allocation, type Outcome, type Seat } from './allocation.ts';
import { Circle } from './circle.ts';
import { evenOut } from './even-out.ts';
import { Held } from './held.ts';
import { decodeKin, encodeKin, KIN_TYPE, type KinMessage } from './kin.ts';
import type { MachineEffect, MachineEvent, MachineOptions } from './machine-events.ts';
import { machineStatus, seatName, seatOf } from './machine-status.ts';
import {
  decode,
  encode,
  type Gid,
  gidOf,
  MessageType,
  orderOf,
  sameGid,
  type WackamoleMessage,
} from './messages.ts';
import { Provision } from './provision.ts';
import { Residue } from './residue.ts';

/** A member that has sent no STATE by then is gone on without, among nodes of ours. */
export const STATE_LIMIT_MS = 1_000;

/** Originals speak within a ms of a membership; this long we wait to hear in which byte order. */
export const TONGUE_LIMIT_MS = 300;

/** Senders of what is not understood that are named; anybody may send to a group of Spread's. */
const NONSENSE_MAX = 64;

/** What was said and what is due in the present membership. */
type Membership = {
  readonly gid: Gid;
  readonly selfIndex: number;
  readonly sinceMs: number;
  stateSent: boolean;
  goOnSent: boolean;
  /** A BALANCE of ours that has not come back yet. */
  balancing: boolean;
  /** Null: not before the next membership. */
  balanceAtMs: number | null;
};

export class WackamoleMachine {
  #options: MachineOptions;
  #nowMs: number;
  #session: 'none' | 'out' | 'in' | 'leaving' = 'none';
  #allocation: Allocation;
  #membership: Membership | null = null;
  readonly #circle = new Circle();
  readonly #provision = new Provision();
  #residue = new Residue();
  readonly #nonsense = new Set<string>();
  #matureAtMs = 0;
  #maturingSent = false;
  #reasons: readonly Ineligibility[] = [];
  #draining = false;
  readonly #held = new Held();
  /** Groups that somebody outside answers for, who says nothing in the group. */
  readonly #taken = new Map<string, string>();
  #cause = '';
  #why = 'Spread is not connected';
  #announce = new Set<string>();
  #effects: MachineEffect[] = [];
  #reports: MachineEffect[] = [];
  #wakeMs: number | null = null;
  #said = '';
  /** Messages that were not understood. */
  refused = 0;

  constructor(options: MachineOptions, nowMs: number) {
    this.#options = options;
    this.#nowMs = nowMs;
    this.#allocation = this.#nothing();
  }

  step(event: MachineEvent): readonly MachineEffect[] {
    this.#nowMs = event.nowMs;
    this.#effects = [];
    this.#reports = [];
    this.#announce.clear();
    this.#learn(event);
    this.#attend();
    this.#reconcile();
    this.#say();
    this.#wake();
    return [...this.#effects, ...this.#reports];
  }

  status(): KeeperStatus {
    return machineStatus({
      allocation: this.#membership === null ? null : this.#allocation,
      circle: this.#circle,
      provision: this.#provision.owners,
      gid: this.#membership?.gid ?? null,
      selfIndex: this.#membership?.selfIndex ?? -1,
      matureAtMs: this.#matureAtMs,
      reasons: this.#reasons,
      absent: this.#session === 'in' ? null : this.#why,
      groups: this.#addresses,
      causeOf: (group) => this.causeOf(group),
      here: (group) => this.#held.here(group),
    });
  }

  causeOf(group: string): string {
    return this.#held.causeOf(group);
  }

  /** @param name as `status` has it */
  realOf(name: string): string | null {
    return seatOf(this.#allocation.seats, this.#circle, name)?.real ?? null;
  }

  /** @returns why a group will not be moved there, or null */
  whyNoMove(group: string, to: string): string | null {
    const { phase, table, seats } = this.#allocation;
    if (this.#membership === null || phase !== 'run') return 'the members are about to change';
    const seat = seatOf(seats, this.#circle, to);
    if (seat === null) return `there is no ${to} in the group`;
    const entry = table.find(({ address }) => address === group);
    return entry?.owner === seat.real ? 'it is there already' : null;
  }

  /**
   * Whether a hardware address is a member's. The originals do not say theirs, so everybody who
   * answers for an address counts as one, but while we ask whether a silent member still does.
   */
  knows(_mac: string): boolean {
    return !this.#held.isAsking;
  }

  #learn(event: MachineEvent): void {
    switch (event.kind) {
      case 'spread':
        this.#learnFromSpread(event.event);
        return;
      case 'eligibility':
        this.#reasons = event.reasons;
        return;
      case 'drain':
        this.#draining = event.on;
        return;
      case 'held':
        if (this.#held.markUp(event.group)) this.#announce.add(event.group);
        return;
      case 'inUse':
        if (!this.#held.isForNow(event.group)) return;
        this.#taken.set(event.group, event.mac);
        this.#tell(`${event.group}: ${event.mac} answers for it still; it stays there`);
        return;
      case 'free':
        this.#taken.delete(event.group);
        return;
      case 'move':
        this.#move(event.group, event.to);
        return;
      case 'reload':
        this.#reload(event.options);
        return;
      case 'hardware':
      case 'tick':
        return;
      default:
        unreachable(event);
    }
  }

  #learnFromSpread(event: SpreadEvent): void {
    switch (event.kind) {
      case 'connected':
        this.#session = 'out';
        this.#tell(`connected to Spread ${event.version} as ${event.privateName}`);
        return;
      case 'lost':
        this.#forget('none', `Spread is gone: ${event.reason}`);
        return;
      case 'left':
        if (event.group === this.#options.spreadGroup && this.#session === 'leaving') {
          this.#session = 'out';
        }
        return;
      case 'membership':
        if (event.group === this.#options.spreadGroup && this.#session === 'in') this.#enter(event);
        return;
      case 'message':
        if (event.groups.includes(this.#options.spreadGroup) && this.#membership !== null) {
          this.#hear(event);
        }
        return;
      case 'rejected':
        this.#tell(`Spread has refused a message of type ${event.type}`);
        return;
      case 'transition':
        return;
      default:
        unreachable(event);
    }
  }

  /** Of the next life in the group nothing of this one is true. */
  #forget(session: 'none' | 'leaving', why: string): void {
    this.#session = session;
    this.#why = why;
    this.#cause = why;
    this.#membership = null;
    this.#allocation = this.#nothing();
    this.#provision.clear();
    this.#taken.clear();
    this.#residue = new Residue();
    this.#tell(`${why}: all addresses let go`);
  }

  #nothing(): Allocation {
    return new Allocation(this.#options.real, this.#addresses);
  }

  get #addresses(): readonly string[] {
    return this.#options.pool.map(({ name }) => name);
  }

  /** Why this node may not be in the group; null: it may. */
  get #bar(): string | null {
    if (this.#draining) return 'asked to give all away';
    const never = this.#reasons.find(isNever);
    return never === undefined ? null : `${never.reason} (${never.detail})`;
  }

  /** Is in the group when it may be, and only then. */
  #attend(): void {
    const bar = this.#bar;
    if (this.#session === 'in' && bar !== null) {
      this.#effects.push({ kind: 'leave' });
      this.#forget('leaving', bar);
    } else if (this.#session === 'out' && bar === null) {
      this.#session = 'in';
      this.#matureAtMs = this.#nowMs + this.#options.matureMs;
      this.#maturingSent = false;
      this.#effects.push({ kind: 'join' });
    }
  }

  #enter(event: Extract<SpreadEvent, { readonly kind: 'membership' }>): void {
    const { members, selfIndex } = event;
    if (selfIndex < 0 || event.gid.length < 12) return;
    const names = event.sets.reduce((bytes, set) => bytes + 4 + 32 * set.length, 0);
    this.#residue.cover(20 + names);
    // What is asked for still is not held, and may be somebody's.
    const { real } = this.#options;
    const isHeld = ([address, owner]: readonly [string, string]): boolean =>
      owner !== real || this.#held.isUp(address);
    this.#allocation.assume(new Map([...this.#provision.owners].filter(isHeld)));
    this.#provision.clear();
    this.#taken.clear();
    this.#nonsense.clear();
    this.#allocation.enter(members);
    const gid = gidOf(event.gid);
    this.#circle.enter(gid, members);
    this.#membership = {
      gid,
      selfIndex,
      sinceMs: this.#nowMs,
      stateSent: false,
      goOnSent: false,
      balancing: false,
      balanceAtMs: null,
    };
    this.#multicastKin({ kind: 'hello', gid, name: this.#options.name });
    this.#tell(`members: ${members.join(', ')}; all say what they hold`);
  }

  #hear(event: Extract<SpreadEvent, { readonly kind: 'message' }>): void {
    this.#residue.receive(event.bytes);
    if (event.type === KIN_TYPE) {
      const message = decodeKin(event.bytes);
      if (message === null) this.#refuse(event.sender);
      else this.#hearKin(event.sender, message);
      return;
    }
    const known = (Object.values(MessageType) as number[]).includes(event.type);
    const message = known ? decode(event.type, event.bytes, orderOf(event)) : null;
    if (message === null) {
      // What the original ignores is no mistake either.
      if (known) this.#refuse(event.sender);
      return;
    }
    this.#circle.speaks(event.sender, event.swapped);
    this.#hearOriginal(event.sender, message);
  }

  /** Named once in each membership: whoever says one such thing says more of them. */
  #refuse(sender: string): void {
    this.refused++;
    if (this.#nonsense.has(sender) || this.#nonsense.size >= NONSENSE_MAX) return;
    this.#nonsense.add(sender);
    this.#tell(`${sender}: what it says is not understood; ignored`);
  }

  #hearKin(sender: string, message: KinMessage): void {
    const { phase, mature, seats } = this.#allocation;
    if (message.kind === 'hello') {
      this.#circle.greet(sender, message);
      return;
    }
    if (!sameGid(message.gid, this.#membership!.gid) || phase !== 'gather' || !mature) return;
    const silent = seats.filter(({ real }) => real === null).map((seat) => seat.privateName);
    this.#circle.giveUp(silent);
    this.#cause = `${silent.join(', ')} says nothing`;
    this.#provision.goOn(this.#allocation, this.#speakers);
    this.#tell(`${silent.join(', ')}: no word from it; nodes of ours go on without`);
  }

  /** Those of ours that have spoken in this membership: the same at all of them. */
  get #speakers(): readonly Seat[] {
    return this.#allocation.seats.filter(({ privateName, real }) => {
      return real !== null && this.#circle.isKin(privateName);
    });
  }

  #hearOriginal(sender: string, message: WackamoleMessage): void {
    switch (message.kind) {
      case 'state':
        if (!sameGid(message.gid, this.#membership!.gid)) return;
        if (this.#allocation.seats[message.index]?.privateName !== sender) {
          this.#refuse(sender);
          return;
        }
        this.#cause = 'its holder is gone';
        this.#note(this.#allocation.hear(message, this.#circle.areAllKin));
        this.#provision.settle(this.#allocation, this.#speakers);
        return;
      case 'maturing':
        this.#cause = 'nobody held it';
        this.#note(this.#allocation.ripen());
        return;
      case 'balance':
        this.#hearBalance(message);
        return;
      case 'operator':
      case 'arpCache':
        return;
      default:
        unreachable(message);
    }
  }

  #hearBalance({ moves, missing }: Extract<WackamoleMessage, { readonly kind: 'balance' }>): void {
    const { seats } = this.#allocation;
    this.#membership!.balancing = false;
    this.#cause = 'addresses are evened out';
    const all = [...moves, ...this.#residue.moves(moves.length, missing)];
    const dropped = this.#allocation.balance(all).filter(({ owner }) => {
      const seat = seats.find(({ real }) => real === owner);
      return seat !== undefined && !this.#circle.isKin(seat.privateName);
    });
    // Nobody has it, and the original that has let it go will never know.
    if (dropped.length === 0 || this.#speakers[0] !== seats[this.#membership!.selfIndex]) return;
    const { real } = this.#options;
    const rescue = dropped.map(({ address }) => ({ address, to: real }));
    this.#tell(
      `${dropped.map(({ address }) => address).join(', ')}: let go by mistake; taken over`,
    );
    this.#multicast({ kind: 'balance', moves: rescue, missing: 0 });
  }

  #note(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      switch (outcome.kind) {
        case 'conflict': {
          const { address, winner, loser } = outcome;
          if (winner === this.#options.real) this.#announce.add(address);
          this.#tell(`${address}: held by ${winner} and ${loser}; ${winner} keeps it`);
          break;
        }
        case 'matured':
          this.#tell('mature: addresses may be taken');
          break;
        case 'gathered':
          this.#provision.clear();
          // Neighbours on the other side of what parted us may know another node for each.
          for (const group of this.#held.groups) this.#announce.add(group);
          break;
        default:
          unreachable(outcome);
      }
    }
    const { phase } = this.#allocation;
    const membership = this.#membership!;
    if (phase === 'run' && membership.balanceAtMs === null) {
      membership.balanceAtMs = this.#nowMs + this.#options.balance.intervalMs;
    }
  }

  #move(group: string, to: string): void {
    const seat = seatOf(this.#allocation.seats, this.#circle, to);
    if (this.whyNoMove(group, to) !== null || seat?.real == null) return;
    this.#multicast({
      kind: 'balance',
      moves: [{ address: group, to: seat.real }],
      missing: 0,
    });
  }

  /** The pool stays as it is (core/cluster/difference.ts): all members must have the same. */
  #reload(options: AddressOptions): void {
    this.#matureAtMs += options.matureMs - this.#options.matureMs;
    this.#options = { ...this.#options, ...options, pool: this.#options.pool };
    this.#effects.push({ kind: 'adopt', options: this.#options });
  }

  /**
   * Another member says to have our own address: everybody takes us for one. Of two nodes of ours
   * the first holds; an original holds in any case.
   */
  get #rival(): string | null {
    const { seats } = this.#allocation;
    const selfIndex = this.#membership?.selfIndex ?? -1;
    const rival = seats.find(({ privateName, real }, index) => {
      const mayYield = this.#circle.isKin(privateName) && index > selfIndex;
      return index !== selfIndex && real === this.#options.real && !mayYield;
    });
    return rival === undefined ? null : seatName(rival, this.#circle);
  }

  /** Makes what is held agree with the table. */
  #reconcile(): void {
    const { real } = this.#options;
    const wanted = new Map<string, boolean>();
    const rival = this.#rival;
    if (this.#membership !== null && rival === null) {
      for (const { address, owner } of this.#allocation.standing) {
        if (owner === real) wanted.set(address, false);
      }
      for (const [address, owner] of this.#provision.owners) {
        if (owner !== real || this.#taken.has(address)) wanted.delete(address);
        else wanted.set(address, true);
      }
    }
    this.#complainOf(rival);
    this.#effects.push(...this.#held.follow(wanted, this.#cause));
    for (const group of this.#announce) {
      if (this.#held.isUp(group)) this.#effects.push({ kind: 'announce', group });
    }
  }

  #complainOf(rival: string | null): void {
    const text =
      rival !== null
        ? `${rival} has our own address ${this.#options.real}: nothing is held here`
        : this.#circle.tongue === 'mixed'
          ? 'members of both byte orders: the originals do not understand each other'
          : '';
    if (text !== '' && text !== this.#said) this.#tell(text);
    this.#said = text;
  }

  /** Says what is due. */
  #say(): void {
    const membership = this.#membership;
    if (membership === null) return;
    const { phase, mature } = this.#allocation;
    if (this.#isStateDue(membership)) this.#sayState(membership);
    if (!mature && !this.#maturingSent && this.#nowMs >= this.#matureAtMs) {
      this.#maturingSent = true;
      this.#multicast({ kind: 'maturing' });
    }
    if (phase === 'gather') this.#sayGoOn(membership);
    if (phase === 'run') this.#sayBalance(membership);
  }

  #isStateDue({ stateSent, sinceMs }: Membership): boolean {
    if (stateSent) return false;
    return this.#circle.tongue !== 'unknown' || this.#nowMs >= sinceMs + TONGUE_LIMIT_MS;
  }

  #sayState(membership: Membership): void {
    membership.stateSent = true;
    this.#multicast({
      kind: 'state',
      gid: membership.gid,
      real: this.#options.real,
      index: membership.selfIndex,
      mature: this.#allocation.mature,
      claims: this.#allocation.claims,
      prefers: this.#prefers,
    });
  }

  /**
   * Not in the first STATE of a life, where an original is: it may remember what our last life
   * held, and would then count otherwise than we do.
   */
  get #prefers(): readonly string[] {
    const isFirst = !this.#allocation.hasRun && this.#circle.strangers.length > 0;
    return isFirst ? [] : this.#options.prefer;
  }

  /** The first of ours that has spoken speaks for all of them. */
  #sayGoOn(membership: Membership): void {
    const { seats, mature } = this.#allocation;
    const isFirst = this.#speakers[0] === seats[membership.selfIndex];
    if (!mature || membership.goOnSent || !isFirst) return;
    if (this.#nowMs < this.#goOnAtMs(membership)) return;
    membership.goOnSent = true;
    this.#multicastKin({ kind: 'goOn', gid: membership.gid });
  }

  /** At once, when nobody else is missing than who was silent before. */
  #goOnAtMs({ sinceMs }: Membership): number {
    const missing = this.#allocation.seats.filter(({ real }) => real === null);
    const known = missing.every(({ privateName }) => this.#circle.isGivenUp(privateName));
    return known ? sinceMs : sinceMs + STATE_LIMIT_MS;
  }

  #sayBalance(membership: Membership): void {
    const { enabled, rate, intervalMs } = this.#options.balance;
    const { balanceAtMs, selfIndex } = membership;
    if (!enabled || selfIndex !== 0 || membership.balancing) return;
    if (balanceAtMs === null || this.#nowMs < balanceAtMs) return;
    membership.balanceAtMs = rate === 'all' ? Number.POSITIVE_INFINITY : this.#nowMs + intervalMs;
    const moves = evenOut(this.#allocation.table, this.#allocation.seats, rate);
    if (moves.length === 0) return;
    membership.balancing = true;
    this.#multicast({ kind: 'balance', moves, missing: 0 });
  }

  #multicast(message: WackamoleMessage): void {
    const { swapped } = this.#circle;
    this.#effects.push({
      kind: 'multicast',
      service: message.kind === 'arpCache' ? 'reliable' : 'agreed',
      type: MessageType[message.kind],
      swapped,
      bytes: encode(message, orderOf({ swapped })),
    });
  }

  #multicastKin(message: KinMessage): void {
    const bytes = encodeKin(message);
    const type = KIN_TYPE;
    this.#effects.push({ kind: 'multicast', service: 'agreed', type, swapped: false, bytes });
  }

  #wake(): void {
    if (this.#wakeMs !== null && this.#nowMs >= this.#wakeMs) this.#wakeMs = null;
    const atMs = Math.min(...this.#deadlines().filter((deadlineMs) => deadlineMs > this.#nowMs));
    if (!Number.isFinite(atMs) || atMs === this.#wakeMs) return;
    this.#wakeMs = atMs;
    this.#effects.push({ kind: 'wake', atMs });
  }

  #deadlines(): number[] {
    const membership = this.#membership;
    if (membership === null) return [];
    const { phase, mature } = this.#allocation;
    return [
      ...(membership.stateSent ? [] : [membership.sinceMs + TONGUE_LIMIT_MS]),
      ...(mature ? [] : [this.#matureAtMs]),
      ...(phase === 'gather' ? [membership.sinceMs + STATE_LIMIT_MS] : []),
      ...(phase === 'run' && membership.selfIndex === 0 && membership.balanceAtMs !== null
        ? [membership.balanceAtMs]
        : []),
    ];
  }

  #tell(text: string): void {
    this.#reports.push({ kind: 'report', text });
  }
}
