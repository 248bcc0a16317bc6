/**
 * This node's part in keeping every address of the pool held, by exactly one node.
 *
 * After Wackamole (Amir, Caudy, Munjal, Schlossnagle, Tutu: "N-Way Fail-Over Infrastructure for
 * Reliable Servers and Routers", DSN 2003). In every connected component whose members are in `run`
 * each address is held exactly once; a component that stays stable comes to `run`.
 *
 *     event ──► the replica learns (same at all) ──► hold, release, announce ──► say what is new
 *
 * Where we differ from the paper: a view without newcomers needs no exchange of states; planned
 * moves make before they break; who may hold is part of the table; differing pools are found out.
 *
 * What a newcomer gets wrong: the second half of each step compares what is with what should be,
 * whatever the event was. So a message that was lost to a change of views is simply said again.
 *
 * Longer than most files here: what is compared with what would have to be passed around.
 */
import type { GroupEvent, View } from '../ring/group.ts';
import { sameViewId } from '../ring/group.ts';
import { assert, unreachable } from '../util/assert.ts';
import { balance } from './balance.ts';
import { hasQuorum, isNever } from './eligibility.ts';
import { Holdings } from './holdings.ts';
import type { KeeperEffect, KeeperEvent } from './keeper-events.ts';
import { decode, encode, type KeeperMessage } from './keeper-message.ts';
import { type KeeperStatus, statusOf } from './keeper-status.ts';
import type { Stranger } from './member-facts.ts';
import { MoveWatch } from './move-watch.ts';
import { OwnCondition } from './own-condition.ts';
import { OwnTerms } from './own-terms.ts';
import type { AddressOptions } from './pool.ts';
import { type Note, Replica } from './replica.ts';
import {
  causeText,
  changes,
  EMPTY_PICTURE,
  type Picture,
  pendingText,
  strangerText,
} from './reports.ts';
import { Claim, type Row } from './table.ts';

export type { KeeperStatus } from './keeper-status.ts';

export type KeeperOptions = AddressOptions & { readonly name: string };

/** A member that has not said what it holds by then is gone on without. */
export const STATE_LIMIT_MS = 1_000;

/** A driver looks for strangers for 0.2 s and tries again each second; beyond, it cannot. */
export const HOLD_LIMIT_MS = 3_000;

/** Cards of members that are remembered: 64 members with a few each, and some replaced ones. */
const MACS_MAX = 1_024;

/** What was sent in the present view. */
type Said = {
  /** As JSON; null: no STATE yet. */
  condition: string | null;
  readonly ups: Set<string>;
  maturing: boolean;
  exclude: boolean;
  /** As JSON. */
  reload: string | null;
};

export class Keeper {
  readonly #name: string;
  readonly #loaded: OwnTerms;
  readonly #holdings: Holdings;
  readonly #own = new OwnCondition();
  readonly #moves = new MoveWatch();
  #effects: KeeperEffect[] = [];
  /** Come after all acts: a log that is slow delays no take-over. */
  #reports: KeeperEffect[] = [];
  #nowMs: number;
  #replica: Replica | null = null;
  readonly #membersMacs = new Set<string>();
  /** What is sent from here on waits for the next view, and would be about the wrong table. */
  #blocked = false;
  #mature = false;
  #matureAtMs: number;
  #drainedSaid = false;
  #said: Said = nothingSaid();
  /** Who held each group last, to know later from whom it is taken over. */
  #owners = new Map<string, string>();
  #viewSinceMs = 0;
  /** Under `quorum`, what others held is not taken before. */
  #takeFromMs = 0;
  /** Since nothing happened that would upset a balance. */
  #evenSinceMs = 0;
  #announced = new Set<string>();
  /** To heirs that have them up, in this step. */
  readonly #handedOver = new Set<string>();
  #reported: Picture = EMPTY_PICTURE;
  #pending: string | null = null;
  #wakeMs: number | null = null;
  /** Messages that were not understood. */
  refused = 0;

  constructor(options: KeeperOptions, nowMs: number) {
    this.#name = options.name;
    this.#loaded = new OwnTerms(options);
    this.#holdings = new Holdings(options.name);
    this.#nowMs = nowMs;
    this.#matureAtMs = nowMs + options.matureMs;
  }

