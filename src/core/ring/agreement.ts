/**
 * Agreeing on the next view.
 *
 *     leader                                member
 *       | propose (epoch, members) ---------> | stops delivering: `blocked`
 *       | <------ accept (old view, received) |
 *       |   ... of all members                |
 *       | install (who comes along, targets)->| fetches up to the targets, delivers the rest
 *                                             | of the old view, installs the new one
 *
 * A member follows the highest epoch it was asked for, and nothing lower ever after. The leader is
 * a member like the others and goes the same way, without datagrams.
 *
 * Why nobody has to wait for the others before it installs: all that come from one old view were
 * told the same targets, and have delivered nothing beyond what they said they hold. So each
 * delivers the same whatever becomes of the others. Who ends before it installs was never in the
 * new view as far as anybody can see, and is missing from the next one.
 *
 * What a newcomer gets wrong: an attempt may die at any point, and nothing is undone then. A member
 * is still in its old view, blocked, and says so to whoever asks next.
 */
import type { Member } from './group.ts';
import type { Accept, Attempt, Install, Propose, Refusal, Refuse } from './packet.ts';
import { NO_ATTEMPT, sameAttempt } from './packet.ts';
import type { Addressee, Post } from './post.ts';
import { Proposal, type Standing } from './proposal.ts';

export type AgreementOptions = {
  readonly self: Member;
  readonly repeatMs: number;
};

export type AgreementParts = {
  readonly post: Post;
  readonly find: (bootId: number) => Addressee | undefined;
  /** Stops the present view, if there is one, and says what we hold of it. */
  readonly freeze: () => Standing;
  readonly install: (install: Install) => void;
};

/** What we have agreed to, and nobody has told us yet to install. */
type Consent = {
  readonly attempt: Attempt;
  readonly standing: Standing;
  readonly sinceMs: number;
  saidMs: number;
  /** We do not wait for it any more. It is all the same if it is installed yet. */
  givenUp: boolean;
};

export class Agreement {
  /** The highest epoch heard of. */
  epochMax = 0;
  /** Nothing at or below this is accepted any more. */
  #epochAccepted = 0;
  #consent: Consent | null = null;
  #proposal: Proposal | null = null;
  readonly #options: AgreementOptions;
  readonly #parts: AgreementParts;

