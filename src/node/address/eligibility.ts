/**
 * Whether this machine is fit to hold addresses, as far as the machine itself can tell: its links,
 * its way to a gateway, its own proxy. What the group decides (quorum, same configuration) is not
 * here.
 *
 * What a newcomer gets wrong: a proxy that is well again is believed only after it has stayed well
 * for a while, and for longer each time it fails: an address that flaps is worse than one that
 * waits. All reasons are kept, not the first one.
 */
import type { Ineligibility } from '../../core/address/keeper-events.ts';

/** Well for this long after a first failure. */
const HOLD_DOWN_MS = 2_000;
const HOLD_DOWN_MS_MAX = 300_000;

/** A failure after this long without one counts as a first one again. */
const FORGIVE_MS = 600_000;

/**
 * A link that has just come back: the others are met again within this, and hold everything by now.
 * Without it a node alone for a moment takes the whole pool.
 */
const LINK_SETTLE_MS = 2_000;

/** A gateway that has not answered for this long is out of reach. */
export const GATEWAY_SILENT_MS = 3_000;

type Link = {
  up: boolean;
  /** Null: it has never had an address of its own. */
  own: boolean | null;
};

const UNKNOWN_LINK: Link = { up: false, own: null };

function isFit({ up, own }: Link): boolean {
  return up && own !== false;
}

function linkTrouble(name: string, { up, own }: Link): string | null {
  if (!up) return `${name} has no carrier`;
  return own === false ? `${name} has lost its own address` : null;
}

export class Eligibility {
  readonly #links = new Map<string, Link>();
  /** Since when each gateway has not been heard; own clock. */
  readonly #gatewaysMs = new Map<string, number>();
  /** It had a way to the others before. */
  #wasConnected = false;
  /** When it was cut off last and is so no more; null: the others have been met since. */
  #backMs: number | null = null;
  #sick: string | null = null;
  #failures = 0;
  #failedMs = Number.NEGATIVE_INFINITY;
  #wellMs = Number.NEGATIVE_INFINITY;

  constructor(interfaces: readonly string[], gateways: readonly string[], nowMs: number) {
    for (const name of interfaces) this.#links.set(name, { ...UNKNOWN_LINK });
    for (const gateway of gateways) this.#gatewaysMs.set(gateway, nowMs);
  }

  /** After a reload: of what is gone, nothing speaks against this node any more. */
  watch(interfaces: readonly string[], gateways: readonly string[], nowMs: number): void {
    for (const name of this.#links.keys()) {
      if (!interfaces.includes(name)) this.#links.delete(name);
    }
    for (const name of interfaces) {
      if (!this.#links.has(name)) this.#links.set(name, { ...UNKNOWN_LINK });
    }
    for (const gateway of this.#gatewaysMs.keys()) {
      if (!gateways.includes(gateway)) this.#gatewaysMs.delete(gateway);
    }
    for (const gateway of gateways) {
      if (!this.#gatewaysMs.has(gateway)) this.#gatewaysMs.set(gateway, nowMs);
    }
  }

  /** @returns whether the interface is one that counts */
  link(name: string, up: boolean, nowMs: number): boolean {
    const link = this.#links.get(name);
    if (link === undefined) return false;
    this.#change(link, { up }, nowMs);
    return true;
  }

  /**
   * Whether the machine has an address of its own there. One that never had one speaks to the
   * others elsewhere; one that has lost it cannot speak to them any more.
   */
  ownAddress(name: string, has: boolean, nowMs: number): void {
    const link = this.#links.get(name);
    if (link === undefined || (!has && link.own === null)) return;
    this.#change(link, { own: has }, nowMs);
  }

  /** There is a view with others: whoever was to be met has been. */
  met(): void {
    this.#backMs = null;
  }

  /** No interface of the pool has a carrier, and an address to speak from. */
  get cutOff(): boolean {
    return this.#links.size > 0 && [...this.#links.values()].every((link) => !isFit(link));
  }

  gatewayHeard(address: string, nowMs: number): void {
    if (this.#gatewaysMs.has(address)) this.#gatewaysMs.set(address, nowMs);
  }

  /** @param problem what is wrong with the proxy; null: nothing */
  proxy(problem: string | null, nowMs: number): void {
    if (problem !== null && this.#sick === null) {
      this.#failures = nowMs - this.#failedMs > FORGIVE_MS ? 1 : this.#failures + 1;
      this.#failedMs = nowMs;
    }
    if (problem === null && this.#sick !== null) this.#wellMs = nowMs;
    this.#sick = problem;
  }

  reasons(nowMs: number): Ineligibility[] {
    const reasons: Ineligibility[] = [];
    for (const [name, link] of this.#links) {
      const detail = linkTrouble(name, link);
      if (detail !== null) reasons.push({ reason: 'link-down', detail });
    }
    if (this.#backMs !== null && nowMs - this.#backMs < LINK_SETTLE_MS) {
      reasons.push({ reason: 'link-down', detail: 'back, and the others are being looked for' });
    }
    const silent = [...this.#gatewaysMs].filter(([, ms]) => nowMs - ms > GATEWAY_SILENT_MS);
    if (silent.length > 0 && silent.length === this.#gatewaysMs.size) {
      const names = silent.map(([address]) => address).join(', ');
      reasons.push({ reason: 'gateway-unreachable', detail: `no answer from ${names}` });
    }
    if (this.#sick !== null) reasons.push({ reason: 'proxy-sick', detail: this.#sick });
    else if (nowMs < this.#wellMs + this.#holdDownMs) {
      const restMs = this.#wellMs + this.#holdDownMs - nowMs;
      const detail = `well again, but failed ${this.#failures} times: ${Math.ceil(restMs)} ms to go`;
      reasons.push({ reason: 'proxy-sick', detail });
    }
    return reasons;
  }

  #change(link: Link, change: Partial<Link>, nowMs: number): void {
    const wasCutOff = this.cutOff;
    Object.assign(link, change);
    if (this.cutOff) return;
    // At the start there is nothing to come back to: the group is waited for anyway.
    if (wasCutOff && this.#wasConnected) this.#backMs = nowMs;
    this.#wasConnected = true;
  }

  get #holdDownMs(): number {
    return this.#failures === 0
      ? 0
      : Math.min(HOLD_DOWN_MS_MAX, HOLD_DOWN_MS * 2 ** (this.#failures - 1));
  }
}
