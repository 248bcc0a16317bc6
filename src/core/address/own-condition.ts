/**
 * What this node knows of itself that decides whether it may hold, as its driver tells it.
 *
 * What a newcomer gets wrong: it counts at once here, and at the others only once they have been
 * told. A node whose link is down lets go first and speaks afterwards, if it can.
 */
import { isNever } from './eligibility.ts';
import type { Ineligibility } from './keeper-events.ts';
import { fittingCondition } from './keeper-message.ts';
import type { Condition, Stranger } from './member-facts.ts';

const DRAINING: Ineligibility = { reason: 'draining', detail: 'asked to give all away' };

function besideReason(leader: string): Ineligibility {
  return { reason: 'beside', detail: `the view of ${leader} is connected to us and goes first` };
}

/** Long enough for somebody to mend an interface; each try costs a planned move that fails. */
const FAILING_MS = 60_000;

export class OwnCondition {
  reasons: readonly Ineligibility[] = [];
  macs: readonly string[] = [];
  draining = false;
  /** Who leads a view that goes before ours; null: there is none. */
  beside: string | null = null;
  /** By group; each stays until the driver finds it free, or it turns out to be a member. */
  readonly strangers = new Map<string, Stranger>();
  /** Groups that could not be put up, and when to try them again. */
  readonly #failing = new Map<string, number>();

  get mustLetGo(): boolean {
    return this.beside !== null || this.reasons.some(isNever);
  }

  told(): Condition {
    const reasons = [
      ...this.reasons,
      ...(this.draining ? [DRAINING] : []),
      ...(this.beside === null ? [] : [besideReason(this.beside)]),
    ];
    const strangers = [...this.strangers.values()];
    return fittingCondition({ reasons, macs: this.macs, strangers, failing: this.failing });
  }

  get failing(): readonly string[] {
    return [...this.#failing.keys()];
  }

  /** @returns whether this is news */
  fail(group: string, nowMs: number): boolean {
    const news = !this.#failing.has(group);
    if (news) this.#failing.set(group, nowMs + FAILING_MS);
    return news;
  }

  /** It is up after all. */
  succeed(group: string): void {
    this.#failing.delete(group);
  }

  /** Of those it does not hold any more, so that they can be given to it again. */
  forgive(nowMs: number, holds: (group: string) => boolean): void {
    for (const [group, untilMs] of this.#failing) {
      if (nowMs >= untilMs && !holds(group)) this.#failing.delete(group);
    }
  }

  get forgiveAtMs(): readonly number[] {
    return [...this.#failing.values()];
  }

  /** @returns whether this is news */
  meet(stranger: Stranger): boolean {
    if (this.strangers.has(stranger.group)) return false;
    const { group, address, mac } = stranger;
    this.strangers.set(group, { group, address, mac });
    return true;
  }

  /** A member that has just introduced itself is no stranger. */
  recognise(isMembers: (mac: string) => boolean): void {
    for (const [group, { mac }] of this.strangers) {
      if (isMembers(mac)) this.strangers.delete(group);
    }
  }
}
