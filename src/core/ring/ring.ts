/**
 * Group communication: joins the parts. What it promises stands in `group.ts`, what it is told and
 * what it asks for in `ring-events.ts`.
 *
 *     datagrams -> detector -> clique -> leader -> agreement -> recovery -> order -> messages
 *                  who is      whom to   now?      all said     what we     of one
 *                  there       lead                yes          lacked      view
 *
 * What a newcomer gets wrong: a step may be any time after the wake that was asked for, and the
 * time that passed is part of what happened. One that did not run for half of what makes a member
 * `silent` tells its user so (`stalled`) before anything else: others may have its work by now.
 */
import { unreachable } from '../util/assert.ts';
import { Agreement } from './agreement.ts';
import { Beside } from './beside.ts';
import { type Choice, choose } from './clique.ts';
import type { DecodeFault } from './codec.ts';
import { Detector, type HearFault } from './detector.ts';
import { type Member, sameMember, type View } from './group.ts';
import { Leader } from './leader.ts';
import {
  type Attempt,
  type Heartbeat,
  type Packet,
  type Propose,
  type Refusal,
  type Refuse,
  sameAttempt,
} from './packet.ts';
import type { Peer } from './peer.ts';
import { Post } from './post.ts';
import type { Hears, RingEffect, RingEvent, RingOptions } from './ring-events.ts';
import {
  isLost,
  isPursued,
  type Surroundings,
  seesGroup,
  situationOf,
  stayersOf,
} from './situation.ts';
import { Views } from './views.ts';

/** How often somebody may be asked again before the group goes on without it. */
const PATIENCE = 8;
/** Between two ticks of ours, at the least. */
const TURN_MS = 1;
/** The last there is: no heartbeat comes after it. */
const STAMP_MAX = 2 ** 47 - 1;

export type DropReason =
  | DecodeFault
  | HearFault
  | 'link-down'
  | 'not-for-us'
  | 'unknown-sender'
  | 'other-view'
  | 'other-attempt'
  | 'implausible';

export class Ring {
  /** Datagrams that were dropped, by reason. */
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly #options: RingOptions;
  readonly #post: Post;
  readonly #detector: Detector;
  readonly #leader: Leader;
  readonly #views: Views;
  readonly #beside: Beside;
  readonly #agreement: Agreement;
  readonly #patienceMs: number;
  #neighbours: readonly Peer[] = [];
  #choice: Choice | null = null;
  /** Until then we wait to be met, and make no view of our own. */
  #quietUntilMs: number;
  #wasQuiet = true;
  #wasOut = false;
  #left = false;
  #serving = true;
  /** Anything happened since we looked at the whole last. */
  #stirred = false;
  #saidLast = '';
  #saidMs = Number.NEGATIVE_INFINITY;
  #sayAtMs: number;
  #nowMs: number;
  #wakeMs: number;