  step(event: KeeperEvent): readonly KeeperEffect[] {
    this.#nowMs = event.nowMs;
    this.#effects = [];
    this.#reports = [];
    this.#announced.clear();
    this.#handedOver.clear();
    this.#learn(event);
    this.#followTerms();
    this.#reconcile();
    this.#judgeHoldings();
    this.#say();
    this.#report();
    this.#finishDrain();
    this.#wake();
    return [...this.#effects, ...this.#reports];
  }

  status(): KeeperStatus {
    return statusOf(this.#replica, {
      mature: this.#mature,
      matureAtMs: this.#matureAtMs,
      here: (group) =>
        !this.#holdings.has(group) ? 'no' : this.#holdings.isUp(group) ? 'up' : 'coming',
    });
  }

  /** Why this node has come to hold a group, or holds it no more: for logs and hooks. */
  causeOf(group: string): string {
    const stranger = this.#own.strangers.get(group);
    if (stranger !== undefined) return `in use by ${stranger.mac}`;
    const never = this.#own.told().reasons.filter(isNever);
    return causeText(this.#replica?.row(group) ?? null, { self: this.#name, never });
  }

  /** @returns why a group will not be moved there, or null */
  whyNoMove(group: string, to: string): string | null {
    if (this.#replica === null || this.#blocked)
      return 'the members are about to change; try again';
    return this.#replica.whyNoMove(group, to);
  }

  #learn(event: KeeperEvent): void {
    switch (event.kind) {
      case 'tick':
        return;
      case 'group':
        this.#learnFromGroup(event.event);
        return;
      case 'eligibility':
        this.#own.reasons = event.reasons;
        return;
      case 'hardware':
        this.#own.macs = event.macs;
        return;
      case 'inUse':
        this.#learnOfStranger(event);
        return;
      case 'held':
        // The burst at taking it: from here on the address answers.
        if (!this.#holdings.markUp(event.group)) return;
        this.#announced.add(event.group);
        this.#own.succeed(event.group);
        return;
      case 'free':
        this.#own.strangers.delete(event.group);
        return;
      case 'move':
        if (this.whyNoMove(event.group, event.to) !== null) return;
        this.#send({ kind: 'move', group: event.group, to: event.to });
        return;
      case 'drain':
        this.#own.draining = event.on;
        this.#drainedSaid = false;
        return;
      case 'reload':
        this.#matureAtMs += event.options.matureMs - this.#options.matureMs;
        this.#loaded.load(event.options);
        this.#effects.push({ kind: 'adopt', options: this.#options });
        return;
      default:
        unreachable(event);
    }
  }

  get #options(): AddressOptions {
    return this.#loaded.options;
  }

  /** Goes by other terms as soon as the members do, or where there is nobody to ask. */
  #followTerms(): void {
    const replica = this.#replica;
    const terms = replica === null ? this.#loaded.wanted : replica.facts.get(this.#name)?.terms;
    if (terms === undefined || !this.#loaded.isAhead({ terms })) return;
    for (const group of this.#loaded.adopt(terms)) {
      this.#owners.delete(group);
      this.#own.strangers.delete(group);
      if (this.#holdings.has(group)) this.#effects.push(this.#holdings.release(group, false));
    }
    this.#effects.push({ kind: 'adopt', options: this.#options });
    this.#tell(`the loaded pool is in force: ${terms.pool.map(({ name }) => name).join(', ')}`);
  }

  #learnFromGroup(event: GroupEvent): void {
    switch (event.kind) {
      case 'blocked':
        this.#blocked = true;
        return;
      case 'view':
        this.#enter(event.view, this.#heeded(event.beside));
        return;
      case 'beside':
        this.#own.beside = this.#heeded(event.member);
        return;
      case 'stalled':
        this.#forgetAll();
        return;
      case 'message':
        this.#hear(event.senderIndex, event.bytes);
        return;
      default:
        unreachable(event);
    }
  }

  /** Where only one view can have a quorum, that is the one, whoever leads the other. */
  #heeded(beside: string | null): string | null {
    return this.#options.policy.kind === 'quorum' ? null : beside;
  }

