/**
 * The leader's side of one attempt at a view: who was asked, what they answered, what they install.
 *
 * What a newcomer gets wrong: a view needs the consent of all in it, not of most. Who does not
 * answer is left out of the next attempt; a majority would not help, since nobody but the members
 * themselves knows what they hold of their old view.
 */
import { assert } from '../util/assert.ts';
import type { Member } from './group.ts';
import type { Accept, Attempt, Install, Target } from './packet.ts';
import { sameAttempt } from './packet.ts';

/** Where a member comes from: the view it leaves, and how much it holds of each stream of it. */
export type Standing = Pick<Accept, 'oldView' | 'received'>;

export class Proposal {
  readonly attempt: Attempt;
  readonly members: readonly Member[];
  readonly startedMs: number;
  /** The members were last asked, those who had not answered. */
  askedMs: number;
  readonly #answers: (Standing | undefined)[];

  constructor(attempt: Attempt, members: readonly Member[], nowMs: number) {
    this.attempt = attempt;
    this.members = members;
    this.startedMs = nowMs;
    this.askedMs = nowMs;
    this.#answers = members.map(() => undefined);
  }

  indexOf(bootId: number): number {
    return this.members.findIndex((member) => member.bootId === bootId);
  }

  /**
   * Once all have answered, answers count no more: installs went out with the first ones.
   *
   * @returns false when it contradicts what another of the same old view says
   */
  take(index: number, standing: Standing): boolean {
    if (this.complete) return true;
    const fellow = this.#answers.find(
      (other) => other !== undefined && sameAttempt(other.oldView, standing.oldView),
    );
    if (fellow !== undefined && fellow.received.length !== standing.received.length) return false;
    if (standing.oldView.epoch === 0 && standing.received.length > 0) return false;
    this.#answers[index] = standing;
    return true;
  }

  get missing(): readonly Member[] {
    return this.members.filter((_, index) => this.#answers[index] === undefined);
  }

  get complete(): boolean {
    return this.#answers.every((answer) => answer !== undefined);
  }

  /** What one member installs. It is told of those of its own old view only. */
  installFor(index: number): Install {
    const standing = this.#answers[index];
    assert(standing !== undefined && this.complete, 'all have accepted');
    const { oldView } = standing;
    const isNew = oldView.epoch === 0;
    const together: number[] = [];
    this.#answers.forEach((answer, other) => {
      const same = isNew ? other === index : sameAttempt(answer!.oldView, oldView);
      if (same) together.push(other);
    });
    const targets = standing.received.map((_, stream) => this.#target(stream, together));
    const { attempt, members } = this;
    return { kind: 'install', epoch: attempt.epoch, members, oldView, together, targets };
  }

  /** The most that any of them holds. */
  #target(stream: number, together: readonly number[]): Target {
    let target: Target = { count: -1, holder: -1 };
    for (const holder of together) {
      const count = this.#answers[holder]!.received[stream]!;
      if (count > target.count) target = { count, holder };
    }
    return target;
  }
}
