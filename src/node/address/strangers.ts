/**
 * Addresses of the pool that somebody outside the cluster answers for, until he has gone.
 *
 *     claim heard ─► (nobody takes it) ─► ask every 2 s ─► three rounds of silence: free
 *
 * What a newcomer gets wrong: we cannot make a stranger let go. Two machines with one address are
 * worse than none that answers, so the group stays down, and the log and the status say why.
 */
const ASK_MS = 2_000;
const SILENT_ROUNDS = 3;

export type StrangersParts = {
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
  /** Asks who has the addresses of the group. */
  readonly probe: (group: string) => void;
  /** Nobody has answered for the group for a while. */
  readonly onFree: (group: string) => void;
};

type Watch = { silentRounds: number; cancel: () => void };

export class Strangers {
  readonly #parts: StrangersParts;
  readonly #watches = new Map<string, Watch>();

  constructor(parts: StrangersParts) {
    this.#parts = parts;
  }

  /** Somebody who is not this node claims an address of the group. */
  heard(group: string): void {
    const watch = this.#watches.get(group);
    if (watch !== undefined) {
      watch.silentRounds = 0;
      return;
    }
    const begun: Watch = { silentRounds: 0, cancel: () => undefined };
    this.#watches.set(group, begun);
    this.#ask(group, begun);
  }

  stop(): void {
    for (const { cancel } of this.#watches.values()) cancel();
    this.#watches.clear();
  }

  #ask(group: string, watch: Watch): void {
    if (watch.silentRounds >= SILENT_ROUNDS) {
      this.#watches.delete(group);
      this.#parts.onFree(group);
      return;
    }
    watch.silentRounds++;
    this.#parts.probe(group);
    watch.cancel = this.#parts.after(() => this.#ask(group, watch), ASK_MS);
  }
}