  #enter(view: View, beside: string | null): void {
    this.#blocked = false;
    this.#own.beside = beside;
    this.#viewSinceMs = this.#nowMs;
    this.#evenSinceMs = this.#nowMs;
    this.#said = nothingSaid();
    this.#moves.clear();
    const { policy } = this.#options;
    this.#takeFromMs = policy.kind === 'quorum' ? this.#nowMs + policy.marginMs : this.#nowMs;
    const carried = Replica.carry(this.#replica, view);
    this.#replica = carried ?? new Replica(view);
    const own = carried?.facts.get(this.#name);
    if (own !== undefined) this.#said.condition = JSON.stringify(own.condition);
    const names = this.#replica.names.join(', ');
    const how = carried === null ? 'members say what they hold' : 'nobody new';
    this.#tell(`view ${view.id.epoch}@${view.id.proposer}: ${names}; ${how}`);
  }

  /** Others have gone on without us: whatever we knew is of another time. */
  #forgetAll(): void {
    this.#tell('this node was stopped for too long: all addresses let go');
    this.#replica = null;
    this.#mature = false;
    this.#effects.push({ kind: 'serving', on: false });
    this.#matureAtMs = this.#nowMs + this.#options.matureMs;
    this.#owners.clear();
    this.#own.strangers.clear();
    // Whoever answers for an address now counts as anybody would, until it is in a view with us:
    // the members may have gone on where only our way to the group is lost (decision 0016).
    this.#membersMacs.clear();
    this.#reported = EMPTY_PICTURE;
  }

