/**
 * The random numbers of one request, all from one seed: who knows it can draw them again, and so
 * `forehand why` shows the very order that `byRandom` made.
 *
 * The generator is mulberry32 (Tommy Ettinger, 2017, public domain): 32 bits of state, and even
 * enough to shuffle a cluster. What a newcomer gets wrong: there is a seed only once something was
 * drawn, as most chains draw nothing.
 */
export class Draws {
  /** A whole number from 1 to 2^32 - 1; 0: nothing was drawn for this request. */
  seed = 0;
  #state = 0;
  readonly #random: () => number;

  /** @param random where seeds come from, in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** A new request: what comes next has a seed of its own, or this one. */
  begin(seed = 0): void {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  next(): number {
    if (this.seed === 0) {
      this.seed = 1 + Math.floor(this.#random() * (2 ** 32 - 1));
      this.#state = this.seed | 0;
    }
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** What a request drew that began with this seed. */
export function drawsOf(seed: number): () => number {
  const draws = new Draws(() => 0);
  draws.begin(seed);
  return () => draws.next();
}