  constructor(options: RingOptions, nowMs: number) {
    const { self, timing } = options;
    const { heartbeatMs, silenceMs, repeatMs } = timing;
    const find = (bootId: number): Peer | undefined => this.#detector.peer(bootId);
    this.#options = options;
    this.#post = new Post(options);
    this.#detector = new Detector({ self, timing, startMs: nowMs }, this.#post);
    this.#leader = new Leader({ gatherMs: heartbeatMs / 2, gatherMsMax: 2 * silenceMs });
    this.#beside = new Beside({ memberMs: silenceMs, strangerMs: heartbeatMs });
    const beside = (attempt: Attempt, members: readonly Member[], atMs: number): string | null =>
      this.#beside.enter(attempt, members, this.#neighbours, atMs);
    this.#views = new Views({ self, repeatMs, find, beside }, this.#post);
    this.#agreement = new Agreement(
      { self, repeatMs },
      {
        post: this.#post,
        find,
        freeze: () => this.#views.freeze(),
        install: (install) => this.#views.recover(install, this.#nowMs),
      },
    );
    this.#patienceMs = Math.max(PATIENCE * repeatMs, silenceMs);
    this.#quietUntilMs = nowMs + silenceMs;
    this.#nowMs = nowMs;
    this.#wakeMs = nowMs;
    this.#sayAtMs = nowMs;
  }

  /** The one we are in, even when it is about to change. */
  get view(): View | null {
    return this.#views.view;
  }

  hears(): readonly Hears[] {
    const members = new Set(this.view?.members.map(({ bootId }) => bootId));
    return this.#detector.hears(({ bootId }) => members.has(bootId));
  }

  /**
   * A datagram that says for us that we have left: for whoever sees us die, to be cast then. It
   * goes before everything that we say ourselves, whenever that was.
   */
  lastWord(): Uint8Array {
    const word = { ...this.#heartbeat(this.#nowMs), stamp: STAMP_MAX, heard: [], leaving: true };
    return this.#post.codec.encode(word, 0);
  }

  /** The first one is a tick, at once. */
  step(event: RingEvent): readonly RingEffect[] {
    if (this.#left) return [];
    const nowMs = Math.max(event.nowMs, this.#nowMs);
    this.#catchUp(nowMs);
    this.#stirred ||= event.kind !== 'datagram';
    this.#take(event, nowMs);
    // Most datagrams are heartbeats that say what the last ones said.
    const busy = this.#stirred || this.#detector.changed;
    if (busy && !this.#left) this.#settle(nowMs, event.kind === 'tick');
    return this.#post.take();
  }

  /** Did we run? Steps that came in the meantime show it as well as the tick that was due. */
  #catchUp(nowMs: number): void {
    const { heartbeatMs, silenceMs } = this.#options.timing;
    const lateMs = nowMs - Math.max(this.#wakeMs, this.#nowMs);
    this.#nowMs = nowMs;
    if (lateMs > silenceMs / 2) {
      this.#post.report(`we did not run for ${Math.round(lateMs)} ms`);
      this.#detector.forgetAll(nowMs);
      this.#dropView(nowMs);
    } else if (lateMs > heartbeatMs) {
      this.#detector.excuse(lateMs);
    }
  }

  #dropView(nowMs: number): void {
    this.#agreement.withdraw();
    this.#views.drop();
    this.#quietUntilMs = nowMs + this.#options.timing.silenceMs;
  }

  #take(event: RingEvent, nowMs: number): void {
    switch (event.kind) {
      case 'tick':
        return;
      case 'datagram': {
        const why = this.#detector.linkUp ? this.#takeDatagram(event, nowMs) : 'link-down';
        if (why !== null) this.dropped[why] = (this.dropped[why] ?? 0) + 1;
        return;
      }
      case 'died':
        this.#detector.died(event.member, nowMs);
        return;
      case 'link':
        this.#detector.link(event.up, nowMs);
        return;
      case 'serving':
        this.#serving = event.on;
        return;
      case 'send':
        this.#views.send(event.bytes, nowMs);
        return;
      case 'leave':
        this.#leave(nowMs);
        return;
      default:
        unreachable(event);
    }
  }

  /** @returns why it was dropped, or null */
  #takeDatagram(event: RingEvent & { kind: 'datagram' }, nowMs: number): DropReason | null {
    const datagram = this.#post.codec.decode(event.bytes);
    if (typeof datagram === 'string') return datagram;
    const { from, to, packet } = datagram;
    if (packet.kind === 'heartbeat') {
      const fault = this.#detector.hear(packet, from, event.from, nowMs);
      if (fault === null) this.#agreement.see(packet.epochMax);
      return fault;
    }
    if (to !== this.#options.self.bootId) return 'not-for-us';
    const peer = this.#detector.peer(from);
    if (peer === undefined || peer.ended !== null) return 'unknown-sender';
    this.#stirred = true;
    return this.#takePacket(peer, packet, nowMs);
  }

  #takePacket(peer: Peer, packet: Exclude<Packet, Heartbeat>, nowMs: number): DropReason | null {
    switch (packet.kind) {
      case 'propose':
        return this.#takePropose(peer, packet, nowMs);
      case 'accept':
        return this.#agreement.takeAccept(peer, packet) ? null : 'other-attempt';
      case 'refuse':
        this.#takeRefuse(peer, packet, nowMs);
        return null;
      case 'install':
        // The one we are busy with may come twice.
        if (this.#views.recovery !== null) return 'other-attempt';
        return this.#agreement.takeInstall(peer, packet) ? null : 'other-attempt';
      case 'fetch':
        return this.#views.takeFetch(peer, packet) ? null : 'other-view';
      case 'fragment':
      case 'ack':
        return this.#views.take(peer.member.bootId, packet, nowMs) ? null : 'other-view';
      default:
        return unreachable(packet);
    }
  }

  #takePropose(peer: Peer, packet: Propose, nowMs: number): DropReason | null {
    const { members } = packet;
    const selfIn = members.some((member) => sameMember(member, this.#options.self));
    if (!selfIn || !sameMember(members[0]!, peer.member)) return 'implausible';
    this.#choose(nowMs);
    const why = this.#whyNot(peer, members);
    // With its reasons: the leader is to see what we see before it tries again.
    if (why !== null) this.#post.transmit(peer, this.#heartbeat(nowMs));
    this.#agreement.takePropose(peer, packet, why, nowMs);
    return null;
  }

  #whyNot(leader: Peer, members: readonly Member[]): Refusal | null {
    const apart = members.some(({ bootId }) => {
      return bootId !== this.#options.self.bootId && !this.#detector.peer(bootId)?.connected;
    });
    if (apart || this.#detector.out) return 'apart';
    const choice = this.#choice;
    const other = choice?.kind === 'follow' && choice.leader.member.name < leader.member.name;
    return other ? 'follows' : null;
  }

  #takeRefuse(peer: Peer, packet: Refuse, nowMs: number): void {
    if (!this.#agreement.takeRefuse(peer, packet)) return;
    const { repeatMs } = this.#options.timing;
    this.#leader.refused(packet.why === 'stale' ? nowMs : nowMs + repeatMs);
    if (packet.why !== 'follows' || peer.leader === null) return;
    // One that follows a leader we have just lost will lose it too: ask again. Otherwise leave all
    // of them to it, or each would be asked in its turn, and those who accept be blocked meanwhile.
    const { bootId } = peer.leader;
    if (isLost(this.#surroundings(), bootId, nowMs)) return;
    for (const other of this.#neighbours) {
      if (other.leader?.bootId === bootId) other.refusedFor = bootId;
    }
    this.#detector.changed = true;
  }

  #leave(nowMs: number): void {
    this.#left = true;
    // Nobody will answer for us, so it is said three times.
    for (let i = 0; i < 3; i++) this.#post.cast({ ...this.#heartbeat(nowMs), leaving: true });
  }

  #settle(nowMs: number, isTick: boolean): void {
    this.#stirred = false;
    if (isTick || this.#detector.changed) {
      this.#detector.update(nowMs);
      this.#impatient(nowMs);
    }
    if (this.#detector.out && !this.#wasOut) this.#dropView(nowMs);
    this.#wasOut = this.#detector.out;
    this.#choose(nowMs);
    this.#lead(nowMs);
    this.#lookBeside(nowMs);
    if (isTick) this.#agreement.repeat(nowMs, this.#views.recovery !== null);
    this.#views.advance(this.#agreement, nowMs);
    if (isTick) {
      this.#views.flush(nowMs);
      if (nowMs >= this.#sayAtMs) this.#say(nowMs);
    }
    this.#wake(nowMs, isTick);
  }

  /** Whoever keeps all others waiting is left out, or one broken member would stop the group. */
  #impatient(nowMs: number): void {
    const startMs = nowMs - this.#patienceMs;
    const { accepted, waitsMs, proposal } = this.#agreement;
    const { recovery } = this.#views;
    const late: number[] = [];
    if (proposal !== null && proposal.startedMs <= startMs) {
      late.push(...proposal.missing.map(({ bootId }) => bootId));
    }
    if (recovery !== null && recovery.progressMs <= startMs) {
      late.push(...recovery.holders);
      recovery.progressMs = nowMs;
    }
    // A leader that waits for somebody else loses its patience first, and asks anew.
    const waits = recovery === null && isPursued(this.#surroundings(), nowMs);
    if (waits && nowMs - waitsMs >= 3 * this.#patienceMs) {
      late.push(accepted.bootId);
      this.#agreement.giveUp();
    }
    for (const bootId of late) {
      const peer = this.#detector.peer(bootId);
      if (peer !== undefined) this.#detector.suspect(peer, 'it does not answer', nowMs);
    }
  }

  #choose(nowMs: number): void {
    const quiet = nowMs < this.#quietUntilMs && this.#detector.linkUp;
    if (!this.#detector.changed && quiet === this.#wasQuiet) return;
    this.#detector.changed = false;
    this.#wasQuiet = quiet;
    this.#neighbours = this.#detector.neighbours();
    const { self, timing } = this.#options;
    const present = { view: this.#views.attempt, coming: this.#detector.coming(nowMs) };
    const choice = choose(self, this.#neighbours, present);
    const silent = this.#detector.out || (quiet && !seesGroup(self, this.#neighbours));
    this.#choice = choice.kind === 'lead' && silent ? null : choice;
    if (this.#content(nowMs) === this.#saidLast) return;
    const soonMs = this.#saidMs + timing.heartbeatMs / 4;
    this.#sayAtMs = Math.min(this.#sayAtMs, Math.max(nowMs, soonMs));
  }

  #lead(nowMs: number): void {
    const choice = this.#choice;
    if (choice?.kind !== 'lead') {
      this.#leader.rest(this.#views.frozen);
      return;
    }
    const known = this.#surroundings();
    const want = this.#leader.wants(situationOf(known, choice.clique, nowMs), nowMs);
    if (want === 'nothing') return;
    const clique = want === 'clique' ? choice.clique : stayersOf(known);
    this.#agreement.propose(clique, nowMs);
  }

  #surroundings(): Surroundings {
    return {
      self: this.#options.self,
      timing: this.#options.timing,
      detector: this.#detector,
      neighbours: this.#neighbours,
      agreement: this.#agreement,
      views: this.#views,
    };
  }

  /** Of the members of our view those that are in it still, as far as we hear. */
  get #livingSize(): number {
    if (this.view === null) return 0;
    const { attempt } = this.#views;
    return 1 + this.#neighbours.filter((peer) => sameAttempt(peer.view, attempt)).length;
  }

  #lookBeside(nowMs: number): void {
    const { attempt } = this.#views;
    const own = this.view && { attempt, size: this.#livingSize };
    const found = this.#beside.update(own, this.#neighbours, nowMs);
    if (found === undefined) return;
    this.#post.report(
      found === null
        ? 'no view goes before ours'
        : `${found} is beside us, in a view that goes first`,
    );
    this.#post.deliver({ kind: 'beside', member: found });
  }

  #heartbeat(nowMs: number): Heartbeat {
    const { self } = this.#options;
    const choice = this.#choice;
    const leader = choice?.kind === 'follow' ? choice.leader.member : choice && self;
    const clique = choice?.kind === 'lead' ? choice.clique : [];
    return {
      kind: 'heartbeat',
      name: self.name,
      stamp: this.#detector.nextStamp(nowMs),
      epochMax: this.#agreement.epochMax,
      view: this.#views.attempt,
      size: this.#serving ? this.#livingSize : 0,
      accepted: this.#agreement.accepted,
      leaving: false,
      out: this.#detector.out,
      leader,
      heard: this.#detector.heard(new Set(clique.map(({ bootId }) => bootId)), nowMs),
    };
  }

  #say(nowMs: number): void {
    this.#saidLast = this.#content(nowMs);
    this.#saidMs = nowMs;
    this.#sayAtMs = nowMs + this.#options.timing.heartbeatMs;
    this.#post.cast(this.#heartbeat(nowMs));
  }

  /** What is worth saying before the next heartbeat is due. */
  #content(nowMs: number): string {
    const choice = this.#choice;
    const clique = choice?.kind === 'lead' ? choice.clique : [];
    const taken = new Set(clique.map(({ bootId }) => bootId));
    const leader = choice?.kind === 'follow' ? choice.leader.member.bootId : choice?.kind;
    const heard = this.#detector.heard(taken, nowMs);
    return `${leader} ${heard.map(({ bootId, flags }) => `${bootId}:${flags}`).join()}`;
  }

  #wake(nowMs: number, isTick: boolean): void {
    const { recovery } = this.#views;
    const dueMs = Math.min(
      this.#sayAtMs,
      this.#detector.dueMs,
      this.#wasQuiet ? this.#quietUntilMs : Number.POSITIVE_INFINITY,
      this.#leader.dueMs(nowMs),
      this.#beside.dueMs,
      this.#agreement.repeatDueMs(recovery !== null),
      recovery?.dueMs(this.#options.timing.repeatMs) ?? Number.POSITIVE_INFINITY,
      this.#views.dueMs,
    );
    // What a tick has left undone can wait, or nobody else would ever have a turn.
    const atMs = Math.max(dueMs, isTick ? nowMs + TURN_MS : nowMs);
    if (!isTick && atMs >= this.#wakeMs) return;
    this.#wakeMs = atMs;
    this.#post.add({ kind: 'wake', atMs });
  }
}