  constructor(options: AgreementOptions, parts: AgreementParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Accepted and waiting for its install. */
  get accepted(): Attempt {
    return this.#consent?.attempt ?? NO_ATTEMPT;
  }

  /** Since when we wait for its install; infinity when we do not. */
  get waitsMs(): number {
    const consent = this.#consent;
    return consent === null || consent.givenUp ? Number.POSITIVE_INFINITY : consent.sinceMs;
  }

  giveUp(): void {
    if (this.#consent !== null) this.#consent.givenUp = true;
  }

  /** Our own attempt that others have not all answered. */
  get proposal(): Proposal | null {
    return this.#proposal !== null && !this.#proposal.complete ? this.#proposal : null;
  }

  see(epoch: number): void {
    this.epochMax = Math.max(this.epochMax, epoch);
  }

  propose(members: readonly Member[], nowMs: number): void {
    const attempt = { epoch: this.epochMax + 1, bootId: this.#options.self.bootId };
    const proposal = new Proposal(attempt, members, nowMs);
    this.#proposal = proposal;
    this.#accept(attempt, nowMs);
    this.#ask(proposal);
    this.#take(this.#options.self.bootId, this.#consent!.standing);
  }

  /** @param refuse why we will not, or null */
  takePropose(from: Addressee, packet: Propose, refuse: Refusal | null, nowMs: number): void {
    const attempt = { epoch: packet.epoch, bootId: from.member.bootId };
    if (sameAttempt(attempt, this.accepted)) {
      this.#sayAccept(nowMs);
      return;
    }
    const why = packet.epoch <= this.#epochAccepted ? 'stale' : refuse;
    this.see(packet.epoch);
    if (why !== null) {
      const { epochMax } = this;
      this.#parts.post.transmit(from, {
        kind: 'refuse',
        epoch: packet.epoch,
        epochMax,
        why,
      });
      return;
    }
    this.#proposal = null;
    this.#accept(attempt, nowMs);
    this.#sayAccept(nowMs);
  }

  /** @returns false when it is not about anything we asked, or cannot be true */
  takeAccept(from: Addressee, packet: Accept): boolean {
    const proposal = this.#proposal;
    if (proposal === null || !sameAttempt(packet.attempt, proposal.attempt)) return false;
    return this.#take(from.member.bootId, packet);
  }

  /** @returns whether it is about the present attempt, which is then over */
  takeRefuse(from: Addressee, packet: Refuse): boolean {
    this.see(packet.epochMax);
    const { proposal } = this;
    if (proposal === null || proposal.attempt.epoch !== packet.epoch) return false;
    if (proposal.indexOf(from.member.bootId) === -1) return false;
    this.#proposal = null;
    return true;
  }

  /** @returns false when it is not what we agreed to, or cannot be true */
  takeInstall(from: Addressee, packet: Install): boolean {
    const attempt = { epoch: packet.epoch, bootId: from.member.bootId };
    const consent = this.#consent;
    if (consent === null || !sameAttempt(attempt, consent.attempt)) return false;
    const { standing } = consent;
    if (!sameAttempt(packet.oldView, standing.oldView)) return false;
    if (packet.targets.length !== standing.received.length) return false;
    if (packet.targets.some(({ count }, i) => count < standing.received[i]!)) return false;
    const selfIndex = packet.members.findIndex(
      ({ bootId }) => bootId === this.#options.self.bootId,
    );
    if (!packet.together.includes(selfIndex) || packet.members[0]?.bootId !== attempt.bootId) {
      return false;
    }
    this.#parts.install(packet);
    return true;
  }

  /** The accepted view is installed: the attempt is over, but late comers may ask for it again. */
  installed(): void {
    this.#consent = null;
  }

  /** We dropped our view: what we said about it is not true any more. */
  withdraw(): void {
    this.#consent = null;
    this.#proposal = null;
  }

  /** Asks again, answers again. */
  repeat(nowMs: number, installing: boolean): void {
    const { repeatMs } = this.#options;
    const { proposal } = this;
    if (proposal !== null && nowMs - proposal.askedMs >= repeatMs) {
      proposal.askedMs = nowMs;
      this.#ask(proposal);
    }
    const consent = this.#consent;
    if (consent === null || !this.#asksFor(consent, installing)) return;
    if (nowMs - consent.saidMs >= repeatMs) this.#sayAccept(nowMs);
  }

  repeatDueMs(installing: boolean): number {
    const { repeatMs } = this.#options;
    const { proposal } = this;
    const askMs = proposal === null ? Number.POSITIVE_INFINITY : proposal.askedMs + repeatMs;
    const consent = this.#consent;
    if (consent === null || !this.#asksFor(consent, installing)) return askMs;
    return Math.min(askMs, consent.saidMs + repeatMs);
  }

  /** What it accepted from another one, and has heard nothing more of. */
  #asksFor({ attempt, givenUp }: Consent, installing: boolean): boolean {
    return !installing && !givenUp && attempt.bootId !== this.#options.self.bootId;
  }

  #accept(attempt: Attempt, nowMs: number): void {
    this.see(attempt.epoch);
    this.#epochAccepted = attempt.epoch;
    const standing = this.#parts.freeze();
    const saidMs = Number.NEGATIVE_INFINITY;
    this.#consent = { attempt, standing, sinceMs: nowMs, saidMs, givenUp: false };
  }

  #sayAccept(nowMs: number): void {
    const consent = this.#consent!;
    consent.saidMs = nowMs;
    const leader = this.#parts.find(consent.attempt.bootId);
    if (leader === undefined) return;
    const { attempt, standing } = consent;
    this.#parts.post.transmit(leader, { kind: 'accept', attempt, ...standing });
  }

  #ask({ attempt, members, missing }: Proposal): void {
    for (const { bootId } of missing) {
      const member = this.#parts.find(bootId);
      if (bootId === this.#options.self.bootId || member === undefined) continue;
      this.#parts.post.transmit(member, { kind: 'propose', epoch: attempt.epoch, members });
    }
  }

  #take(bootId: number, standing: Standing): boolean {
    const proposal = this.#proposal!;
    const index = proposal.indexOf(bootId);
    if (index === -1) return false;
    const wasComplete = proposal.complete;
    if (!proposal.take(index, standing)) return false;
    if (!proposal.complete) return true;
    // The last one has answered: all install. Or one asks again, because it heard no install.
    if (wasComplete) this.#sayInstall(proposal, index);
    else for (const each of proposal.members.keys()) this.#sayInstall(proposal, each);
    return true;
  }

  #sayInstall(proposal: Proposal, index: number): void {
    const { bootId } = proposal.members[index]!;
    const install = proposal.installFor(index);
    if (bootId === this.#options.self.bootId) {
      this.#parts.install(install);
      return;
    }
    const member = this.#parts.find(bootId);
    if (member !== undefined) this.#parts.post.transmit(member, install);
  }
}
