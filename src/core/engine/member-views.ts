/**
 * Views and messages as `group.ts` promises them, made of what an engine of others gives.
 *
 *     engine's change ─► hello of each ─► one says `install`, with the hellos it goes by ─► view
 *      (blocked)          in agreed order, as everything here
 *
 * A hello says where its sender comes from, and what it had delivered there when the attempt began.
 * From then on all in the engine's membership deliver the same, so those who had the same come
 * along together. What a member has sent in its view comes before its hello, and so before the next
 * view. An attempt begins with each change of the engine, and with a hello after the last one was
 * over: of somebody who was late, or was left out, or has noticed that another one is silent.
 *
 * Who says nothing is left out after `helloMs`: the engine counts in programs that are not ours,
 * and processes that have stopped. A member has stopped when `SIGNS_MISSED` of our own signs of
 * life have come back and none of its: an engine that stands still, as it does while a token is
 * missed, makes nobody silent.
 *
 * What a newcomer gets wrong: there is no clock in any decision that two members must take alike;
 * those are taken at the same place of the engine's order. Time only decides when to ask for one.
 */
import type { GroupEvent, Member } from '../ring/group.ts';
import { MESSAGE_BYTES_MAX } from '../ring/group.ts';
import { unreachable } from '../util/assert.ts';
import { Attempt } from './attempt.ts';
import type { EngineEvent, EngineMember } from './engine.ts';
import { aloneOf, type Installed, installedOf } from './installed.ts';
import {
  type Alive,
  type Data,
  decode,
  encode,
  type Hello,
  hashOfMembers,
  type Install,
  sameAttempt,
  sameTag,
  type Word,
} from './words.ts';

export type ViewsTiming = {
  /** Between two signs of life. */
  readonly aliveMs: number;
  /** How long a hello is waited for. */
  readonly helloMs: number;
  /** Nothing of ours comes back: the engine is given up, and joined anew. */
  readonly stuckMs: number;
};

export type ViewsOptions = {
  readonly self: Member;
  /** Members of other groups are strangers. */
  readonly group: string;
  readonly timing: ViewsTiming;
};

export type ViewsEvent =
  | { readonly kind: 'engine'; readonly nowMs: number; readonly event: EngineEvent }
  | { readonly kind: 'send'; readonly nowMs: number; readonly bytes: Uint8Array }
  | { readonly kind: 'tick'; readonly nowMs: number };

export type ViewsEffect =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  | { readonly kind: 'deliver'; readonly event: GroupEvent }
  /** Leave the engine and join it anew. It counts as lost from here on. */
  | { readonly kind: 'rejoin' }
  /** The next tick, at the latest. Replaces what was asked before. */
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'report'; readonly text: string };

/** Somebody whom the engine counts in, and we do not. */
export type Stranger = { readonly member: EngineMember; readonly why: string };

/** A member's silence, in signs of life of our own that have come back since. */
const SIGNS_MISSED = 6;

/** Signs of life of somebody in another view: by then one of us should have said hello. */
const SIGNS_APART = 3;

/** Messages that wait for a view: more than the keeper says in an hour. */
const HELD_MAX = 10_000;

export class MemberViews {
  readonly #options: ViewsOptions;
  readonly #effects: ViewsEffect[] = [];
  #nowMs: number;
  /** Of the engine, in its order; null: there is no engine. */
  #members: readonly EngineMember[] | null = null;
  #self: EngineMember = '';
  #attempt: Attempt | null = null;
  #hellos = 0;
  #epoch = 0;
  #installed: Installed | null = null;
  #blocked = false;
  /** Sent while there was no open view. */
  readonly #held: Uint8Array[] = [];
  /** Own signs of life that have come back since the last word of each. */
  readonly #missed = new Map<EngineMember, number>();
  /** Signs of life of others that were in another view than we. */
  readonly #apart = new Map<EngineMember, number>();
  /** Left out for saying nothing: not waited for again until they speak. */
  readonly #mute = new Set<EngineMember>();
  /** Who said something that makes it none of ours. */
  readonly #foreign = new Map<EngineMember, string>();
  /** When our last sign of life was given; null: it has come back. */
  #signMs: number | null = null;
  #signDueMs = Number.POSITIVE_INFINITY;
  #wakeMs = Number.POSITIVE_INFINITY;
  /** Words that counted for nothing. */
  ignored = 0;

