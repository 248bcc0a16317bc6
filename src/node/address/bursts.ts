/**
 * When to tell the neighbours that an address is here.
 *
 *     taken ─► 0, 10, 50, 200, 1000, 2000, 4000 ms ─► every refreshMs as long as it is held
 *
 * One announcement would do if none were lost. The second one is for a planned move: until then
 * the former holder may have answered a neighbour who asked it. The later ones reach a switch
 * that had just learned otherwise, a neighbour that had no room, and whoever heard a frozen former
 * holder in between; its kernel keeps the address for some seconds. The refresh is for switches,
 * which forget (300 s), and for neighbours that keep an old entry longer than that.
 *
 * What a newcomer gets wrong: an announcement is never sent for what is not held. `stop` is called
 * before an address is released, not after.
 */
export const BURST_MS: readonly number[] = [0, 10, 50, 200, 1_000, 2_000, 4_000];

export type BurstParts = {
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
};

export class Bursts {
  readonly #parts: BurstParts;
  /** Counts from each announcement that is yet to come. */
  refreshMs: number;
  readonly #announce: (group: string) => void;
  readonly #cancels = new Map<string, () => void>();

  /** @param announce tells the neighbours of all addresses of a group, once */
  constructor(refreshMs: number, announce: (group: string) => void, parts: BurstParts) {
    this.#parts = parts;
    this.refreshMs = refreshMs;
    this.#announce = announce;
  }

  /** From the beginning, also when one is under way. */
  start(group: string): void {
    this.stop(group);
    this.#run(group, 0);
  }

  stop(group: string): void {
    this.#cancels.get(group)?.();
    this.#cancels.delete(group);
  }

  stopAll(): void {
    for (const group of [...this.#cancels.keys()]) this.stop(group);
  }

  #run(group: string, round: number): void {
    this.#announce(group);
    const [nowMs, nextMs] = [BURST_MS[round], BURST_MS[round + 1]];
    const delayMs = nowMs === undefined || nextMs === undefined ? this.refreshMs : nextMs - nowMs;
    const cancel = this.#parts.after(() => this.#run(group, round + 1), delayMs);
    this.#cancels.set(group, cancel);
  }
}