  #hear(senderIndex: number, bytes: Uint8Array): void {
    const replica = this.#replica;
    if (replica === null) return;
    const envelope = decode(bytes);
    if (envelope === null) {
      this.refused++;
      return;
    }
    if (!sameViewId(envelope.view, replica.view.id)) return;
    const notes = replica.apply(senderIndex, envelope.message);
    if (replica.mature && !this.#mature) {
      this.#mature = true;
      this.#effects.push({ kind: 'serving', on: true });
      this.#tell('mature: addresses may be taken');
    }
    const { kind } = envelope.message;
    if (kind === 'condition' || kind === 'balance') this.#evenSinceMs = this.#nowMs;
    for (const note of notes) this.#note(note, replica);
  }

  #note(note: Note, replica: Replica): void {
    const self = this.#name;
    switch (note.kind) {
      case 'conflict': {
        const { group, owner } = note.row;
        if (owner === self) this.#announced.add(group);
        this.#tell(`${group}: held by ${owner} and ${note.loser}; ${owner} keeps it`);
        return;
      }
      case 'gathered':
        this.#evenSinceMs = this.#nowMs;
        // Neighbours on the other side of what parted us may know another node for each of these.
        for (const { group, owner } of replica.rows) if (owner === self) this.#announced.add(group);
        return;
      case 'moved':
        // The old owner answered until now, and neighbours may have heard it last.
        if (note.row.owner === self) this.#announced.add(note.row.group);
        else if (this.#holdings.has(note.row.group)) this.#handedOver.add(note.row.group);
        return;
      case 'again':
        if (note.row.heir?.name === self && this.#holdings.has(note.row.group)) {
          this.#effects.push(this.#holdings.hold(note.row, this.#nowMs));
          this.#said.ups.delete(note.row.group);
        }
        return;
      case 'excluded':
        this.#tell(
          `${note.names.join(', ')}: silent for ${STATE_LIMIT_MS} ms: not waited for any longer`,
        );
        return;
      default:
        unreachable(note);
    }
  }

  #learnOfStranger(stranger: Stranger): void {
    if (this.knows(stranger.mac) || !this.#own.meet(stranger)) return;
    this.#tell(strangerText(stranger));
  }

  /**
   * Whether a hardware address is this node's, or one that a member had in any view of this life.
   * One that is frozen or cut off is in no view with us, and yet no stranger.
   */
  knows(mac: string): boolean {
    return this.#own.macs.includes(mac) || this.#membersMacs.has(mac);
  }

  #rememberMacs(): void {
    for (const { condition } of this.#replica?.facts.values() ?? []) {
      for (const mac of condition.macs) {
        if (this.#membersMacs.size < MACS_MAX) this.#membersMacs.add(mac);
      }
    }
  }

  /** Whether this node must not hold anything, whatever the others have heard of it yet. */
  get #barred(): boolean {
    const { policy } = this.#options;
    const replica = this.#replica;
    if (replica === null || !this.#mature || this.#own.mustLetGo) return true;
    return policy.kind === 'quorum' && !hasQuorum(replica.names.length, policy.nodes);
  }

  /** Makes what is held agree with the table. */
  #reconcile(): void {
    this.#rememberMacs();
    this.#own.recognise((mac) => this.knows(mac));
    const replica = this.#replica;
    const barred = this.#barred;
    for (const group of this.#holdings.groups) {
      const row = barred ? null : this.#rowToHold(group);
      if (row === null) {
        const handedOver = !barred && this.#handedOver.has(group);
        this.#effects.push(this.#holdings.release(group, handedOver));
      } else if (replica?.phase === 'run') this.#holdings.remember(row);
    }
    if (replica === null) return;
    for (const row of replica.phase === 'run' ? replica.rows : []) {
      this.#remember(row);
      if (barred || this.#holdings.has(row.group) || this.#rowToHold(row.group) === null) continue;
      const owns = row.owner === this.#name;
      // An heir could not say that it is up; in the next view somebody else may own it.
      const waits = owns ? this.#nowMs < this.#takeFromMs : this.#blocked;
      if (!waits) this.#effects.push(this.#holdings.hold(row, this.#nowMs));
    }
    for (const group of this.#announced) {
      const row = replica.row(group);
      const owns = row?.owner === this.#name && this.#holdings.isUp(group);
      if (row !== null && owns) this.#effects.push(this.#holdings.announce(row));
    }
  }

  /** Of somebody who found a stranger nothing is taken over: the next one looks for itself. */
  #remember({ group, owner, claim }: Row): void {
    if (claim === Claim.stranger) this.#owners.delete(group);
    else if (owner !== null) this.#owners.set(group, owner);
  }

  /**
   * The group's row if this node should hold it. Until all have spoken, what was held goes on being
   * held, unless it was lost in a conflict.
   */
  #rowToHold(group: string): Row | null {
    const replica = this.#replica;
    const self = this.#name;
    if (replica === null || this.#own.strangers.has(group)) return null;
    const row = replica.row(group);
    if (replica.phase === 'gather') {
      if (!this.#holdings.has(group)) return null;
      const held = this.#holdings.claims.find((claim) => claim.group === group)!;
      const own = { ...held, owner: self, heir: null, tries: 0 };
      if (!replica.facts.has(self)) return own;
      return row?.owner === self ? row : null;
    }
    const ours = row?.owner === self || row?.heir?.name === self;
    return ours && row !== null && replica.phase === 'run' ? row : null;
  }

  /** What the kernel does not take here is better tried elsewhere than left dark. */
  #judgeHoldings(): void {
    this.#own.forgive(this.#nowMs, (group) => this.#holdings.has(group));
    for (const group of this.#holdings.late(HOLD_LIMIT_MS, this.#nowMs)) {
      if (!this.#own.fail(group, this.#nowMs)) continue;
      this.#tell(`${group}: could not be put up here for ${HOLD_LIMIT_MS} ms; others may try`);
    }
  }

  /** Says what the others do not know yet, and what is due. */
  #say(): void {
    const replica = this.#replica;
    if (replica === null || this.#blocked) return;
    this.#sayCondition();
    this.#sayReload(replica);
    const self = this.#name;
    const speaks = replica.representative === self;
    if (replica.phase === 'gather') {
      const late = this.#nowMs >= this.#viewSinceMs + STATE_LIMIT_MS;
      if (speaks && late && !this.#said.exclude) {
        this.#said.exclude = true;
        this.#send({ kind: 'exclude' });
      }
    } else if (replica.phase === 'boot') {
      if (this.#nowMs >= this.#matureAtMs && !this.#said.maturing) {
        this.#said.maturing = true;
        this.#send({ kind: 'maturing' });
      }
    } else {
      this.#sayMoves(replica);
      if (speaks && this.#balanceAtMs !== null && this.#nowMs >= this.#balanceAtMs) {
        this.#evenSinceMs = this.#nowMs;
        this.#send({ kind: 'balance', rate: this.#options.balance.rate });
      }
    }
  }

  #sayCondition(): void {
    const condition = this.#own.told();
    const text = JSON.stringify(condition);
    if (this.#said.condition === text) return;
    if (this.#said.condition !== null) this.#send({ kind: 'condition', condition });
    else {
      const { weight, prefer } = this.#options;
      const facts = { mature: this.#mature, weight, prefer, terms: this.#loaded.terms, condition };
      const remembered = [...this.#owners].map(([group, owner]) => ({ group, owner }));
      this.#send({ kind: 'state', facts, held: this.#holdings.claims, remembered });
    }
    this.#said.condition = text;
  }

  #sayReload(replica: Replica): void {
    const facts = replica.facts.get(this.#name);
    const wish = replica.wishOf(this.#name);
    if (facts === undefined || wish === null) return;
    const news = this.#loaded.news(facts, wish);
    const text = news === null ? null : JSON.stringify(news);
    if (news !== null && text !== this.#said.reload) this.#send(news);
    this.#said.reload = text;
  }

  /** What is up here is said to be; what does not come up elsewhere is asked for again. */
  #sayMoves(replica: Replica): void {
    const self = this.#name;
    for (const { group, heir } of replica.rows) {
      // Said of one move, it says nothing of the next one, back to here in the same view.
      if (heir?.name !== self) this.#said.ups.delete(group);
      const up = heir?.name === self && this.#holdings.isUp(group);
      if (!up || this.#said.ups.has(group)) continue;
      this.#said.ups.add(group);
      this.#send({ kind: 'up', group });
    }
    for (const { group, heir } of this.#moves.late(replica.rows, self, this.#nowMs)) {
      this.#tell(`${group}: ${heir!.name} does not hold it yet; it stays here meanwhile`);
      this.#send({ kind: 'again', group, heir: heir!.name });
    }
  }

  /** When the next round is due; null: all is even, or somebody else says so. */
  get #balanceAtMs(): number | null {
    const { enabled, rate, intervalMs } = this.#options.balance;
    const replica = this.#replica;
    if (!enabled || replica?.phase !== 'run') return null;
    if (replica.representative !== this.#name) return null;
    if (balance(replica.rows, replica.candidates, rate) === replica.rows) return null;
    return this.#evenSinceMs + intervalMs;
  }

  #report(): void {
    const replica = this.#replica;
    if (replica?.phase !== 'run') return;
    const pending = pendingText(replica);
    if (pending !== null && pending !== this.#pending) this.#tell(pending);
    this.#pending = pending;
    // Not before the others know of us what we know: the table is about to change once more.
    const agreed = replica.facts.get(this.#name)?.condition;
    if (JSON.stringify(agreed) !== this.#said.condition) return;
    const { rows, candidates } = replica;
    if (rows === this.#reported.rows && candidates === this.#reported.candidates) return;
    const picture = { rows, candidates };
    for (const text of changes(this.#name, this.#reported, picture)) this.#tell(text);
    this.#reported = picture;
  }

  /** Once for each wish to drain: when nothing is on its way to others any more. */
  #finishDrain(): void {
    if (!this.#own.draining || this.#drainedSaid) return;
    const replica = this.#replica;
    const self = this.#name;
    if (replica !== null) {
      const agreed = replica.facts
        .get(self)
        ?.condition.reasons.some(({ reason }) => reason === 'draining');
      const moving = replica.rows.some(({ owner, heir }) => owner === self && heir !== null);
      if (agreed !== true || replica.phase === 'gather' || moving) return;
    }
    this.#drainedSaid = true;
    const stay = this.#holdings.groups;
    if (stay.length > 0) this.#tell(`${stay.join(', ')}: nobody else may hold it`);
    this.#effects.push({ kind: 'drained' });
  }

  #wake(): void {
    if (this.#wakeMs !== null && this.#nowMs >= this.#wakeMs) this.#wakeMs = null;
    // What is past needs no tick: it is looked at in every step.
    const atMs = Math.min(...this.#deadlines().filter((deadlineMs) => deadlineMs > this.#nowMs));
    if (!Number.isFinite(atMs) || atMs === this.#wakeMs) return;
    this.#wakeMs = atMs;
    this.#effects.push({ kind: 'wake', atMs });
  }

  #deadlines(): number[] {
    const replica = this.#replica;
    if (replica === null || this.#blocked) return [];
    if (replica.phase === 'gather') return [this.#viewSinceMs + STATE_LIMIT_MS];
    if (replica.phase === 'boot') return [this.#matureAtMs];
    const balanceAtMs = this.#balanceAtMs;
    return [
      this.#takeFromMs,
      ...this.#holdings.lateAtMs(HOLD_LIMIT_MS),
      ...this.#own.forgiveAtMs,
      ...this.#moves.deadlines,
      ...(balanceAtMs === null ? [] : [balanceAtMs]),
    ];
  }

  #send(message: KeeperMessage): void {
    assert(this.#replica !== null && !this.#blocked, 'messages are sent in a view');
    this.#effects.push({ kind: 'send', bytes: encode({ view: this.#replica.view.id, message }) });
  }

  #tell(text: string): void {
    this.#reports.push({ kind: 'report', text });
  }
}

function nothingSaid(): Said {
  return { condition: null, ups: new Set(), maturing: false, exclude: false, reload: null };
}