  constructor(options: ViewsOptions, nowMs: number) {
    this.#options = options;
    this.#nowMs = nowMs;
  }

  get view(): Installed['view'] | null {
    return this.#installed?.view ?? null;
  }

  strangers(): readonly Stranger[] {
    const ours = this.#installed?.members ?? [];
    return (this.#members ?? [])
      .filter((member) => !ours.includes(member) && member !== this.#self)
      .map((member) => ({ member, why: this.#whyStranger(member) }));
  }

  /** @returns what to do, in this order */
  step(event: ViewsEvent): readonly ViewsEffect[] {
    this.#effects.length = 0;
    this.#notice(event.nowMs);
    switch (event.kind) {
      case 'engine':
        this.#learn(event.event);
        break;
      case 'send':
        this.#send(event.bytes);
        break;
      case 'tick':
        break;
      default:
        unreachable(event);
    }
    this.#act();
    return [...this.#effects];
  }

  /** Others may have gone on without a process that did not run: half of what they wait for. */
  #notice(nowMs: number): void {
    const { aliveMs } = this.#options.timing;
    const isLate = nowMs - this.#wakeMs > (aliveMs * SIGNS_MISSED) / 2;
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    // What is asked for once only is not asked for while this lasts.
    this.#wakeMs = isLate ? this.#nowMs : this.#wakeMs;
    if (!isLate || this.#installed === null) return;
    this.#stall();
    if (this.#members === null) this.#goAlone();
    else this.#sayHello();
  }

  #learn(event: EngineEvent): void {
    switch (event.kind) {
      case 'membership':
        if (event.members.includes(event.self)) this.#change(event.members, event.self);
        else this.#lose('it counts us out');
        return;
      case 'changing':
        this.#block();
        return;
      case 'message':
        this.#hear(event.sender, event.bytes);
        return;
      case 'lost':
        this.#lose(event.reason);
        return;
      default:
        unreachable(event);
    }
  }

  #change(members: readonly EngineMember[], self: EngineMember): void {
    if (this.#members === null) {
      this.#signMs = null;
      this.#signDueMs = this.#nowMs;
    }
    this.#members = members;
    this.#self = self;
    this.#apart.clear();
    for (const map of [this.#missed, this.#foreign]) {
      for (const member of [...map.keys()]) if (!members.includes(member)) map.delete(member);
    }
    for (const member of [...this.#mute]) if (!members.includes(member)) this.#mute.delete(member);
    for (const member of members) this.#missed.set(member, 0);
    this.#begin({ members: hashOfMembers(members), index: 0 });
  }

  #begin(tag: Attempt['tag']): void {
    this.#attempt = new Attempt(tag, this.#nowMs);
    this.#block();
    this.#sayHello();
  }

  #block(): void {
    if (this.#installed === null || this.#blocked) return;
    this.#blocked = true;
    this.#deliver({ kind: 'blocked' });
  }

  #sayHello(): void {
    if (this.#attempt === null) return;
    const { self, group } = this.#options;
    const installed = this.#installed;
    this.#transmit({
      kind: 'hello',
      group,
      name: self.name,
      bootId: self.bootId,
      self: this.#self,
      number: ++this.#hellos,
      attempt: this.#attempt.tag,
      epoch: this.#epoch,
      from: installed?.tag ?? null,
      count: installed?.count ?? 0,
      digest: installed?.digest ?? 0,
    });
  }

  #hear(sender: EngineMember, bytes: Uint8Array): void {
    const word = this.#members?.includes(sender) ? decode(bytes) : null;
    if (word === null) {
      this.ignored++;
      if (this.#members?.includes(sender)) this.#foreign.set(sender, 'it speaks no word of ours');
      return;
    }
    this.#missed.set(sender, 0);
    switch (word.kind) {
      case 'hello':
        this.#hearHello(sender, word);
        return;
      case 'install':
        this.#hearInstall(sender, word);
        return;
      case 'data':
        this.#hearData(sender, word);
        return;
      case 'alive':
        if (sender === this.#self) this.#countSign();
        else this.#compare(sender, word);
        return;
      default:
        unreachable(word);
    }
  }

  #hearHello(sender: EngineMember, hello: Hello): void {
    const attempt = this.#attempt;
    const stranger = this.#whyForeign(sender, hello);
    if (stranger !== null) {
      this.ignored++;
      this.#foreign.set(sender, stranger);
      return;
    }
    if (attempt === null || hello.attempt.members !== attempt.tag.members) return;
    this.#foreign.delete(sender);
    this.#mute.delete(sender);
    const { members, index } = attempt.tag;
    // Somebody knows of an attempt that came and went for the same members before.
    if (hello.attempt.index > index) this.#begin(hello.attempt);
    // It only begins the next attempt: what its sender has delivered may be more by now.
    else if (attempt.over) this.#begin({ members, index: index + 1 });
    const isOld = sender === this.#self && hello.number !== this.#hellos;
    if (isOld || !sameAttempt(hello.attempt, this.#attempt!.tag)) return;
    this.#attempt!.hellos.set(sender, hello);
  }

  /** Two views in one membership, and nobody says hello: so we do. */
  #compare(sender: EngineMember, { view }: Alive): void {
    const isApart =
      this.#attempt?.over === true &&
      !this.#foreign.has(sender) &&
      !sameTag(view, this.#installed?.tag ?? null);
    const signs = isApart ? (this.#apart.get(sender) ?? 0) + 1 : 0;
    this.#apart.set(sender, signs % SIGNS_APART);
    if (signs === SIGNS_APART) this.#sayHello();
  }

  #whyForeign(sender: EngineMember, { group, self }: Hello): string | null {
    if (self !== sender) return 'it repeats what another one said';
    return group === this.#options.group ? null : `it is of the group ${group}`;
  }

  #hearInstall(sender: EngineMember, install: Install): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    if (sender === this.#self) attempt.proposed = false;
    if (attempt.over || !sameAttempt(install.attempt, attempt.tag)) return;
    const chosen = attempt.chosenBy(sender, install);
    if (chosen === null) return;
    const own = chosen.find(({ member }) => member === this.#self)?.hello;
    // Of an attempt like this one that we have left since; our next hello is on its way.
    if (own !== undefined && own.number !== this.#hellos) return;
    attempt.over = true;
    for (const member of this.#members!) {
      if (!attempt.hellos.has(member)) this.#leaveOut(member);
    }
    const names = new Set(chosen.map(({ hello }) => hello.name));
    const members = new Set(chosen.map(({ member }) => member));
    for (const [member, { name }] of attempt.hellos) {
      if (!members.has(member) && names.has(name)) this.#reportTwice(member, name);
    }
    if (own === undefined) {
      this.#stall();
      return;
    }
    const proposer = chosen.find(({ member }) => member === sender)!.hello;
    this.#install(installedOf(chosen, { epoch: install.epoch, proposer, self: this.#self }));
  }

  #leaveOut(member: EngineMember): void {
    if (this.#mute.has(member) || member === this.#self) return;
    this.#mute.add(member);
    this.#report(`${member} says nothing of ours: the engine counts it, we go on without`);
  }

  #reportTwice(member: EngineMember, name: string): void {
    if (member === this.#self) this.#report(`another ${name} is in the group: we stay out`);
    else {
      this.#foreign.set(member, `another ${name} was here first`);
      this.#report(`another ${name}, ${member}, stays out: this one was here first`);
    }
  }

  #install(installed: Installed): void {
    this.#installed = installed;
    this.#epoch = Math.max(this.#epoch, installed.tag.epoch);
    this.#blocked = false;
    for (const member of installed.members) this.#missed.set(member, 0);
    this.#deliver({ kind: 'view', view: installed.view, beside: null });
    for (const bytes of this.#held.splice(0)) this.#send(bytes);
  }

  #hearData(sender: EngineMember, data: Data): void {
    const senderIndex = this.#installed?.take(sender, data) ?? null;
    if (senderIndex === null) this.ignored++;
    else this.#deliver({ kind: 'message', senderIndex, bytes: data.bytes });
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > MESSAGE_BYTES_MAX) return;
    const installed = this.#installed;
    if (installed === null || this.#blocked) {
      if (this.#held.length < HELD_MAX) this.#held.push(bytes);
      return;
    }
    if (this.#members === null) {
      this.#deliver({ kind: 'message', senderIndex: 0, bytes });
      return;
    }
    const sequence = installed.sent++;
    this.#transmit({ kind: 'data', view: installed.tag, sequence, bytes });
  }

  /** Alone until there is an engine again: what the addresses do then is the policy's. */
  #lose(reason: string): void {
    const isAlone = this.#members === null && this.#installed !== null;
    this.#members = null;
    this.#attempt = null;
    this.#missed.clear();
    this.#mute.clear();
    this.#foreign.clear();
    if (isAlone) return;
    this.#report(`the engine is lost: ${reason}`);
    this.#stall();
    this.#goAlone();
  }

  #goAlone(): void {
    this.#install(aloneOf(this.#options.self, ++this.#epoch));
  }

  /** Whatever is held for the group is somebody else's by now, or will be before we can tell. */
  #stall(): void {
    if (this.#installed === null) return;
    this.#installed = null;
    this.#blocked = false;
    this.#held.length = 0;
    this.#deliver({ kind: 'stalled' });
  }

  #countSign(): void {
    this.#signMs = null;
    for (const [member, missed] of this.#missed) this.#missed.set(member, missed + 1);
    this.#missed.set(this.#self, 0);
  }

  /** What is due, and when the next thing will be. */
  #act(): void {
    if (this.#members !== null) {
      if (this.#signMs !== null && this.#nowMs - this.#signMs >= this.#options.timing.stuckMs) {
        this.#effects.push({ kind: 'rejoin' });
        this.#lose('nothing of ours comes back');
      } else {
        this.#giveSign();
        this.#lookForSilent();
        this.#propose();
      }
    }
    this.#wakeMs = this.#dueMs();
    this.#effects.push({ kind: 'wake', atMs: this.#wakeMs });
  }

  /** The next one only when the last has come back: they measure how the engine flows. */
  #giveSign(): void {
    if (this.#signMs !== null || this.#nowMs < this.#signDueMs) return;
    this.#signMs = this.#nowMs;
    this.#signDueMs = this.#nowMs + this.#options.timing.aliveMs;
    this.#transmit({ kind: 'alive', view: this.#installed?.tag ?? null });
  }

  /** Each of those who see it may ask for a view without: one hello begins it for all. */
  #lookForSilent(): void {
    if (this.#attempt?.over !== true) return;
    const silent = (this.#installed?.members ?? []).filter((member) => {
      return !this.#mute.has(member) && (this.#missed.get(member) ?? 0) >= SIGNS_MISSED;
    });
    if (silent.length === 0) return;
    for (const member of silent) {
      this.#mute.add(member);
      this.#report(`${member} is silent: it does not run, though the engine counts it`);
    }
    this.#sayHello();
  }

  #propose(): void {
    const attempt = this.#attempt;
    if (attempt === null || this.#proposalDueMs() > this.#nowMs) return;
    const epochs = [...attempt.hellos.values()].map(({ epoch }) => epoch);
    this.#epoch = Math.max(this.#epoch, ...epochs) + 1;
    const chosen = attempt
      .choose(this.#members!, this.#present)
      .map(({ member, hello: { number } }) => ({ member, number }));
    attempt.proposed = true;
    this.#transmit({ kind: 'install', attempt: attempt.tag, epoch: this.#epoch, chosen });
  }

  get #present(): readonly Member[] {
    return this.#installed?.view.members ?? [];
  }

  #proposalDueMs(): number {
    if (this.#attempt === null || this.#members === null) return Number.POSITIVE_INFINITY;
    const [members, self, mute, nowMs] = [this.#members, this.#self, this.#mute, this.#nowMs];
    const { helloMs } = this.#options.timing;
    const present = this.#present;
    return this.#attempt.dueMs({ members, self, present, mute, nowMs, helloMs });
  }

  #dueMs(): number {
    const { aliveMs, stuckMs } = this.#options.timing;
    // Seldom enough to be done for nothing, and often enough to notice that we did not run.
    const nextMs = this.#nowMs + aliveMs;
    if (this.#members === null) return nextMs;
    const signMs = this.#signMs === null ? this.#signDueMs : this.#signMs + stuckMs;
    return Math.min(nextMs, signMs, this.#proposalDueMs());
  }

  #whyStranger(member: EngineMember): string {
    const known = this.#foreign.get(member);
    if (known !== undefined) return known;
    return this.#mute.has(member) ? 'it says nothing of ours' : 'it has just come';
  }

  #transmit(word: Word): void {
    this.#effects.push({ kind: 'transmit', bytes: encode(word) });
  }

  #deliver(event: GroupEvent): void {
    this.#effects.push({ kind: 'deliver', event });
  }

  #report(text: string): void {
    this.#effects.push({ kind: 'report', text });
  }
}
